"""How an incident is opened, or joined: from the last diagnosis, once a cause."""

from bot.commands.answer import Opened
from bot.commands.command import Errand
from bot.incidents.incidents import Incidents, noted
from bot.incidents.model import INCIDENT, Incident, Sort
from bot.messages.messages import MessageState
from bot.runbooks.registry import RUNBOOKS
from bot.runbooks.runbook import Runbook
from bot.runs.model import Run
from bot.runs.requests import new_id
from checks.diagnosis.model import HEALTHY, UNKNOWN
from checks.text import Text, say

RECENT_S = 3600.0
"""A diagnosis that is older says nothing of what is broken now."""
_LOOKED_AT = 30


def diagnosed(errand: Errand) -> Run | None:
    """The newest run with a diagnosis of the last hour."""
    now = errand.means().clusters.now()
    for run in errand.runs.recent(_LOOKED_AT):
        if run.report and run.report.diagnosis and not run.open and now - run.request.requested_at < RECENT_S:
            return run
    return None


def verdict_of(run: Run | None) -> str:
    """The cause that a diagnosis names; empty when it names none."""
    verdict = run.report.diagnosis.verdict if run and run.report and run.report.diagnosis else ""
    return "" if verdict in (HEALTHY, UNKNOWN) else verdict


def opened(errand: Errand, about: str, run: Run | None) -> Incident:
    """Open an incident about a cause, or join the open one."""
    clusters, caller = errand.means().clusters, errand.caller
    now = clusters.now()
    incident = Incident(
        id=_id(errand),
        cluster=errand.target.cluster,
        about=about,
        title=_title(run, about),
        severity=str(run.report.severity) if run and run.report else "",
        opened_by=caller.by,
        opened_at=now,
        where=caller.where,
        owner=caller.by,
        run=run.id if run else "",
    )
    first = noted(incident, now, Sort.OPENED, say("Opened: {title}", title=incident.title), by=caller.by)
    return Incidents(errand.runs.client, errand.target.cluster).open(first)


def joined(errand: Errand, runbook: Runbook, run: Run | None) -> Incident:
    """The incident to which a runbook belongs: the open one about a cause of it, or the only one there is.

    A runbook that cures nothing by itself, such as making a pool, is the end of whatever incident is open.
    """
    incidents = Incidents(errand.runs.client, errand.target.cluster)
    running = [incident for incident in incidents.recent() if incident.open]
    verdict = verdict_of(run)
    fitting = [i for i in running if i.about in runbook.cures or i.about == verdict] or (
        running if not runbook.cures and len(running) == 1 else []
    )
    if fitting:
        return fitting[0]
    return opened(errand, verdict if verdict in runbook.cures else runbook.name, run)


def shown(errand: Errand, incident: Incident, *, its_own: bool = False) -> Opened:
    """An incident that was opened, joined or moved on, with where its message stands.

    `its_own` says that its own messages alone have the button that was pressed, if one was. A button may be in a
    second message of it that nobody knew of: from now on that is kept up to date too.
    """
    caller = errand.caller
    state = MessageState(errand.runs.client, errand.runs.keys, INCIDENT.name, incident.id)
    new = bool(caller.trigger) and incident.id == _id(errand)
    copies = (state.posted(), *state.orphans())
    here = bool(caller.message) and (its_own or caller.message in copies)
    if here and caller.where is not None:
        state.note_met(caller.where, caller.message)
    channel = state.where.channel if state.where else ""
    return Opened(incident.id, incident.cluster, channel=channel, in_sight=new or here)


def _id(errand: Errand) -> str:
    """The id of an incident that this act opens."""
    trigger = errand.caller.trigger
    return new_id(f"incident {trigger}" if trigger else "")


def _title(run: Run | None, about: str) -> Text:
    diagnosis = run.report.diagnosis if run and run.report else None
    cause = next((c for c in diagnosis.causes if c.slug == about), None) if diagnosis else None
    if cause:
        return cause.title
    title = RUNBOOKS[about].title if about in RUNBOOKS else "the cause is not known"
    return say("{title}", title=title)
