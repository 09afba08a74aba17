"""The document that `--json` prints: every field written down, sentences beside data."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bot.cli.documents import run_json
from checks.diagnosis.model import Reference
from checks.place import Pair
from tests.handlers.reports import (
    DIAGNOSIS,
    FIREWALL,
    REPORT,
    TCP_FAILS,
    ended,
    hostile,
    replaced,
    report,
    run,
    verdict,
)

DESCRIBED = (Path(__file__).parent.parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
FULL = replaced(
    REPORT,
    diagnosis=replaced(DIAGNOSIS, unexplained=(Reference("links.tcp", (Pair("w1", "w2"),)),)),
    first_verdict_s=2.1,
)
DOCUMENT = run_json(ended(FULL))
READINESS = replaced(ended(FULL), request=replaced(ended(FULL).request, command="preflight"))
OBJECTS: dict[str, dict[str, Any]] = {
    "The document": DOCUMENT,
    "A practice": run_json(READINESS)["practices"][0],
    "A cause": DOCUMENT["causes"][0],
    "A finding": DOCUMENT["findings"][0],
    "What was seen at a place": DOCUMENT["findings"][0]["seen"][0],
    "What is unexplained": DOCUMENT["unexplained"][0],
    "A link of the chain": DOCUMENT["chain"][0],
}


@pytest.mark.parametrize("heading", OBJECTS)
def test_every_field_is_described(heading: str) -> None:
    """docs/json.md has a table for each object, with all of its fields and no others."""
    table = DESCRIBED.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)

    assert sorted(OBJECTS[heading]) == sorted(name for row in rows for name in re.findall(r"`(\w+)(?:\[\])?`", row))


def test_sentences_stand_beside_what_they_are_made_of() -> None:
    """A person reads the summary, a script the place, the outcome and the numbers."""
    finding = OBJECTS["A finding"]

    assert "TCP fails on 1 of 2 pairs." == finding["summary"]
    assert ["0 of 3 connections, 100 % lost"] == finding["evidence"]
    assert ["w1 → w2"] == finding["where"]
    assert {
        "place": {"kind": "pair", "source": "w1", "target": "w2"},
        "outcome": "fail",
        "bad": True,
        "measures": {"loss": 1.0},
    } == finding["seen"][0]


def test_a_cause_has_its_places_and_what_speaks_for_it() -> None:
    """As objects for a script and as words for a person."""
    cause = OBJECTS["A cause"]

    assert (0.94, [{"kind": "node", "name": "w1"}], ["w1"]) == (cause["probability"], cause["at"], cause["where"])
    assert ["D: TCP fails on 1 of 2 pairs. (w1 → w2)", "The tunnel offload is on. (w1)"] == cause["for"]
    assert ["C: Ping works."] == cause["against"]
    assert "On one pair first: `ethtool -K eth0 tx-udp_tnl-segmentation off`." == cause["fix"]


def test_a_field_without_a_value_is_there() -> None:
    """A script need not ask whether it is: what is empty is an empty string or list."""
    document = run_json(ended(report(TCP_FAILS, diagnosis=verdict("firewall-vxlan", causes=(FIREWALL,)))))

    assert DOCUMENT.keys() == document.keys()
    assert OBJECTS["A cause"].keys() == document["causes"][0].keys()
    assert ("", "") == (document["causes"][0]["fix"], document["decide"])


def test_a_run_of_one_check_has_no_verdict() -> None:
    """Its findings are all there is."""
    assert {"verdict", "summary", "also", "causes", "unexplained", "chain", "decide"} == DOCUMENT.keys() - run_json(
        ended(report(TCP_FAILS))
    ).keys()


def test_a_run_without_a_report_says_why() -> None:
    """What was asked for, how it ended, and nothing that looks like a finding."""
    document = run_json(run(state="failed", error="The API server does not answer."))

    assert {
        "run": "0123456789",
        "cluster": "prod",
        "command": "diagnose",
        "state": "failed",
        "error": "The API server does not answer.",
    } == document


def test_whatever_a_cluster_says_is_json() -> None:
    """A document that is read again is the same."""
    document = run_json(ended(hostile(8)))

    assert document == json.loads(json.dumps(document))
