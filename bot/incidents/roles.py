"""Who looks after an incident, and who is called for what. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from bot.access.requester import Requester
from bot.incidents.incidents import noted, with_entry
from bot.incidents.model import Entry, Incident, Sort
from bot.incidents.waiting import waits
from bot.runbooks.execution import Execution
from bot.runbooks.machine import State
from bot.runbooks.model import Approval
from checks.text import Text, say


@dataclass(frozen=True, slots=True)
class Role:
    """Something that one person is in an incident."""

    field: str
    """Of `Incident`."""
    called: Text
    """To whoever has it now, where Slack knows them."""
    told: Callable[[str], Text]
    """To everybody, with their name."""


ROLES: Mapping[str, Role] = {
    "owner": Role("owner", say("The incident is yours now"), lambda who: say("Handed over to {who}", who=who)),
    "approver": Role(
        "approver",
        say("You are called from now on where a second person has to approve"),
        lambda who: say("{who} is called from now on where a second person has to approve", who=who),
    ),
}
"""By name."""


def given(incident: Incident, role: Role, who: Requester, by: Requester, now: float) -> Incident:
    """The incident with somebody in a role; as it is where they have it already."""
    if getattr(incident, role.field) == who:
        return incident
    what = role.called if who.user else role.told(who.name)
    told = noted(incident, now, Sort.ROLE, what, by=by, to=who)
    return msgspec.structs.replace(told, **{role.field: who})


def called(incident: Incident) -> Requester:
    """Whose turn it is: the approver where a second person is awaited, else the owner."""
    named = incident.approver.user or incident.approver.name
    return incident.approver if named and _second_awaited(incident.execution) else incident.owner


def asked(incident: Incident, former: Execution, now: float) -> Incident:
    """The incident with a line that calls the approver, where it has just come to wait for one."""
    execution = incident.execution
    if not incident.approver.user or not _second_awaited(execution) or _second_awaited(former):
        return incident
    step = execution.step if execution else None
    what = say("Your approval is asked for: {step}", step=step.title if step else "")
    return with_entry(incident, Entry(at=now, sort=Sort.ROLE, what=what, to=incident.approver))


def _second_awaited(execution: Execution | None) -> bool:
    if execution is None or execution.operation is None or execution.state is not State.OFFERED:
        return False
    return waits(execution) and not execution.paused and execution.needs is Approval.SECOND
