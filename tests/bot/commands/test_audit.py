"""`audit`: the record verified and given, by whom and in what form."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.access.audit import Audit
from bot.access.policy import Policy
from bot.access.requester import Requester
from bot.access.rulebook import Rulebook
from bot.commands.answer import Answer, Entry, Name
from bot.commands.caller import Caller
from bot.commands.clusters import Clusters
from bot.commands.command import Means
from bot.commands.grammar import Asked, Line
from bot.commands.perform import Door
from bot.commands.registry import understand
from bot.config import JOBS, SigningKey
from bot.errors import NotPermitted, UsageError
from bot.fleet import Fleet, cluster_seen
from bot.messages.where import Where
from bot.store.keys import Keys

CALLER = Caller(by=Requester("on-call", "U1", "T1", "E1"), surface="command", where=Where("C1", "1.2"), trigger="1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Lets the caller and the command line see what others did."""
    path = tmp_path / "access.toml"
    path.write_text('[administer]\nusers = ["U1", "command-line"]\n', encoding="utf-8")
    return path


@pytest.fixture
def door(redis_client: Any, file: Path) -> Door:
    """The door of a netcheck with the cluster lab, where a run was asked for and a mistake was made."""
    cluster_seen(redis_client, "lab")
    Fleet(redis_client, "lab").note_nodes(["w1"])
    means = Means(Clusters(redis_client, ttl_s=60, limit=1), lambda: SigningKey(JOBS, b"0123456789abcdef"))
    made = Door(lambda: means, Policy(Rulebook(str(file))))
    made.typed("run nic on w1", CALLER)
    return made


def answer(door: Door, line: str) -> Answer:
    """What comes of a line."""
    outcome = door.typed(line, CALLER)
    assert isinstance(outcome, Answer)
    return outcome


def words(outcome: Answer) -> list[str]:
    """Its entries as plain text."""
    return [
        "".join(piece.text if isinstance(piece, Name) else str(piece) for piece in item.text)
        for item in outcome.items
        if isinstance(item, Entry)
    ]


def test_a_whole_record_is_said_to_be_whole(door: Door) -> None:
    """From which entry on, and how to tell later that nobody made it anew."""
    verified = answer(door, "audit")

    first, last = words(verified)
    assert ("The audit record of lab is whole", 0) == (verified.title, verified.exit_code)
    assert re.fullmatch(r"2 entries, from number 1, \d+-\d+ \(\S+ \S+ UTC\) on", first)
    assert verified.data["last"]["entry"] in last
    known = last.rsplit("known=", 1)[1]
    assert f"{verified.data['last']['entry']}:{verified.data['last']['chain']}" == known
    assert 0 == answer(door, f"audit verify known={known} in lab").exit_code


def test_a_broken_record_says_where(door: Door, redis_client: Any) -> None:
    """With the entries, their times and what is wrong; scripts see it by the exit code."""
    forged = redis_client.xadd(Keys("lab").audit, {"outcome": "done"}).decode()

    verified = answer(door, "audit verify in lab")

    assert ("The audit record of lab is not as it was written", 1) == (verified.title, verified.exit_code)
    assert [{"what": "foreign", "entry": forged}] == [
        {name: each[name] for name in ("what", "entry")} for each in verified.data["breaks"]
    ]
    (said,) = [each for each in words(verified) if each.startswith(forged)]
    assert re.search(r"\(\S+ \S+ UTC\) after \S+ has no chain value: another version of netcheck wrote it", said)


def test_an_export_has_every_act(door: Door) -> None:
    """Who, through what, where, when, what, with what outcome and chain value; a mistake is none."""
    with pytest.raises(UsageError):
        door.typed("run nic on w9", CALLER)

    exported = answer(door, "audit export")

    assert exported.lines is not None
    run, export = list(exported.lines)
    at = datetime.fromisoformat(run.pop("at"))
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60
    assert re.fullmatch(r"run \w+", run.pop("detail"))
    assert re.fullmatch(r"[0-9a-f]{40}", run.pop("chain"))
    assert re.fullmatch(r"\d+-\d+", run.pop("entry"))
    expected = {
        "by": {"name": "on-call", "user": "U1", "team": "T1", "enterprise": "E1"},
        "surface": "command",
        "channel": "C1",
        "thread": "1.2",
        "cluster": "lab",
        "command": "run",
        "verb": "diagnose",
        "line": "run nic on w1",
        "nodes": ["w1"],
        "outcome": "done",
    }
    assert expected == run
    assert ("audit", "administer", "done") == (export["command"], export["verb"], export["outcome"])


