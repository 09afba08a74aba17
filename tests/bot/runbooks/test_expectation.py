"""What counts as seen: a step goes on only when real checks have found just this."""

import pytest

from bot.language import ENGLISH
from bot.runbooks.model import Expectation
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.inventory import Adapter, Inventory, Machine
from checks.place import Node, Pair, Place, Replica
from checks.report import Report
from checks.text import say


def report(*seen: tuple[Place, str], inventory: Inventory | None = None, outcome: str = "pass") -> Report:
    """A report with one finding that saw this."""
    finding = Finding(
        code="x.y",
        severity=Severity.OK,
        text=say("it was looked"),
        outcome=outcome,
        seen=tuple(Seen(place, word, bad=word != "pass") for place, word in seen),
    )
    return Report(severity=Severity.OK, findings=(finding,), inventory=inventory)


def unmet(expected: Expectation, given: Report) -> list[str]:
    """What is not as expected, in words."""
    return [ENGLISH.words(text) for text in expected.unmet(given)]


def test_places_of_other_nodes_do_not_count() -> None:
    """Only what involves nobody but the named nodes is judged: ways with both ends done."""
    seen = report((Pair("a", "b"), "pass"), (Pair("a", "c"), "lost"), (Node("c"), "lost"))
    assert [] == unmet(Expectation("x.y", ("pass",), ("a", "b")), seen)


def test_every_place_that_counts_has_to_be_as_expected() -> None:
    """Each one that is not is named."""
    seen = report((Pair("a", "b"), "pass"), (Pair("b", "a"), "lost"), (Node("a"), UNSEEN))
    assert ["x.y at b → a: lost", "x.y at a: not seen"] == unmet(Expectation("x.y", ("pass",)), seen)


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        (Expectation("x.y", ("pass",), ("z",)), False),
        (Expectation("x.y", ("pass",), ("z",), if_any=True), True),
        (Expectation("other.code", ("pass",)), False),
        (Expectation("other.code", ("pass",), if_any=True), False),
    ],
    ids=["nothing-seen", "if-any", "not-looked-at", "not-looked-at-either"],
)
def test_what_was_not_seen_does_not_hold(expected: Expectation, holds: bool) -> None:  # noqa: FBT001 - a parameter
    """Silence is no evidence, except where it is expected; a check that did not run never is."""
    assert holds is (unmet(expected, report((Node("a"), "pass"))) == [])


def test_a_finding_without_places_stands_for_itself() -> None:
    """`not-used` has no place."""
    expected = Expectation("x.y", ("pass", "not-used"))
    assert [] == unmet(expected, report(outcome="not-used"))
    assert unmet(expected, report(outcome="absent"))


def test_replicas_can_be_named() -> None:
    """Others do not count."""
    seen = report((Replica("a", "w1"), "pass"), (Replica("b", "w2"), "loses"))
    assert [] == unmet(Expectation("x.y", ("pass",), pods=("a",)), seen)


def test_the_machine_has_to_be_the_same() -> None:
    """Another MAC address or another node address is told."""
    machine = Machine(name="a", address="10.0.0.9", adapters=(Adapter(name="eth0", mac="00:50:56:00:00:99"),))
    expected = Expectation("x.y", ("pass",), ("a",), mac="00:50:56:00:00:01", address="10.0.0.1")
    found = unmet(expected, report((Node("a"), "pass"), inventory=Inventory(machines=(machine,))))

    assert [
        "a has the MAC 00:50:56:00:00:99, not 00:50:56:00:00:01",
        "a has the address 10.0.0.9, not 10.0.0.1",
    ] == found


def test_what_is_expected_is_told_in_words() -> None:
    """For the plan that people read."""
    expected = Expectation("nic.adapter", ("e1000e",), ("w1",), mac="m", address="a")
    assert "nic.adapter is e1000e with MAC m and address a at w1" == ENGLISH.words(expected.text)
