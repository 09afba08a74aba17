"""Diagnosing the cluster of an incident once more, and what has changed since the diagnosis before. Pure."""

import msgspec

from bot.access.requester import Requester
from bot.incidents.incidents import noted
from bot.incidents.model import Incident, Looking, Sort
from bot.runs.model import Run
from bot.runs.outline import outline
from checks.changes import changes
from checks.report import Report
from checks.text import Text, say, shortened

TOLD = 8
"""Changes that are told one by one; the rest is counted."""


def asked(incident: Incident, by: Requester, now: float, act: str = "") -> Incident:
    """The incident with a diagnosis on its way; as it is where one is already."""
    if incident.looking:
        return incident
    run = f"{incident.id}-diagnose-{incident.left_out + len(incident.timeline)}"
    told = noted(incident, now, Sort.DECISION, say("Diagnose again"), by=by, act=act)
    return msgspec.structs.replace(told, looking=Looking(run=run, by=by))


def answered(incident: Incident, before: Run | None, run: Run, now: float) -> Incident:
    """The incident with what a diagnosis has said; `before` is the one before it, if it is still kept."""
    if incident.looking is None or incident.looking.run != run.id:
        return incident
    said = outline(run).heading.text
    if run.report is None:
        why = (say("{words}", words=run.error),) if run.error else ()
        told = noted(incident, now, Sort.CHECK, say("It could not be diagnosed again"), details=why)
        return msgspec.structs.replace(told, looking=None)
    told = noted(
        incident, now, Sort.CHECK, say("Diagnosed again: {verdict}", verdict=said), details=_since(before, run.report)
    )
    return msgspec.structs.replace(told, looking=None, latest=said, run=run.id)


def _since(before: Run | None, report: Report) -> tuple[Text, ...]:
    if before is None or before.report is None:
        return (say("The diagnosis before is not kept any more, so nobody can say what has changed."),)
    found = [change.sentence for change in changes(before.report, report)]
    return tuple(shortened(found, TOLD)) or (say("Nothing has changed since the diagnosis before."),)
