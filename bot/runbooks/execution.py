"""One walk through a plan, as data, and how it changes. Pure: time, runs and operations come in from outside.

Every change raises `revision`. What is asked of the outside while a state lasts has an id made of it, so that whoever
asks again, after a death or in a second replica, asks for the same thing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.runbooks.machine import ENDED, TRANSITIONS, Event, State
from bot.runbooks.model import Approval, Expectation, Plan, Step, digest
from bot.runbooks.operations import Operation
from checks.finding import Finding
from checks.text import Text

DONE, UNDONE = "done", "undone"


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's word that the operator may act: for the steps of one unit, exactly as they were shown."""

    by: Requester
    at: float
    """Unix time in seconds."""
    revision: int
    """Of the execution that was shown."""
    digest: str
    """Of the steps; see `bot.runbooks.model.digest`."""
    channel: str = ""
    """The Slack channel in which it was given: rights can depend on that."""


class NotNow(Exception):  # noqa: N818 - it is an answer, not an accident
    """The event does not lead anywhere from this state: somebody was faster, or a button is old."""


class Execution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A runbook on its way."""

    id: str
    runbook: str
    nodes: tuple[str, ...] = ()
    choices: dict[str, Any] = {}
    by: Requester
    """Who started it."""
    state: State = State.PLANNING
    revision: int = 1
    since: float
    """Unix time in seconds at which this state began."""
    until: float = 0.0
    """A verification is repeated until then before it counts as not fulfilled; see `Step.patience_s`."""
    plan: Plan | None = None
    index: int = 0
    """The step that it is at."""
    outcomes: dict[int, str] = {}
    """By the number of a step: `DONE` or `UNDONE`."""
    tries: int = 0
    """How often it was looked in this state."""
    notes: tuple[Text, ...] = ()
    """Why it is where it is: what does not hold, what the operator said."""
    approvals: dict[str, Approved] = {}
    """By `approval_key`."""
    measured: dict[str, dict[str, float]] = {}
    """What steps that keep it have measured, by the step's name and node, `NAME NODE`."""
    paused: bool = False

    @property
    def number(self) -> int:
        """Which plan of its incident it is, from 1 on."""
        number = self.id.rpartition("-")[2]
        return int(number) if number.isdecimal() else 0

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ENDED

    @property
    def step(self) -> Step | None:
        """The step that it is at; None before there is a plan and after the last one."""
        steps = self.plan.steps if self.plan else ()
        return steps[self.index] if self.index < len(steps) and self.state is not State.REFUSED else None

    @property
    def backwards(self) -> bool:
        """Whether it is on its way back."""
        return self.state in (State.UNDO_OFFERED, State.UNDOING, State.UNDO_VERIFYING, State.STUCK)

    @property
    def operation(self) -> Operation | None:
        """What the operator would do here."""
        if self.step is None:
            return None
        undo = self.step.undo
        return (undo.operation if undo else None) if self.backwards else self.step.operation

    @property
    def needs(self) -> Approval:
        """Whose word the operator needs here. The way back is a way to safety: one person may send it there."""
        if self.step is None or self.plan is None or self.operation is None:
            return Approval.NONE
        return Approval.ONE if self.backwards else self.plan.needs(self.step.unit)

    @property
    def approval_key(self) -> str:
        """What an approval here is filed under: a word for the way there is none for the way back."""
        unit = self.step.unit if self.step else ""
        return f"{unit}/undo" if self.backwards else unit

    @property
    def approved(self) -> Approved | None:
        """The word that covers the step that it is at, if somebody has given one for just what is in the plan."""
        if self.step is None or self.plan is None:
            return None
        word = self.approvals.get(self.approval_key)
        return word if word and word.digest == digest(self.plan.unit(self.step.unit)) else None

    @property
    def expected(self) -> tuple[Expectation, ...]:
        """What is to be seen in the present state."""
        step = self.step
        if step is None:
            return ()
        looked: Mapping[State, tuple[Expectation, ...]] = {
            State.CHECKING: step.precondition,
            State.VERIFYING: step.verification,
            State.UNDO_VERIFYING: step.undo.verification if step.undo else (),
        }
        return looked.get(self.state, ())

    @property
    def way_back(self) -> tuple[int, ...]:
        """The steps that a rollback would take from here, the next one first: those of this unit that did something.

        A step that is not known to have worked may have done something all the same.
        """
        step, steps = self.step, self.plan.steps if self.plan else ()
        if step is None:
            return ()
        begun = self.state in (State.UNVERIFIED, State.UNDO_OFFERED, State.UNDOING, State.UNDO_VERIFYING, State.STUCK)
        return tuple(
            number
            for number in range(self.index, -1, -1)
            if steps[number].unit == step.unit
            and steps[number].undo
            and (self.outcomes.get(number) == DONE or (number == self.index and begun))
        )

    def may(self, event: Event) -> bool:
        """Whether an event leads anywhere from here."""
        if event is Event.BACK and not self.way_back:
            return False
        return event in TRANSITIONS.get(self.state, {})

    def asked(self, what: str) -> str:
        """The id of what is asked for in the present state."""
        return f"{self.id}-{self.revision}-{self.tries}-{what}"


