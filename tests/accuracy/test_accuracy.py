"""The short form of the accuracy campaign: a few cases of each kind on the real cluster, all of them right."""

import pytest

from tests.accuracy.catalogue import SHORT, Case, Kind, cases
from tests.accuracy.result import Figures, confusion, figures, misses
from tests.accuracy.stage import Said, said

CASES = {case.name: case for case in cases()}


@pytest.mark.lab
@pytest.mark.parametrize("name", SHORT)
def test_a_case_is_answered_rightly(name: str, environment: dict[str, str]) -> None:
    """Each cause is named, at its place, and nothing else; what is well is called so."""
    told = said(CASES[name], environment)

    assert (True, True) == (told.right, told.both), told


def test_the_catalogue_has_what_was_promised() -> None:
    """No case twice; four parameters a cause at least, 40 healthy variants, 20 double faults."""
    every = cases()
    count = {kind: sum(case.kind is kind for case in every) for kind in Kind}
    causes = [next(iter(case.expected)) for case in every if case.kind is Kind.FAULT]

    assert len(CASES) == len(every)
    assert (True, True) == (count[Kind.HEALTHY] >= 40, count[Kind.DOUBLE] >= 20)
    assert [] == sorted(cause for cause in set(causes) if causes.count(cause) < 4)


def _said(kind: Kind, expected: dict[str, list[str]], verdict: str, named: dict[str, list[str]]) -> Said:
    return Said(case=f"{kind} {expected}", kind=kind, expected=expected, named=named, verdict=verdict)


def test_the_figures_count_what_they_say() -> None:
    """Right cause at the wrong place is wrong; one of two is not both; unknown is neither health nor right."""
    told = [
        _said(Kind.FAULT, {"a": ["w1"]}, "a", {"a": ["w1"]}),
        _said(Kind.FAULT, {"a": ["w1"]}, "a", {"a": ["w2"]}),
        _said(Kind.FAULT, {"b": []}, "healthy", {}),
        _said(Kind.FAULT, {"b": []}, "unknown", {}),
        _said(Kind.DOUBLE, {"a": ["w1"], "b": []}, "b", {"b": ["w9"], "a": ["w1"]}),
        _said(Kind.DOUBLE, {"a": ["w1"], "b": []}, "a", {"a": ["w1"]}),
        _said(Kind.HEALTHY, {}, "healthy", {}),
        _said(Kind.HEALTHY, {}, "unknown", {}),
    ]

    assert Figures(right_first=0.25, false_alarms=1, false_healthy=1, both_named=0.5, n=8) == figures(told)
    assert "| `a` | 2 | 1 | `a at w2` 1 |" in confusion(told).splitlines()
    assert 5 == len(misses(told).splitlines()) - 2


def test_a_case_is_named_by_what_is_staged() -> None:
    """So that a campaign that was cut short knows which it has done."""
    case = Case(Kind.DOUBLE, (("a", "node=w1"), ("b",)), {"a": frozenset({"w1"}), "b": frozenset()})

    assert "a node=w1 + b" == case.name
