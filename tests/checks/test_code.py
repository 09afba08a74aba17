"""A code holds findings to what it declares."""

from typing import Any

import pytest

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Seen, Severity
from checks.place import Node, Pair
from checks.text import Unit, say

CODE = Code(
    name="nic.example",
    meaning="An example",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "well"),
        Outcome("odd", Severity.ADVICE, "well, but"),
        Outcome("fail", Severity.FAILED, "not well"),
    ),
    measures={"loss": Unit.SHARE},
)
TEXT = say("An example.")


def test_the_worst_place_stands_for_all() -> None:
    """Outcome and severity are the worst place's; places come worst first, otherwise in the judge's order."""
    finding = CODE.found(TEXT, [Seen(Node("a"), "pass"), Seen(Node("b"), "fail"), Seen(Node("c"), "fail")])

    assert ("fail", Severity.FAILED) == (finding.outcome, finding.severity)
    assert [Node("b"), Node("c"), Node("a")] == [seen.place for seen in finding.seen]
    assert (Node("b"), Node("c")) == finding.where


def test_a_place_that_was_not_seen_is_neither_well_nor_unwell() -> None:
    """It is listed last, and the others decide."""
    finding = CODE.found(TEXT, [Seen(Node("a"), UNSEEN), Seen(Node("b"), "odd")])

    assert ("odd", Severity.ADVICE, ()) == (finding.outcome, finding.severity, finding.where)
    assert [Node("b"), Node("a")] == [seen.place for seen in finding.seen]


def test_nothing_seen_is_unknown() -> None:
    """Such a finding has no outcome, and names the places that nobody saw."""
    finding = CODE.unseen(TEXT, places=[Node("a")])

    assert ("", Severity.UNKNOWN, ()) == (finding.outcome, finding.severity, finding.where)
    assert (Seen(Node("a"), UNSEEN),) == finding.seen


def test_a_judge_may_find_it_milder() -> None:
    """What is declared is the rule; unwell stays unwell."""
    assert Severity.DEGRADED is CODE.found(TEXT, outcome="fail", severity=Severity.DEGRADED).severity


@pytest.mark.parametrize(
    ("seen", "fields"),
    [
        ([Seen(Node("a"), "strange")], {}),
        ([Seen(Pair("a", "b"), "pass")], {}),
        ([Seen(Node("a"), "pass", {"speed": 1.0})], {}),
        ([Seen(Node("a"), "fail")], {"severity": Severity.OK}),
        ([Seen(Node("a"), "pass")], {"severity": Severity.UNKNOWN}),
        ([], {}),
    ],
)
def test_what_is_not_declared_is_refused(seen: list[Seen], fields: dict[str, Any]) -> None:
    """A word, a kind of place, a measure or a severity that does not fit is a fault of the check, at once."""
    with pytest.raises(ValueError, match=r"nic\.example"):
        CODE.found(TEXT, seen, **fields)
