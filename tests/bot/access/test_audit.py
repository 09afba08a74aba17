"""The hash chain of the audit record: whatever is done to the record afterwards is seen, with the place where."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from bot.access.audit import KEPT, Act, Audit, started
from bot.access.chain import Breach, Break, digest_of, time_of, value_of
from bot.access.requester import Requester
from bot.config import JOBS, SigningKey
from bot.runs.requests import run_request
from bot.runs.runs import Runs
from bot.store.connection import connect
from bot.store.keys import Keys
from bot.store.scripts import Script
from tests.conftest import RedisServer

ACT = Act(by=Requester("on-call", "U1", "T1"), surface="command", command="cancel", line="cancel 1", cluster="prod")
KEYS = Keys("prod")
KEY = SigningKey(JOBS, b"0123456789abcdef")


@pytest.fixture
def audit(redis_client: Any) -> Audit:
    """A record with three acts, of two entries each but for the middle one, which starts a run."""
    made = Audit(redis_client, "prod")
    made.ended(made.began(ACT), "done")
    request = run_request("run", "prod", {"nic": {}}, nodes=(), run="r1", by=ACT.by, now=time.time())
    Runs(redis_client, "prod").submit(request, KEY, act=ACT)
    made.ended(made.began(ACT), "not done", "There is none.")
    return made


def ids(client: Any) -> list[str]:
    """The entries' ids."""
    return [entry.decode() for entry, _ in client.xrange(KEYS.audit)]


def test_every_entry_is_tied_to_the_one_before(redis_client: Any, audit: Audit) -> None:
    """Also the one that a run's own script adds; the record says from where to where it is whole."""
    verified = audit.verify()

    entries = redis_client.xrange(KEYS.audit)
    values = [fields[b"chain"].decode() for _, fields in entries]
    assert [b"", *(value.encode() for value in values[:-1])] == [fields[b"before"] for _, fields in entries]
    assert [b"1", b"2", b"3", b"4", b"5"] == [fields[b"number"] for _, fields in entries]
    assert values[0] == value_of("", digest_of(entries[0][1]), 1, ids(redis_client)[0])
    assert (True, (), 5, 0) == (verified.whole, verified.breaks, verified.entries, verified.older)
    assert verified.first is not None
    assert verified.last is not None
    assert (ids(redis_client)[0], ids(redis_client)[-1]) == (verified.first.entry, verified.last.entry)
    assert (5, values[-1]) == (verified.last.number, verified.last.chain)
    assert values[0] == audit.read()[0].chain


def test_an_empty_record_is_whole(redis_client: Any) -> None:
    """Nothing was done yet."""
    verified = Audit(redis_client, "prod").verify()

    assert (True, 0, None, None) == (verified.whole, verified.entries, verified.first, verified.last)


def test_the_digest_depends_on_every_byte_and_border() -> None:
    """Moving a letter from a value to the next, or to a name, is another content."""
    one = digest_of({b"outcome": b"done", b"detail": b"x"})

    assert one == digest_of({b"detail": b"x", b"outcome": b"done", b"chain": b"y", b"before": b"z", b"number": b"1"})
    others = [
        {b"outcome": b"donex", b"detail": b""},
        {b"outcome": b"done", b"detailx": b""},
        {b"outcome": b"done"},
        {b"outcome": b"done", b"detail": b"x", b"of": b""},
    ]
    assert one not in [digest_of(fields) for fields in others]


def rewrite(client: Any, change: Callable[[list[tuple[bytes, dict[bytes, bytes]]]], None]) -> None:
    """Put another record in the place of the stream, as somebody who can write to Redis might."""
    entries = client.xrange(KEYS.audit)
    change(entries)
    client.delete(KEYS.audit)
    for entry, fields in sorted(entries, key=lambda each: int(each[0].replace(b"-", b""))):
        client.xadd(KEYS.audit, fields, id=entry)


