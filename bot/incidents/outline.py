"""What people are told of an incident: what it is, where its plan stands, what to do now."""

from collections.abc import Iterator

from bot.incidents.model import CLOSED, Incident
from bot.runbooks.execution import DONE, UNDONE, Execution
from bot.runbooks.machine import ENDED, State
from bot.runbooks.measured import compared
from bot.runbooks.model import Approval, Hand, Step
from bot.runbooks.outline import expectations, forms
from bot.runs.outline.model import SIGNS, Block, Heading, Line, Outline, Sign, Weight
from checks.finding import Severity
from checks.text import Text, say, say_many

_SHOWN = 8
"""Steps that are listed around the one that it is at."""
NEXT = Sign("▶", ":arrow_forward:", say("Now"), "cyan")
LATER = Sign("·", ":white_small_square:", say("Later"), "default")
BACKED = Sign("↩", ":leftwards_arrow_with_hook:", say("Rolled back"), "yellow")
_STATES = {
    State.PLANNING: (Severity.ADVICE, say("Looking at the cluster to make the plan")),
    State.REFUSED: (Severity.UNKNOWN, say("The plan must not be begun")),
    State.CHECKING: (Severity.ADVICE, say("Looking whether the next step may begin")),
    State.BLOCKED: (Severity.DEGRADED, say("The next step may not begin")),
    State.OFFERED: (Severity.ADVICE, say("Waiting for somebody")),
    State.ACTING: (Severity.ADVICE, say("The operator is at it")),
    State.VERIFYING: (Severity.ADVICE, say("Verifying with real checks")),
    State.UNVERIFIED: (Severity.DEGRADED, say("Not verified")),
    State.UNDO_OFFERED: (Severity.DEGRADED, say("The way back")),
    State.UNDOING: (Severity.DEGRADED, say("The operator is rolling back")),
    State.UNDO_VERIFYING: (Severity.DEGRADED, say("Verifying the way back")),
    State.STUCK: (Severity.FAILED, say("The rollback failed: a person has to take over")),
    State.DONE: (Severity.OK, say("Every step is done and verified")),
    State.UNDONE: (Severity.DEGRADED, say("Rolled back")),
    State.STOPPED: (Severity.DEGRADED, say("Stopped")),
}


def outline(incident: Incident) -> Outline:
    """The status of an incident."""
    heading = say("Incident {id}: {title}", id=incident.id, title=incident.title)
    if incident.state == CLOSED:
        sign = SIGNS[Severity.OK]
        return Outline(Heading(sign, say("Closed: {heading}", heading=heading)), tuple(_plan(incident.execution)))
    severity = _STATES[incident.execution.state][0] if incident.execution else Severity.DEGRADED
    first = [*_status(incident.execution), *_plan(incident.execution), *_now(incident.execution)]
    return Outline(Heading(SIGNS[severity], heading), tuple(first))


def _status(execution: Execution | None) -> Iterator[Block]:
    if execution is None:
        yield Block(None, (Line(say("No plan is on its way.")),))
        return
    told = _STATES[execution.state][1]
    if execution.paused:
        told = say("Paused: {told}", told=told)
    title = execution.plan.title if execution.plan else say("{runbook}", runbook=execution.runbook)
    yield Block(title, (Line(told),))
    plan = execution.plan
    if plan and plan.override:
        yield Block(None, (Line(say("Against the evidence: {why}", why=plan.override), SIGNS[Severity.DEGRADED]),))
    if plan and plan.warnings and execution.state not in ENDED and execution.index == 0:
        yield Block(say("Before you begin"), tuple(map(Line, plan.warnings)), Weight.POINTS)
    if costs := tuple(map(Line, compared(execution))):
        yield Block(say("What it costs"), costs, Weight.POINTS)
    if execution.notes:
        yield Block(say("What was seen"), tuple(map(Line, execution.notes[:_SHOWN])), Weight.POINTS)


def _plan(execution: Execution | None) -> Iterator[Block]:
    steps = execution.plan.steps if execution and execution.plan else ()
    if execution is None or not steps:
        return
    first = max(0, min(execution.index - _SHOWN // 2, len(steps) - _SHOWN))
    lines = [_step_line(execution, number, steps[number]) for number in range(first, min(len(steps), first + _SHOWN))]
    if first:
        text = say_many("{count} step before", "{count} steps before", first)
        lines.insert(0, Line(text, SIGNS[Severity.OK]))
    left = len(steps) - first - _SHOWN
    if left > 0:
        lines.append(Line(say_many("{count} step after", "{count} steps after", left), LATER))
    done = sum(1 for outcome in execution.outcomes.values() if outcome == DONE)
    yield Block(say("Steps, {done} of {count} done", done=done, count=len(steps)), tuple(lines))


def _step_line(execution: Execution, number: int, step: Step) -> Line:
    title = say("{number}. {title}", number=number + 1, title=step.title)
    outcome = execution.outcomes.get(number)
    if outcome == UNDONE:
        return Line(title, BACKED)
    if number == execution.index and not execution.ended:
        return Line(title, NEXT)
    return Line(title, SIGNS[Severity.OK] if outcome == DONE else LATER)


def _now(execution: Execution | None) -> Iterator[Block]:
    """What is to be done now, with the commands for it."""
    step = execution.step if execution else None
    if (
        execution is None
        or step is None
        or execution.state
        not in (
            State.OFFERED,
            State.UNVERIFIED,
            State.BLOCKED,
            State.UNDO_OFFERED,
            State.STUCK,
        )
    ):
        return
    if execution.backwards and step.undo:
        yield Block(say("To go back: {title}", title=step.undo.title), (Line(_asked(execution)),))
        yield from forms(step.undo.forms)
        yield from expectations(say("Verified by"), step.undo.verification)
        return
    yield Block(say("Now: {title}", title=step.title), (Line(_asked(execution)), *map(Line, step.why)))
    yield from _unit(execution, step)
    yield from expectations(say("Verified by"), step.verification)


def _unit(execution: Execution, step: Step) -> Iterator[Block]:
    """What is done; where one approval is for several steps, all that it is for."""
    steps = execution.plan.unit(step.unit) if execution.plan and execution.operation else (step,)
    if execution.approved or len(steps) == 1 or execution.needs is Approval.NONE:
        yield from forms(step.forms)
        return
    lines = [Line(say("{title}", title=each.title)) for each in steps]
    yield Block(say("One approval is for all of this"), tuple(lines), Weight.POINTS)
    for each in steps:
        if each.operation and each.forms:
            # The operator does what the shortest of the forms says.
            shortest = min(each.forms, key=lambda form: sum(map(len, form.lines)))
            yield from forms((shortest,))


def _asked(execution: Execution) -> Text:
    """What is asked of people."""
    step = execution.step
    if execution.operation is not None:
        if execution.needs is Approval.SECOND:
            return say("The operator does it once somebody other than {who} has approved.", who=execution.by.name)
        return say("The operator does it once somebody has approved.")
    if step is not None and step.hand is Hand.NOBODY and not execution.backwards:
        return say("Say whether to go on.") if step.asks else say("Nothing is done here; it is looked at.")
    return say("Do it, then say that it is done. It is looked at before anything goes on.")
