"""Refusals are told from silence, and both from what was not measured."""

import pytest

from checks.finding import UNSEEN, Severity
from checks.judging.crossing import AT_ONCE_S, OUTCOMES, crossing
from checks.probes.outcome import Result


@pytest.mark.parametrize(
    ("result", "elapsed_s", "expected"),
    [
        (Result.OK, 0.0004, "pass"),
        (Result.OK, 1.7, "pass"),
        (Result.UNREACHABLE, 0.0, "rejected"),
        (Result.UNREACHABLE, AT_ONCE_S / 2, "rejected"),
        (Result.UNREACHABLE, 3.1, "lost"),
        (Result.PROHIBITED, 1.2, "rejected"),
        (Result.BLOCKED, 0.0, "rejected"),
        (Result.REFUSED, 0.001, "rejected"),
        (Result.RESET, 1.2, "rejected"),
        (Result.TIMEOUT, 0.0, "lost"),
        (Result.WRONG_ANSWER, 0.0, "lost"),
        (Result.CLOSED, 0.0, UNSEEN),
        (Result.NOT_PERMITTED, 0.0, UNSEEN),
        (Result.ERROR, 0.0, UNSEEN),
    ],
)
def test_what_a_probe_says(result: Result, elapsed_s: float, expected: str) -> None:
    """What answers for the peer at once rejects; a next hop that the kernel gives up on after seconds is silence."""
    assert expected == crossing(result, elapsed_s)


@pytest.mark.parametrize("result", Result)
def test_every_result_has_a_declared_outcome(result: Result) -> None:
    """Whatever a probe may end with."""
    assert crossing(result, 0.0) in {UNSEEN, *(outcome.word for outcome in OUTCOMES)}


def test_lost_is_worse_than_rejected() -> None:
    """The worst stands last, and nothing but a pass is well."""
    assert [("pass", True), ("rejected", False), ("lost", False)] == [(o.word, o.severity.well) for o in OUTCOMES]
    assert {Severity.FAILED} == {o.severity for o in OUTCOMES[1:]}
