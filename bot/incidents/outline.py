"""What people are told of an incident: what it is, where its plan stands, what to do now."""

from collections.abc import Iterator

from bot.incidents.model import CLOSED, Incident
from bot.incidents.waiting import waits
from bot.runbooks.execution import DONE, UNDONE, Execution
from bot.runbooks.machine import ENDED, State
from bot.runbooks.measured import compared
from bot.runbooks.model import Approval, Hand, Step
from bot.runbooks.outline import expectations, forms
from bot.runs.outline.model import SIGNS, Block, Heading, Line, Outline, Sign, Weight
from checks.finding import Severity
from checks.text import Text, say, say_many, seconds

_SHOWN = 8
"""Steps that are listed around the one that it is at."""
WAITS = Sign("☞", ":point_right:", say("Somebody's turn"), "yellow")
UNDER_WAY = Sign("…", ":hourglass_flowing_sand:", say("Under way"), "cyan")
NEXT = Sign("▶", ":arrow_forward:", say("Now"), "cyan")
TROUBLED = Sign("!", ":warning:", say("Needs somebody"), "yellow")
LATER = Sign("·", ":white_small_square:", say("Later"), "default")
TAKEN = Sign("✓", ":white_check_mark:", say("Done"), "green")
BACKED = Sign("↩", ":leftwards_arrow_with_hook:", say("Rolled back"), "yellow")
_WELL, _UNKNOWN = SIGNS[Severity.OK], SIGNS[Severity.UNKNOWN]
_DEGRADED, _FAILED = SIGNS[Severity.DEGRADED], SIGNS[Severity.FAILED]
_STATES = {
    State.PLANNING: (UNDER_WAY, say("Looking at the cluster to make the plan")),
    State.REFUSED: (_UNKNOWN, say("The plan must not be begun")),
    State.CHECKING: (UNDER_WAY, say("Looking whether the next step may begin")),
    State.BLOCKED: (_DEGRADED, say("The next step may not begin")),
    State.OFFERED: (WAITS, say("Waiting for somebody")),
    State.ACTING: (UNDER_WAY, say("The operator is at it")),
    State.VERIFYING: (UNDER_WAY, say("Verifying with real checks")),
    State.UNVERIFIED: (_DEGRADED, say("Not verified")),
    State.UNDO_OFFERED: (_DEGRADED, say("The way back is offered")),
    State.UNDOING: (UNDER_WAY, say("The operator is rolling back")),
    State.UNDO_VERIFYING: (UNDER_WAY, say("Verifying the way back")),
    State.STUCK: (_FAILED, say("The rollback failed: a person has to take over")),
    State.DONE: (_WELL, say("Every step is done and verified")),
    State.UNDONE: (_DEGRADED, say("Rolled back")),
    State.STOPPED: (_DEGRADED, say("Stopped")),
}
_AWAITED = {
    Approval.ONE: say("Waiting for an approval"),
    Approval.SECOND: say("Waiting for the approval of a second person"),
}


def outline(incident: Incident) -> Outline:
    """The status of an incident: what is to be done now comes before what was and what will be."""
    heading = say("Incident {id}: {title}", id=incident.id, title=incident.title)
    if incident.state == CLOSED:
        return Outline(Heading(_WELL, say("Closed: {heading}", heading=heading)), tuple(_plan(incident.execution)))
    execution = incident.execution
    first = [*_diagnosed(incident), *_status(execution), *_now(execution), *_plan(execution)]
    return Outline(Heading(_sign(execution), heading), tuple(first))


def _diagnosed(incident: Incident) -> Iterator[Block]:
    """What is known since it was opened; what has changed is told in the thread."""
    if incident.looking:
        yield Block(None, (Line(say("The cluster is being diagnosed again"), UNDER_WAY),))
    elif incident.latest:
        yield Block(None, (Line(say("Diagnosed again: {verdict}", verdict=incident.latest)),))


def standing(execution: Execution) -> Text:
    """Where a plan is, in a few words."""
    told = _STATES[execution.state][1]
    step = execution.step
    if execution.state is State.OFFERED:
        told = _offered(execution)
    elif execution.state is State.VERIFYING and step is not None and step.wait_s:
        told = say("Watching for {time}, then verifying with real checks", time=seconds(step.wait_s))
    return say("Paused: {told}", told=told) if execution.paused else told


def _sign(execution: Execution | None) -> Sign:
    if execution is None:
        return _DEGRADED
    sign = _STATES[execution.state][0]
    return UNDER_WAY if sign is WAITS and not waits(execution) else sign


def _offered(execution: Execution) -> Text:
    step = execution.step
    if step is None or not waits(execution):
        return say("Going on")
    if execution.operation is not None:
        return _AWAITED.get(execution.needs, _STATES[State.OFFERED][1])
    if step.hand is Hand.NOBODY:
        return say("Waiting for a word whether to go on")
    return say("Waiting for somebody to do it and say so")


