"""What a change has cost."""

import msgspec

from bot.language import ENGLISH
from bot.runbooks.execution import kept
from bot.runbooks.machine import Event, State
from bot.runbooks.measured import compared
from checks.finding import Finding, Seen, Severity
from checks.place import Pair
from checks.text import say
from tests.bot.runbooks.test_execution import SWAP, after, execution


def test_what_a_step_measures_is_kept_and_compared() -> None:
    """Before and after the exchange of a node, as ratios."""
    at = after(execution(), Event.HOLDS, Event.CLAIMED)
    assert ("measure-before", State.VERIFYING) == (at.step and at.step.name, at.state)
    at = kept(at, [_finding(2e9, 2.0)])
    assert [] == list(compared(at))

    later = next(number for number, step in enumerate(SWAP.steps) if step.name == "measure-after")
    at = kept(msgspec.structs.replace(at, index=later), [_finding(1.5e9, 3.0)])
    (told,) = (ENGLISH.words(text) for text in compared(at))
    rate, _, cost = told.partition("; ")
    assert "w1 carries 1.5 Gbit/s now and 2 Gbit/s before: a ratio of 0.75" == rate
    assert "a gigabyte costs its processors 1.5 times as much." == cost


def test_what_other_steps_measure_is_not_kept() -> None:
    """Only what is to be compared."""
    verify = next(number for number, step in enumerate(SWAP.steps) if step.name == "verify")
    at = msgspec.structs.replace(execution(), index=verify, state=State.VERIFYING)
    assert {} == kept(at, [_finding(1e9, 1.0)]).measured


def _finding(rate: float, softirq: float) -> Finding:
    seen = Seen(Pair("w1", "w2"), "pass", {"rate": rate, "softirq": softirq})
    return Finding(code="throughput.rate", severity=Severity.OK, text=say("x"), outcome="pass", seen=(seen,))
