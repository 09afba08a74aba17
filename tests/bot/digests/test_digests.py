"""Digests: made once a firing by however many replicas, compared with the one posted before, and never silent."""

import threading
from typing import Any

import msgspec
import pytest

from bot.access.requester import Requester
from bot.config import JOBS, SigningKey
from bot.digests.composed import composed, quiet
from bot.digests.digests import DIGESTING, Digests
from bot.digests.model import Definition, Digest, State, When
from bot.digests.schedule import Schedule
from bot.digests.scheduler import Scheduler
from bot.fleet import FORGOTTEN_S, cluster_seen, clusters
from bot.history.episodes import Sight, Subject
from bot.history.history import History
from bot.history.signals import Sample
from bot.language import ENGLISH
from bot.messages.where import Where
from bot.runs.runs import Runs
from bot.store.connection import connect, server_time
from bot.store.keys import CLUSTERS
from checks.changes import Turn
from checks.dns.loss import REPLICA
from checks.finding import Seen, Severity
from checks.past import Bygone, Past
from checks.place import Cluster, Replica
from checks.report import Report
from checks.text import say
from handlers.views.digest import digest_message
from handlers.views.pictured import pictured_digest
from tests.handlers.reports import DIAGNOSIS, SILENT, TCP_FAILS, TCP_PASSES, UNSEEN_TCP, ended, report, verdict
from tests.handlers.test_views import words

KEY = SigningKey(JOBS, b"0123456789abcdef")
OWNER = Requester("ada", "U0ONCALL", "T0")
HEALTHY = report(TCP_PASSES, diagnosis=verdict("healthy"))
BROKEN = report(TCP_FAILS, diagnosis=DIAGNOSIS)
LOOKS = "coverage.agents:silent"
DNS_LOSES = REPLICA.found(say("A replica loses queries."), [Seen(Replica("coredns-a"), "loses")])
BLIND = report(UNSEEN_TCP, SILENT, diagnosis=verdict("unknown"))


def definition(**fields: Any) -> Definition:
    """A digest every minute."""
    made = Definition(
        id="0123456789",
        cluster="prod",
        where=Where("C0DIGESTS"),
        schedule=Schedule("* * * * *"),
        owner=OWNER,
        created_at=1.0,
    )
    return msgspec.structs.replace(made, **fields)


@pytest.fixture
def digests(redis_client: Any) -> Digests:
    """Those of a cluster with one definition."""
    made = Digests(Runs(redis_client, "prod"))
    made.definitions.add(definition())
    return made


def _end(digests: Digests, seen: Report | None, error: str = "") -> None:
    """Have everything that is due move on, and its run end so."""
    _turn(digests)
    for run in digests._runs.recent(9):
        if run.open:
            digests._runs.update(run.id, state="done" if seen else "failed", report=seen, error=error)
    _turn(digests)


def _turn(digests: Digests) -> None:
    client, keys = digests._client, digests._keys
    client.delete(keys.held(DIGESTING))
    for name in client.zrange(keys.due(DIGESTING), 0, -1):
        client.zadd(keys.due(DIGESTING), {name: 0})
    digests.look(KEY)


def _made(digests: Digests, at: float, seen: Report | None, error: str = "") -> Digest:
    digests.fire(digests.definitions.all()["0123456789"], at)
    _end(digests, seen, error)
    return digests.latest(1)[0]


def test_a_firing_is_one_digest(digests: Digests) -> None:
    """However often and by whoever it is claimed; another time is another digest."""
    assert [True, False, True] == [digests.fire(definition(), at) for at in (60.0, 60.0, 120.0)]
    assert {"0123456789": 120.0} == digests.definitions.fired()
    _end(digests, HEALTHY)
    assert 2 == len(digests._runs.recent(9))


def test_a_day_is_one_digest(digests: Digests) -> None:
    """The hour that comes twice when clocks are set back makes one."""
    daily = definition(schedule=Schedule("30 2 * * *", "Europe/Berlin"))
    assert [True, False, True] == [digests.fire(daily, at) for at in (1792888200.0, 1792891800.0, 1792978200.0)]


def test_what_changed_is_counted_from_the_one_before(digests: Digests) -> None:
    """First nothing to compare with, then what is new, then what is gone."""
    first, second, third = (_made(digests, 60.0 * n, seen) for n, seen in enumerate((HEALTHY, BROKEN, HEALTHY), 1))
    assert [(), (Turn.NEW,), (Turn.GONE,)] == [
        tuple(change.turn for change in digest.changes) for digest in (first, second, third)
    ]
    assert [0.0, 60.0, 120.0] == [first.since, second.since, third.since]
    assert [Severity.OK, Severity.FAILED, Severity.OK] == [first.severity, second.severity, third.severity]
    assert [True, False, False] == [quiet(digest) for digest in (first, second, third)]
    assert "Failed: VMXNET3 tunnel offload breaks traffic" in ENGLISH.words(second.heading)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (When.ALWAYS, ["posted"] * 6),
        (When.CHANGE, ["posted", "silent", "posted", "silent", "posted", "silent"]),
        (When.UNWELL, ["silent", "silent", "posted", "posted", "posted", "silent"]),
    ],
)
def test_when_it_is_posted(digests: Digests, when: When, expected: list[str]) -> None:
    """Who hears only of trouble hears also that it is over."""
    digests.definitions.change("0123456789", lambda seen: msgspec.structs.replace(seen, when=when))
    told = [HEALTHY, HEALTHY, BROKEN, BROKEN, HEALTHY, HEALTHY]
    assert expected == [_made(digests, 60.0 * n, seen).state for n, seen in enumerate(told, 1)]