def _status(execution: Execution | None) -> Iterator[Block]:
    if execution is None:
        yield Block(None, (Line(say("No plan is on its way.")),))
        return
    plan, step = execution.plan, execution.step
    title = plan.title if plan else say("{runbook}", runbook=execution.runbook)
    told = standing(execution)
    if step is not None and not execution.ended:
        told = say("{told}: {step}", told=told, step=_step_title(execution, step))
    yield Block(title, (Line(told),))
    if plan and plan.override:
        yield Block(None, (Line(say("Against the evidence: {why}", why=plan.override), _DEGRADED),))
    if plan and plan.warnings and execution.state not in ENDED and execution.index == 0:
        yield Block(say("Before you begin"), tuple(map(Line, plan.warnings)), Weight.POINTS)
    if costs := tuple(map(Line, compared(execution))):
        yield Block(say("What it costs"), costs, Weight.POINTS)
    if execution.notes:
        yield Block(say("What was seen"), tuple(map(Line, execution.notes[:_SHOWN])), Weight.POINTS)


def _step_title(execution: Execution, step: Step) -> Text:
    return step.undo.title if execution.backwards and step.undo else step.title


def _plan(execution: Execution | None) -> Iterator[Block]:
    steps = execution.plan.steps if execution and execution.plan else ()
    if execution is None or not steps:
        return
    first = max(0, min(execution.index - _SHOWN // 2, len(steps) - _SHOWN))
    lines = [_step_line(execution, number, steps[number]) for number in range(first, min(len(steps), first + _SHOWN))]
    if first:
        text = say_many("{count} step before", "{count} steps before", first)
        lines.insert(0, Line(text, TAKEN))
    left = len(steps) - first - _SHOWN
    if left > 0:
        lines.append(Line(say_many("{count} step after", "{count} steps after", left), LATER))
    done = sum(1 for outcome in execution.outcomes.values() if outcome == DONE)
    title = say("Steps, {done} of {count} done", done=done, count=len(steps))
    yield Block(title, tuple(lines), Weight.STEPS)


def _step_line(execution: Execution, number: int, step: Step) -> Line:
    title = say("{number}. {title}", number=number + 1, title=step.title)
    outcome = execution.outcomes.get(number)
    if outcome == UNDONE:
        return Line(title, BACKED)
    if number == execution.index and not execution.ended:
        return Line(title, TROUBLED if execution.state in _DECIDE else NEXT)
    return Line(title, TAKEN if outcome == DONE else LATER)


def _now(execution: Execution | None) -> Iterator[Block]:
    """What is to be done now, with the commands for it."""
    step = execution.step if execution else None
    if execution is None or step is None or execution.ended or not waits(execution):
        return
    if execution.backwards and step.undo:
        yield Block(say("To go back: {title}", title=step.undo.title), (Line(_asked(execution)),))
        yield from forms(step.undo.forms)
        yield from expectations(say("Verified by"), step.undo.verification)
        return
    yield Block(say("Now: {title}", title=step.title), (Line(_asked(execution)), *map(Line, step.why)))
    if execution.state is State.BLOCKED:
        yield from expectations(say("What must be so before"), step.precondition)
        return
    yield from _unit(execution, step)
    yield from expectations(say("Verified by"), step.verification)


def _unit(execution: Execution, step: Step) -> Iterator[Block]:
    """What is done; where one approval is for several steps, all that it is for."""
    steps = execution.plan.unit(step.unit) if execution.plan and execution.operation else (step,)
    if execution.approved or len(steps) == 1 or execution.needs is Approval.NONE:
        yield from forms(step.forms)
        return
    lines = [Line(say("{title}", title=each.title)) for each in steps]
    yield Block(say("One approval is for all of this; by hand it would be what follows"), tuple(lines), Weight.POINTS)
    for each in steps:
        if each.operation and each.forms:
            # The operator does what the shortest of the forms says.
            shortest = min(each.forms, key=lambda form: sum(map(len, form.lines)))
            yield from forms((shortest,))


_DECIDE = {
    State.BLOCKED: say("It may not begin while this is so. Put it right, then have it looked at again."),
    State.UNVERIFIED: say("It was not seen to have worked, so nothing goes on before somebody decides."),
    State.STUCK: say("Put it right by hand, then have it looked at again."),
}
"""What is asked of people where something is not as it should be."""


def _asked(execution: Execution) -> Text:
    """What is asked of people."""
    step = execution.step
    if execution.state in _DECIDE:
        return _DECIDE[execution.state]
    if execution.operation is not None:
        if execution.needs is Approval.SECOND:
            return say("The operator does it once somebody other than {who} has approved.", who=execution.by.name)
        return say("The operator does it once somebody has approved.")
    if step is not None and step.hand is Hand.NOBODY and not execution.backwards:
        return say("Say whether to go on.") if step.asks else say("Nothing is done here; it is looked at.")
    return say("Do it, then say that it is done. It is looked at before anything goes on.")
