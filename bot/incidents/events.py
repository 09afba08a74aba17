"""What the timeline says when an execution moves. Pure."""

from collections.abc import Mapping

from bot.incidents.incidents import noted
from bot.incidents.model import Incident, Sort
from bot.runbooks.execution import Execution
from bot.runbooks.machine import State
from bot.runbooks.model import Step
from checks.text import Text, say

_TOLD: Mapping[tuple[State, State], tuple[Sort, Text]] = {
    (State.PLANNING, State.CHECKING): (Sort.CHECK, say("The plan is made")),
    (State.PLANNING, State.REFUSED): (Sort.CHECK, say("The plan must not be begun")),
    (State.CHECKING, State.BLOCKED): (Sort.CHECK, say("Not begun, because something does not hold")),
    (State.OFFERED, State.ACTING): (Sort.ACTION, say("The operator begins")),
    (State.ACTING, State.VERIFYING): (Sort.ACTION, say("The operator has ended")),
    (State.ACTING, State.UNVERIFIED): (Sort.ACTION, say("The operator could not do it")),
    (State.VERIFYING, State.CHECKING): (Sort.CHECK, say("Verified")),
    (State.VERIFYING, State.DONE): (Sort.CHECK, say("Verified, and with it the whole plan")),
    (State.VERIFYING, State.UNVERIFIED): (Sort.CHECK, say("Not verified")),
    (State.UNDOING, State.UNDO_VERIFYING): (Sort.ACTION, say("The operator has rolled back")),
    (State.UNDOING, State.STUCK): (Sort.ACTION, say("The rollback failed: a person has to take over")),
    (State.UNDO_VERIFYING, State.UNDO_OFFERED): (Sort.CHECK, say("Rolled back, verified")),
    (State.UNDO_VERIFYING, State.UNDONE): (Sort.CHECK, say("Rolled back, verified, and with it the last step")),
    (State.UNDO_VERIFYING, State.STUCK): (Sort.CHECK, say("The rollback is not verified: a person has to take over")),
}
"""What is told of a change that netcheck makes by itself; what people decide is told where they do."""


def told(incident: Incident, former: Execution, execution: Execution, now: float) -> Incident:
    """The incident with a line about what its execution has come to; without one where that says nothing new."""
    found = _TOLD.get((former.state, execution.state))
    step = former.step
    if found is None or _silent(former, step):
        return incident
    sort, what = found
    return noted(incident, now, sort, about(what, step), details=execution.notes)


def _silent(former: Execution, step: Step | None) -> bool:
    """A step at which nothing is done and nothing is looked for is no news."""
    return former.state is State.VERIFYING and step is not None and step.asks and not step.verification


def about(what: Text, step: Step | None) -> Text:
    """What happened, and to which step."""
    return say("{what}: {step}", what=what, step=step.title) if step else what