def test_a_run_that_came_to_nothing_is_told(digests: Digests) -> None:
    """Silence never means healthy, whatever its definition wants."""
    digests.definitions.change("0123456789", lambda seen: msgspec.structs.replace(seen, when=When.UNWELL))
    digest = _made(digests, 60.0, None, "no worker took it")
    assert (State.POSTED, "no worker took it", Severity.UNKNOWN) == (digest.state, digest.failed, digest.severity)


def test_what_was_not_seen_is_not_gone() -> None:
    """Nor is it well: the nodes that were not heard of are named."""
    before = composed(_digest(), ended(BROKEN), None, ())
    digest = composed(_digest(), ended(BLIND), before, ())
    assert [Turn.HIDDEN] == [change.turn for change in digest.changes]
    assert (("w3",), False) == (digest.silent, quiet(digest))


def test_what_is_not_well_is_told_since_when() -> None:
    """Of the cause that is named; what history does not know is not guessed at."""
    past = {DIAGNOSIS.verdict: Past(since=1e9, before=Bygone(1e8, 2e8, "offload-off")), TCP_FAILS.code: Past(since=5e8)}
    known = composed(_digest(), ended(msgspec.structs.replace(BROKEN, past=past)), None, ())

    assert known.past is not None
    assert ENGLISH.words(known.past).endswith("then fixed by offload-off.")
    assert "Since <!date^1000000000^" in words(digest_message(known))
    assert composed(_digest(), ended(BROKEN), None, ()).past is None


def test_a_cluster_that_has_vanished_is_known_as_long_as_it_has_a_digest(digests: Digests) -> None:
    """Its digest says on schedule that it could not be made, and can be removed."""
    client = digests._client
    cluster_seen(client, "prod")
    client.zadd(CLUSTERS, {"prod": server_time(client) - FORGOTTEN_S - 60})
    digests.definitions.add(definition(id="9876543210"))

    assert ("prod",) == clusters(client)
    assert "No worker" in _made(digests, 60.0, None, "No worker took it.").failed
    assert [True, True, False] == [digests.definitions.remove(name) for name in ("0123456789", "9876543210", "none")]
    assert () == clusters(client)


def test_the_last_one_is_that_of_the_latest_firing(digests: Digests) -> None:
    """A run that took longer than until the next firing is no news after it."""
    known = digests.definitions.all()["0123456789"]
    digests.fire(known, 120.0)
    digests.fire(known, 60.0)
    _end(digests, HEALTHY)
    assert "0123456789-120" == digests.definitions.all()["0123456789"].last


def test_a_muted_one_says_nothing(digests: Digests) -> None:
    """And what happened meanwhile is in the first one afterwards."""
    _made(digests, 60.0, HEALTHY)
    until = server_time(digests._client) + 600
    digests.definitions.change("0123456789", lambda seen: msgspec.structs.replace(seen, muted_until=until))
    assert State.SILENT is _made(digests, 120.0, BROKEN).state
    digests.definitions.change("0123456789", lambda seen: msgspec.structs.replace(seen, muted_until=0.0))
    digest = _made(digests, 180.0, BROKEN)
    assert (State.POSTED, [Turn.NEW]) == (digest.state, [change.turn for change in digest.changes])


