"""`fix`: walk through a runbook, in an incident."""

import msgspec

from bot.access.verb import Verb
from bot.commands import runbook_words
from bot.commands.answer import Opened
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line
from bot.commands.opening import diagnosed, joined, shown, verdict_of
from bot.errors import UsageError
from bot.incidents.incidents import Incidents, noted
from bot.incidents.model import PAST_KEPT, Incident, Sort
from bot.runbooks.execution import Execution
from bot.runbooks.registry import RUNBOOKS, cures
from checks.text import say


def _parse(line: Line) -> Asked:
    return runbook_words.parse(line, example=COMMAND.example, required=False)


def _act(errand: Errand) -> Opened:
    """Open an incident, or join the one about the same, and begin there unless a plan is on its way already."""
    runbook_words.complete(errand.asked, errand.target.cluster)
    run = diagnosed(errand)
    name = errand.asked.subject or next((r.name for r in cures(verdict_of(run))), "")
    if not name:
        raise UsageError(
            "No diagnosis of the last hour names a cause that a runbook cures.", hint="First:", command="diagnose"
        )
    incident = joined(errand, RUNBOOKS[name], run)
    Incidents(errand.runs.client, incident.cluster).change(
        incident.id, lambda seen, now: _begun(seen, now, errand, name)
    )
    return shown(errand, incident)


def _begun(seen: Incident, now: float, errand: Errand, runbook: str) -> Incident:
    by = errand.caller.by
    running = seen.execution
    if running is not None and not running.ended:
        asked = errand.asked
        same = (running.runbook, running.nodes, running.choices) == (runbook, asked.nodes, asked.parameters)
        if same and running.by == by:
            return seen
        raise UsageError(
            f"A plan is on its way in the incident {seen.id} already: {running.runbook}.",
            hint="End it first, or go on with it:",
            command=f"incident show {seen.id}",
        )
    execution = Execution(
        id=f"{seen.id}-{(running.number if running else 0) + 1}",
        runbook=runbook,
        nodes=errand.asked.nodes,
        choices=errand.asked.parameters,
        by=by,
        since=now,
    )
    told = noted(seen, now, Sort.DECISION, say("Begun: {line}", line=errand.asked.line), by=by)
    past = (*seen.past, running)[-PAST_KEPT:] if running else seen.past
    return msgspec.structs.replace(told, execution=execution, past=past)


COMMAND = Command(
    name="fix",
    usage="fix [RUNBOOK] [choice=value…] [on NODE…] [in CLUSTER]",
    meaning="Walk through a runbook step by step. Without one: the least disruptive for the last verdict.",
    example="fix offload-off",
    verb=Verb.REMEDIATE,
    parse=_parse,
    act=_act,
)
