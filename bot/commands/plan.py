"""`plan`: all that a runbook would do here, with every command filled in. Changes nothing."""

from bot.access.verb import Verb
from bot.commands import runbook_words
from bot.commands.answer import Started
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line
from bot.runbooks.presence import verbs
from bot.runbooks.registry import looked_at
from bot.runs.model import Wanted


def _parse(line: Line) -> Asked:
    return runbook_words.parse(line, example=COMMAND.example, required=True)


def _act(errand: Errand) -> Started:
    asked = errand.asked
    runbook_words.complete(asked, errand.target.cluster)
    able = verbs(errand.runs.client, errand.runs.keys)
    return errand.start(looked_at(asked.subject), Wanted(asked.subject, asked.nodes, asked.parameters, able))


COMMAND = Command(
    name="plan",
    usage="plan RUNBOOK [choice=value…] [on NODE…] [in CLUSTER]",
    meaning="Show what a runbook would do here, command by command. Changes nothing.",
    example="plan offload-off",
    verb=Verb.DIAGNOSE,
    parse=_parse,
    act=_act,
    starts_run=True,
)