def changed(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    """Another outcome."""
    entries[1][1][b"outcome"] = b"not done"


def swapped(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    """Two entries change places, each with its values."""
    entries[1], entries[2] = (entries[1][0], entries[2][1]), (entries[2][0], entries[1][1])


def cut(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    """Two in the middle are gone."""
    del entries[1:3]


def beheaded(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    """The first two are gone, although fewer are left than are always kept."""
    del entries[:2]


def shortened(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    """The last one is gone."""
    del entries[-1]


def untied(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    """One lost its value."""
    del entries[2][1][b"chain"]


def absurd(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
    """One has a number that is none."""
    entries[2][1][b"number"] = b"9" * 5000


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (changed, [(Breach.CHANGED, 1, 0, 0)]),
        (
            swapped,
            [
                (Breach.CHANGED, 1, 0, 0),
                (Breach.MISSING, 1, 0, 1),
                (Breach.CHANGED, 2, 1, 0),
                (Breach.MISSING, 2, 1, 0),
                (Breach.MISSING, 3, 2, 1),
            ],
        ),
        (cut, [(Breach.MISSING, 3, 0, 2)]),
        (beheaded, [(Breach.BEGINNING, 2, None, 2)]),
        (shortened, [(Breach.END, 4, 3, 1)]),
        (untied, [(Breach.FOREIGN, 2, 1, 0), (Breach.MISSING, 3, 1, 1)]),
        (absurd, [(Breach.FOREIGN, 2, 1, 0), (Breach.MISSING, 3, 1, 1)]),
    ],
)
def test_what_is_done_to_the_record_is_seen(
    redis_client: Any,
    audit: Audit,
    change: Callable[[Any], None],
    expected: list[tuple[Breach, int, int | None, int]],
) -> None:
    """Each way has its word, the entry that shows it, the one before, and how many are gone."""
    was = ids(redis_client)
    rewrite(redis_client, change)

    verified = audit.verify()

    found = [(b.what, was.index(b.entry), was.index(b.after) if b.after else None, b.missing) for b in verified.breaks]
    assert (False, expected) == (verified.whole, found)
    assert [time_of(b.entry) for b in verified.breaks] == [b.at for b in verified.breaks]


def test_a_cut_end_is_seen_after_the_next_act_too(redis_client: Any, audit: Audit) -> None:
    """The next entry is tied to the one that is gone, not to the one that is left."""
    *_, before, last = ids(redis_client)
    redis_client.xdel(KEYS.audit, last)
    after = audit.began(ACT)

    expected = Break(what=Breach.MISSING, entry=after, at=time_of(after), after=before, missing=1)
    assert (expected,) == audit.verify().breaks


def test_a_forged_entry_is_seen(redis_client: Any, audit: Audit) -> None:
    """Added without a value, or with a copied one."""
    fields = redis_client.xrange(KEYS.audit)[-2][1]
    forged = redis_client.xadd(KEYS.audit, {b"act": fields[b"act"], b"outcome": b"done"}).decode()
    copied = redis_client.xadd(KEYS.audit, fields).decode()
    after = audit.began(ACT)

    seen = [(each.what, each.entry) for each in audit.verify().breaks]

    assert [(Breach.FOREIGN, forged), (Breach.CHANGED, copied), (Breach.MISSING, copied)] == seen[:3]
    assert time_of(after) >= time_of(copied)


def test_a_lost_memory_of_the_end_is_seen(redis_client: Any, audit: Audit) -> None:
    """Without it nobody can tell that nothing was cut off; the next act begins to count anew, and that is seen too."""
    redis_client.delete(KEYS.audit_head)
    end = [(each.what, each.missing) for each in audit.verify().breaks]
    after = audit.began(ACT)

    assert [(Breach.END, 0)] == end
    assert [(Breach.MISSING, after)] == [(each.what, each.entry) for each in audit.verify().breaks]


def test_a_lost_stream_is_seen(redis_client: Any, audit: Audit) -> None:
    """What is remembered of its end says how many entries there were."""
    redis_client.delete(KEYS.audit)
    empty = [(each.what, each.missing) for each in audit.verify().breaks]
    audit.began(ACT)

    assert [(Breach.END, 5)] == empty
    assert [(Breach.BEGINNING, 5)] == [(each.what, each.missing) for each in audit.verify().breaks]


def test_a_chain_that_was_made_anew_is_seen_by_a_value_that_was_noted(redis_client: Any, audit: Audit) -> None:
    """Nothing in Redis could show it."""
    noted = audit.verify().last
    assert noted is not None
    known = (noted.entry, noted.chain)
    same = audit.verify(known)

    def forged(entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        before = b""
        for number, (entry, fields) in enumerate(entries, 1):
            fields |= {b"outcome": b"done", b"before": before}
            before = value_of(before.decode(), digest_of(fields), number, entry.decode()).encode()
            fields[b"chain"] = before
        redis_client.hset(KEYS.audit_head, "chain", before)

    rewrite(redis_client, forged)

    assert (True, True) == (same.whole, audit.verify().whole)
    assert [(Breach.REWRITTEN, noted.entry)] == [(each.what, each.entry) for each in audit.verify(known).breaks]


def test_a_noted_value_that_is_no_longer_kept_says_nothing(redis_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was trimmed since."""
    monkeypatch.setattr("bot.access.audit.KEPT", 50)
    audit = Audit(redis_client, "prod")
    noted = audit.began(ACT)
    for _ in range(300):
        audit.began(ACT)

    assert noted not in ids(redis_client)
    assert audit.verify((noted, "0" * 40)).whole


def test_a_record_that_was_lost_is_seen_by_a_value_that_was_noted(redis_client: Any, audit: Audit) -> None:
    """A Redis that is empty, or back at an older state, begins a chain that is whole in itself."""
    noted = audit.verify().last
    assert noted is not None
    known = (noted.entry, noted.chain)
    redis_client.flushall()
    empty = audit.verify(known)
    audit.began(ACT)

    assert [Breach.REWRITTEN] == [each.what for each in empty.breaks]
    assert [Breach.REWRITTEN] == [each.what for each in audit.verify(known).breaks]
    assert audit.verify().whole


def test_trimming_is_no_break(redis_client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest entries go when there are many; the record is verified from the first that is left on."""
    monkeypatch.setattr("bot.access.audit.KEPT", 50)
    audit = Audit(redis_client, "prod")
    for _ in range(300):
        audit.began(ACT)

    verified = audit.verify()

    assert verified.first is not None
    assert (True, 301 - verified.entries) == (verified.whole, verified.first.number)
    assert 1 < verified.first.number
    assert 50 <= verified.entries
    assert ids(redis_client)[0] == verified.first.entry


def test_entries_of_before_the_chain_are_told(redis_client: Any) -> None:
    """A record that another version began is whole, and says how much of it cannot be verified."""
    redis_client.xadd(KEYS.audit, {"act": b"{}", "outcome": "done"})
    audit = Audit(redis_client, "prod")
    audit.began(ACT)

    verified = audit.verify()

    assert (True, 2, 1) == (verified.whole, verified.entries, verified.older)


def test_entries_of_one_moment_are_in_order(redis_client: Any) -> None:
    """Ids rise whatever the clock says: also after one of the future, and when many write at once."""
    audit = Audit(redis_client, "prod")
    audit.began(ACT)
    future = f"{int(time.time() * 1000) + 60_000}-7"
    redis_client.xadd(KEYS.audit, {"something": "else"}, id=future)
    after = audit.began(ACT)
    threads = [threading.Thread(target=lambda: [audit.began(ACT) for _ in range(20)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    verified = audit.verify()

    assert f"{future.split('-', maxsplit=1)[0]}-8" == after
    assert ([Breach.FOREIGN], 103) == ([each.what for each in verified.breaks], verified.entries)


def test_the_chain_goes_on_after_a_restart(redis_server: RedisServer) -> None:
    """What was appended is on disk with what is remembered of it."""
    client: Any = connect(redis_server.url)
    audit = Audit(client, "prod")
    audit.began(ACT)
    redis_server.restart()
    audit.began(ACT)

    verified = audit.verify()
    client.close()

    assert (True, 2) == (verified.whole, verified.entries)


def test_a_long_record_is_verified_quickly(redis_client: Any) -> None:
    """As many entries as are kept, well within the time in which Slack waits for an acknowledgement."""
    entry = started(ACT, "r1")
    with redis_client.pipeline(transaction=False) as pipe:
        for _ in range(KEPT):
            names = {"audit": KEYS.audit, "head": KEYS.audit_head, "kept": KEPT}
            Script("append_audit")(pipe, **names, digest=entry.digest, fields=entry.flat)
        pipe.execute()
    began = time.process_time()

    verified = Audit(redis_client, "prod").verify()

    assert (True, KEPT) == (verified.whole, verified.entries)
    assert time.process_time() - began < 2


def test_without_redis_nothing_is_said(redis_server: RedisServer) -> None:
    """An error, and no verdict."""
    client: Any = connect(redis_server.url, tries=1)
    redis_server.kill()

    with pytest.raises(redis.RedisError):
        Audit(client, "prod").verify()
    redis_server.start()
