"""What people decide about an execution: words, the events that they mean, and who may say them."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from bot.access.requester import Requester, same_person
from bot.errors import NotPermitted, UsageError
from bot.incidents.events import about
from bot.incidents.incidents import noted
from bot.incidents.model import Incident, Sort
from bot.runbooks.execution import Execution, NotNow, advance, approve, paused
from bot.runbooks.machine import Event
from bot.runbooks.model import Approval
from checks.text import Text, say

APPROVE, PAUSE, RESUME = "approve", "pause", "resume"


@dataclass(frozen=True, slots=True)
class Decision:
    """One word."""

    meaning: str
    """For help."""
    told: Text
    """In the timeline."""
    event: Event | None = None
    """None where it is no event of the machine."""
    sort: Sort = Sort.DECISION


DECISIONS: Mapping[str, Decision] = {
    APPROVE: Decision("the operator may do it", say("Approved"), sort=Sort.APPROVAL),
    "done": Decision("I have done it; or: go on", say("Said to be done"), Event.CLAIMED),
    "again": Decision("look once more", say("Look once more"), Event.AGAIN),
    "retry": Decision("do it once more", say("Do it once more"), Event.RETRY),
    "back": Decision("roll back", say("Roll back"), Event.BACK),
    "forward": Decision("do not roll back after all", say("Do not roll back after all"), Event.FORWARD),
    "stop": Decision("end the plan where it is", say("The plan is stopped"), Event.STOP),
    PAUSE: Decision("go no further by yourself", say("Paused")),
    RESUME: Decision("go on", say("Resumed")),
}
"""By the word."""


def decided(
    incident: Incident, word: str, now: float, *, by: Requester, channel: str = "", revision: int = 0
) -> Incident:
    """The incident after somebody's word. `revision` is that of the execution that they saw, 0 for the newest.

    Raises:
        UsageError: there is nothing to decide, or it was decided already.
        NotPermitted: the approval of a second person is needed, and this is the first one.
    """
    execution = incident.execution
    if execution is None or not incident.open:
        raise UsageError("There is no plan on its way here.", hint="See:", command=f"incident show {incident.id}")
    if revision and revision != execution.revision:
        raise _settled(incident)
    try:
        changed = _applied(execution, word, by, channel, now)
    except NotNow:
        raise _settled(incident) from None
    decision = DECISIONS[word]
    told = noted(incident, now, decision.sort, about(decision.told, execution.step), by=by)
    return msgspec.structs.replace(told, execution=changed)


def _applied(execution: Execution, word: str, by: Requester, channel: str, now: float) -> Execution:
    if word in (PAUSE, RESUME):
        if execution.ended or execution.paused == (word == PAUSE):
            raise NotNow
        return paused(execution, paused=word == PAUSE)
    if word == APPROVE:
        _may_approve(execution, by)
        return approve(execution, by, channel, now)
    event = DECISIONS[word].event
    if event is None:
        raise NotNow
    if event is Event.CLAIMED and execution.operation is not None:
        # What the operator is to do is not said to be done by a person.
        raise NotNow
    return advance(execution, event, now)


def _may_approve(execution: Execution, by: Requester) -> None:
    if execution.needs is Approval.SECOND and same_person(by, execution.by):
        raise NotPermitted(
            "This needs the approval of a second person, and you have started the plan.",
            hint="Ask somebody else who may approve.",
        )


def _settled(incident: Incident) -> UsageError:
    state = incident.execution.state if incident.execution else "none"
    return UsageError(
        f"This was settled meanwhile: the plan is at {state} now.",
        hint="The message shows where it stands, and so does:",
        command=f"incident show {incident.id}",
    )
