"""What people decide about an execution: words, the events that they mean, and who may say them."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from bot.access.requester import Requester, same_person
from bot.errors import NotPermitted, UsageError
from bot.incidents.events import about
from bot.incidents.incidents import noted
from bot.incidents.model import Incident, Sort
from bot.incidents.outline import standing
from bot.language import ENGLISH
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


@dataclass(frozen=True, slots=True)
class Said:
    """A word of somebody, and what they saw when they said it."""

    word: str
    by: Requester
    channel: str = ""
    """In which they said it; empty outside Slack."""
    plan: int = 0
    """The number of the plan that they saw in the incident; 0 for the newest."""
    revision: int = 0
    """Of its execution as they saw it; 0 for the newest."""
    act: str = ""
    """The same for every delivery of the same word."""


def decided(incident: Incident, said: Said, now: float) -> Incident:
    """The incident after somebody's word; unchanged when that word was heard already.

    Raises:
        UsageError: there is nothing to decide, or it was decided already.
        NotPermitted: the approval of a second person is needed, and this is the first one.
    """
    if heard(incident, said.act):
        return incident
    execution = incident.execution
    if execution is None or not incident.open:
        raise UsageError("There is no plan on its way here.", hint="See:", command=f"incident show {incident.id}")
    if said.revision and (said.plan, said.revision) != (execution.number, execution.revision):
        raise _settled(incident)
    try:
        changed = _applied(execution, said, now)
    except NotNow:
        raise _settled(incident) from None
    decision = DECISIONS[said.word]
    told = noted(incident, now, decision.sort, about(decision.told, execution.step), by=said.by, act=said.act)
    return msgspec.structs.replace(told, execution=changed)


def heard(incident: Incident, act: str) -> bool:
    """Whether this very act was done already: Slack delivers one again when its acknowledgement was lost."""
    return bool(act) and any(entry.act == act for entry in incident.timeline)


def _applied(execution: Execution, said: Said, now: float) -> Execution:
    word = said.word
    if word in (PAUSE, RESUME):
        if execution.ended or execution.paused == (word == PAUSE):
            raise NotNow
        return paused(execution, paused=word == PAUSE)
    if word == APPROVE:
        _may_approve(execution, said.by)
        return approve(execution, said.by, said.channel, now)
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
    """What stands there now, and whose word it was that came first."""
    words = [entry for entry in incident.timeline if entry.sort in (Sort.DECISION, Sort.APPROVAL)]
    last = f" {ENGLISH.words(words[-1].what)}, by {words[-1].by.name}." if words else ""
    where = f" It stands at: {ENGLISH.words(standing(incident.execution))}." if incident.execution else ""
    return UsageError(
        f"This was settled meanwhile.{last}{where}",
        hint="Its message shows what can be done now, and so does:",
        command=f"incident show {incident.id}",
    )