def test_in_words_an_export_has_the_last_acts(door: Door) -> None:
    """And says how to have all of them."""
    for _ in range(60):
        answer(door, "audit verify")

    exported = answer(door, "audit export")

    assert 50 == len(words(exported))
    assert re.search(r" UTC on-call audit export in C1 — no outcome$", words(exported)[-1])
    assert "netcheck audit export in lab" in str(exported.items[-1])


def test_an_export_begins_where_it_is_asked_to(door: Door, redis_client: Any) -> None:
    """Some time ago, or at a moment; what is in the future has nothing."""
    day = datetime.now(UTC)
    for since, expected in ((f"{day.year + 1}-01-01", 0), ("5m", 1), ("999999d", 1), (f"{day:%Y-%m-%d}T00:00", 1)):
        exported = answer(door, f"audit export since={since}")
        assert exported.lines is not None
        assert (since, expected) == (since, min(len(list(exported.lines)), 1))
    assert Audit(redis_client, "lab").read()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("audit", Asked(command="audit", subject="verify")),
        (
            "audit export since=2d in prod",
            Asked(command="audit", subject="export", parameters={"since": "2d"}, cluster="prod"),
        ),
    ],
)
def test_what_is_asked_for(line: str, expected: Asked) -> None:
    """Nothing more than the word is a verification."""
    assert expected == understand(Line.typed(line, lambda: ("prod",)))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("audit exprot", "There is no audit 'exprot'. Did you mean this? `netcheck audit export`"),
        ("audit moon", "There is no audit 'moon'. Choose one of verify, export."),
        ("audit verify since=2d", "'since' is not understood here."),
        ("audit verify all", "'all' is not understood here."),
        ("audit export on w1", "'w1' is not understood here."),
        ("audit export since=yesterday", "'yesterday' is no moment."),
        ("audit export since=2w", "'2w' is no moment."),
        ("audit verify known=1-0", "'1-0' is no entry with its chain value."),
    ],
)
def test_mistakes_are_told_with_the_right_words(line: str, said: str) -> None:
    """Before anything is looked at."""
    with pytest.raises(UsageError) as caught:
        understand(Line.typed(line, lambda: ("prod",)))

    assert caught.value.text.startswith(said)


def test_what_others_did_is_not_for_everybody(door: Door) -> None:
    """Whoever may look may verify; the export is another right."""
    developer = Caller(by=Requester("developer", "U2", "T1"), surface="command", where=Where("C1"))

    assert isinstance(door.typed("audit verify", developer), Answer)
    with pytest.raises(NotPermitted, match="You are not among those who may administer netcheck in lab"):
        door.typed("audit export", developer)


def test_the_command_line_prints_a_document_a_line(door: Door, file: Path, redis_url: str) -> None:
    """All in one with `--json`; without the right, a refusal; a broken record ends with 1."""
    del door
    environment = {**os.environ, "NETCHECK_REDIS_URL": redis_url, "NETCHECK_JOB_KEY": "x" * 16}
    permitted = environment | {"NETCHECK_ACCESS": str(file)}

    lines = _netcheck(permitted, "audit", "export", "in", "lab")
    document = _netcheck(permitted, "audit", "export", "--json", "in", "lab")
    refused = _netcheck(environment, "audit", "export", "in", "lab")
    whole = _netcheck(environment, "audit", "verify", "in", "lab")

    assert ["run", "audit"] == [json.loads(line)["command"] for line in lines.stdout.splitlines()]
    assert ["run", "audit", "audit"] == [act["command"] for act in json.loads(document.stdout)]
    assert (3, True) == (refused.returncode, "Nobody may administer netcheck in lab" in refused.stderr)
    assert (0, True) == (whole.returncode, "The audit record of lab is whole" in whole.stdout)


def _netcheck(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
