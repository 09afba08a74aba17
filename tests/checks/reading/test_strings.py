"""Real texts, each with its source, are put down to their kind and to what they say."""

import html
import json
import textwrap
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.diagnosis import diagnose
from checks.reading.kinds import KINDS
from checks.reading.model import NO_MEANING
from checks.reading.read import Reading, read_all
from checks.reading.transport import MEANINGS
from checks.registry import CHECKS
from tests.checks.objects import cluster

FILES = ("calls", "nodes", "unread", "held_out")
ENTRIES: list[dict[str, Any]] = [
    entry
    for name in FILES
    for entry in tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))["text"]
]
CAUSED = [entry for entry in ENTRIES if "cause" in entry]


def said(reading: Reading) -> tuple[str, str]:
    """The kind and the outcome of a reading; both are empty where it is not known."""
    if reading.kind is None:
        return "", ""
    return reading.kind.name, "" if reading.outcome == NO_MEANING else reading.outcome


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["text"][:60])
def test_a_text_is_of_its_kind_and_says_what_it_says(entry: dict[str, Any]) -> None:
    """One message has one reading."""
    assert [(entry["kind"], entry.get("outcome", ""))] == [said(reading) for reading in read_all(entry["text"])]


@pytest.mark.parametrize("entry", CAUSED, ids=lambda entry: entry["text"][:60])
def test_a_text_alone_points_to_its_cause(entry: dict[str, Any]) -> None:
    """With nothing seen of a cluster the cause is the likeliest one, and never nearly certain."""
    check = CHECKS["texts"]
    causes = diagnose(check.judge(check.gather(cluster(), {"error": entry["text"]}, ()))).causes

    assert entry["cause"] == causes[0].slug
    assert causes[0].probability < 0.9


DONE_TO_IT: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps({"level": "error", "msg": "it failed", "error": text}),
    "journald": lambda text: f"Dec 06 17:28:14 node-7 prog[881]: {text}",
    "logfmt": lambda text: f'time="2024-12-06T17:28:14Z" level=error msg={json.dumps(text)}',
    "smart quotes": lambda text: text.replace('"', "”").replace("'", "`"),
    "HTML": html.escape,
    "code": lambda text: f"```\n{text}\n```",
    "wrapped": lambda text: "\n".join(textwrap.wrap(text, 100, break_long_words=False, break_on_hyphens=False)),
}


@pytest.mark.parametrize("done", DONE_TO_IT)
def test_what_was_done_to_a_text_changes_nothing(done: str) -> None:
    """Logs, chat programs and terminals put theirs around it."""
    known = [entry for entry in ENTRIES if entry["kind"]]
    wrong = [
        entry["text"]
        for entry in known
        if [(entry["kind"], entry.get("outcome", ""))] != [said(r) for r in read_all(DONE_TO_IT[done](entry["text"]))]
    ]

    assert [] == wrong


def test_there_are_enough_and_each_has_a_source() -> None:
    """A table of one author's inventions would say nothing."""
    assert len([entry for entry in ENTRIES if entry["kind"]]) >= 200
    assert [] == [entry["text"] for entry in ENTRIES if not entry["source"]]
    assert len({entry["text"] for entry in ENTRIES}) == len(ENTRIES)


def test_every_outcome_of_every_kind_is_met() -> None:
    """None stands in a table without a text that it was written for; what all kinds share is met in some of them."""
    own = [(kind, each) for kind in KINDS for each in kind.phrases if each.outcome not in {NO_MEANING, *MEANINGS}]
    declared = {(kind.name, each.outcome) for kind, each in own}
    met = {(entry["kind"], entry.get("outcome", "")) for entry in ENTRIES}

    assert set() == declared - met


def test_every_phrase_has_an_outcome_of_its_kind() -> None:
    """What a text may say is declared where findings are made of it."""
    wrong = [
        (kind.name, each.name)
        for kind in KINDS
        for each in kind.phrases
        if each.outcome not in {NO_MEANING, *(outcome.word for outcome in kind.outcomes)}
    ]

    assert [] == wrong