def test_replicas_make_one_digest_together(redis_url: str, digests: Digests) -> None:
    """Three schedulers at once, each on a connection of its own; nothing is fired before its time."""
    now = server_time(digests._client)
    digests.definitions.change("0123456789", lambda seen: msgspec.structs.replace(seen, created_at=now - 61))
    schedulers = [Scheduler(Runs(connect(redis_url), "prod")) for _ in range(3)]
    threads = [threading.Thread(target=scheduler.refresh) for scheduler in schedulers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = digests.latest()
    for scheduler in schedulers:
        scheduler.stop()
    assert 1 <= len(made) <= 2
    assert all(digest.fired_at <= server_time(digests._client) for digest in made)
    assert len({digest.id for digest in made}) == len(made)


def test_one_firing_is_caught_up_after_an_outage(redis_client: Any) -> None:
    """The last one that nobody made, not each."""
    digests = Digests(Runs(redis_client, "prod"))
    now = server_time(redis_client)
    digests.definitions.add(definition(created_at=now - 7200, schedule=Schedule("*/10 * * * *")))
    scheduler = Scheduler(digests._runs)
    scheduler.refresh()
    scheduler.stop()
    (digest,) = digests.latest()
    assert (600.0 * (now // 600), True) == (digest.fired_at, digest.late_s < 600)


def test_a_weekly_one_tells_of_the_week(digests: Digests) -> None:
    """What was not well and for how long, and how DNS went, as a picture; also when all is well."""
    client, now = digests._client, server_time(digests._client)
    history = History(client, "prod")
    for hours in (60, 59, 58):
        measured = [Sample("dns.replica-loss:p99", Replica("coredns-a"), 0.004), Sample(LOOKS, Cluster(), 0.0)]
        history.measured(f"r{hours}", now - 3600 * hours, measured, 30)
    for hours, bad in ((60, True), (55, False)):
        history.noted(now - 3600 * hours, [Sight(Subject(DIAGNOSIS.verdict), bad=bad)], 30)
    digests.definitions.change(
        "0123456789", lambda seen: msgspec.structs.replace(seen, schedule=Schedule("0 9 * * mon"))
    )

    digest = _made(digests, now - 5, HEALTHY)

    assert digest.week is not None
    (trouble,) = digest.week.troubles
    assert ((7, 1, 1), (DIAGNOSIS.verdict, 5.0)) == (
        (digest.week.days, digest.week.looked, digest.week.unwell),
        (trouble.name, round(trouble.lasted_s / 3600, 3)),
    )
    shown = words(digest_message(digest)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Something was not well on 1 of 7 days.\n:grey_question: Nobody looked on 6 of them." in shown
    assert "• VMXNET3 tunnel offload breaks traffic between nodes: once, 5 h" in shown
    assert ["dns"] == [each.part for each in pictured_digest(digest)]


@pytest.mark.parametrize(
    ("cron", "weekly"), [("0 9 * * *", False), ("0 9 * * mon,thu", False), ("0 9 * * mon", True), ("0 9 1 * *", True)]
)
def test_what_comes_once_a_week_or_less_often_is_weekly(digests: Digests, cron: str, weekly: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Of others the time between is told by what has changed."""
    digests.definitions.change("0123456789", lambda seen: msgspec.structs.replace(seen, schedule=Schedule(cron)))
    assert weekly == (_made(digests, 86400.0 * 40, HEALTHY).week is not None)


def test_a_digest_of_trouble_with_dns_has_its_picture(digests: Digests) -> None:
    """One of other trouble has not."""
    now, history = server_time(digests._client), History(digests._client, "prod")
    for hours in (2, 1):
        measured = [Sample("dns.replica-loss:loss", Replica("coredns-a"), 0.5)]
        history.measured(f"r{hours}", now - 3600 * hours, measured, 30)

    lossy = _made(digests, 60.0, report(DNS_LOSES, diagnosis=verdict("unknown")))

    assert lossy.course is not None
    assert [[0.5, 0.5]] == [[point.loss for point in series.points] for series in lossy.course.series]
    assert _made(digests, 120.0, BROKEN).course is None


def _digest() -> Digest:
    return Digest(
        id="0123456789-1", definition="0123456789", cluster="prod", where=Where("C1"), fired_at=60.0, by=OWNER
    )


def _watched(digests: Digests, at: float, seen: Report | None) -> Digest:
    """Look in between, and have it end so."""
    now = 600.0 * at
    assert digests.watch(digests.definitions.all()["0123456789"], now)
    _end(digests, seen)
    found = digests.get(f"0123456789-w{int(at)}")
    assert found is not None
    return found


def test_what_fails_anew_is_called_out_once(digests: Digests) -> None:
    """Between two digests; not again while it lasts, and what was in the digest already is no news."""
    _made(digests, 60.0, HEALTHY)
    states = [_watched(digests, n, seen).state for n, seen in enumerate((HEALTHY, BROKEN, BROKEN, HEALTHY), 1)]
    assert ["silent", "posted", "silent", "silent"] == states
    _made(digests, 120.0, BROKEN)
    assert State.SILENT is _watched(digests, 9, BROKEN).state


def test_a_look_in_between_is_no_baseline(digests: Digests) -> None:
    """The next digest still tells what is new since the digest before it."""
    _made(digests, 60.0, HEALTHY)
    _watched(digests, 1, BROKEN)
    assert [Turn.NEW] == [change.turn for change in _made(digests, 120.0, BROKEN).changes]


def test_what_could_not_be_looked_at_is_not_called_out(digests: Digests) -> None:
    """Nor has it cleared what was."""
    _made(digests, 60.0, HEALTHY)
    told = [_watched(digests, n, seen).state for n, seen in enumerate((BLIND, BROKEN, BLIND, BROKEN, None), 1)]
    assert ["silent", "posted", "silent", "silent", "silent"] == told


def test_without_a_digest_before_it_nobody_looks(digests: Digests) -> None:
    """Nor for one that is muted, or that wants none."""
    assert not digests.watch(definition(), 600.0)
    _made(digests, 60.0, HEALTHY)
    seen = digests.definitions.all()["0123456789"]
    assert [False, False, True, False] == [
        digests.watch(msgspec.structs.replace(seen, **fields), 600.0)
        for fields in ({"muted_until": 601.0}, {"watch_s": 0}, {}, {})
    ]