def planned(execution: Execution, plan: Plan, now: float) -> Execution:
    """The execution with its plan."""
    if plan.refusals or not plan.steps:
        return _moved(execution, Event.REFUSED, now, plan=plan, notes=plan.refusals)
    return _entered(_moved(execution, Event.PLANNED, now, plan=plan), now)


def advance(execution: Execution, event: Event, now: float, *, notes: tuple[Text, ...] = ()) -> Execution:
    """The execution after an event.

    Raises:
        NotNow: the event does not lead anywhere from here.
    """
    if not execution.may(event):
        raise NotNow
    match execution.state, event:
        case State.VERIFYING, Event.HOLDS:
            return _next_step(execution, now)
        case State.UNDO_VERIFYING, Event.HOLDS:
            return _previous_step(execution, now)
        case _, Event.BACK:
            return _moved(execution, event, now, index=execution.way_back[0])
        case _, Event.FORWARD:
            return _entered(_moved(execution, event, now), now)
        case _:
            return _entered(_moved(execution, event, now, notes=notes), now)


def kept(execution: Execution, findings: Iterable[Finding]) -> Execution:
    """The execution with what its step's verification has measured, where that is to be kept."""
    step = execution.step
    if step is None or not step.keeps or execution.state is not State.VERIFYING:
        return execution
    codes = {expected.code for expected in step.verification}
    values = {key: value for f in findings if f.code in codes for s in f.seen for key, value in s.measures.items()}
    measured = {**execution.measured, f"{step.name} {step.node}": values}
    return msgspec.structs.replace(execution, measured=measured)


def looked_again(execution: Execution) -> Execution:
    """The execution after a verification that did not hold and whose patience is not at its end."""
    return msgspec.structs.replace(execution, tries=execution.tries + 1)


def approve(execution: Execution, by: Requester, channel: str, now: float) -> Execution:
    """The execution with somebody's word for what is offered, and for the rest of its unit.

    Raises:
        NotNow: nothing is offered that the operator could do.
    """
    step, plan = execution.step, execution.plan
    if step is None or plan is None or execution.operation is None or not execution.may(Event.GO):
        raise NotNow
    word = Approved(by=by, at=now, revision=execution.revision, digest=digest(plan.unit(step.unit)), channel=channel)
    return _moved(execution, Event.GO, now, approvals={**execution.approvals, execution.approval_key: word})


def paused(execution: Execution, *, paused: bool) -> Execution:
    """The execution, which goes on by itself no further than this, or does again."""
    return msgspec.structs.replace(execution, paused=paused, revision=execution.revision + 1)


def _next_step(execution: Execution, now: float) -> Execution:
    outcomes = {**execution.outcomes, execution.index: DONE}
    if execution.plan and execution.index + 1 >= len(execution.plan.steps):
        return _moved(execution, Event.FINISHED, now, outcomes=outcomes, index=execution.index + 1)
    return _moved(execution, Event.HOLDS, now, outcomes=outcomes, index=execution.index + 1)


def _previous_step(execution: Execution, now: float) -> Execution:
    outcomes = {**execution.outcomes, execution.index: UNDONE}
    left = [number for number in execution.way_back if number != execution.index]
    if not left:
        return _moved(execution, Event.FINISHED, now, outcomes=outcomes)
    return _moved(execution, Event.HOLDS, now, outcomes=outcomes, index=left[0])


def _entered(execution: Execution, now: float) -> Execution:
    """With the times of a verification that begins."""
    step = execution.step
    if step is None or execution.state not in (State.VERIFYING, State.UNDO_VERIFYING):
        return execution
    wait_s = step.wait_s if execution.state is State.VERIFYING else 0.0
    return msgspec.structs.replace(execution, until=now + wait_s + step.patience_s)


def _moved(execution: Execution, event: Event, now: float, **fields: Any) -> Execution:
    target = TRANSITIONS.get(execution.state, {}).get(event)
    if target is None:
        raise NotNow
    kept = {"state": target, "revision": execution.revision + 1, "since": now, "until": 0.0, "tries": 0, "notes": ()}
    return msgspec.structs.replace(execution, **{**kept, **fields})
