"""`run`: one check."""

import msgspec

from bot.access.verb import Verb
from bot.commands.answer import Started
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line, unknown
from bot.commands.parameters import parameters_of
from bot.errors import UsageError
from bot.names import short
from checks.registry import CHECKS


def _parse(line: Line) -> Asked:
    said = line.said()
    if not said.words:
        raise UsageError("Which check?", hint=f"One of {', '.join(CHECKS)}, for example:", command=COMMAND.example)
    name, *rest = said.words
    check = CHECKS.get(name.lower())
    asked = Asked(command="run", subject=name.lower(), parameters=said.pairs, nodes=said.nodes, cluster=said.cluster)
    if check is None:
        raise unknown("check", name, list(CHECKS), lambda near: msgspec.structs.replace(asked, subject=near).line)
    if rest:
        raise UsageError(
            f"{short(rest[0])!r} is not understood here.",
            hint="Parameters are written key=value, nodes after on:",
            command="help run",
        )
    return Asked(
        command="run",
        subject=check.name,
        parameters=parameters_of(check, said.pairs),
        nodes=said.nodes,
        cluster=said.cluster,
    )


def _act(errand: Errand) -> Started:
    return errand.start({errand.asked.subject: errand.asked.parameters})


COMMAND = Command(
    name="run",
    usage="run CHECK [key=value…] [on NODE…|all] [in CLUSTER]",
    meaning="Run one check.",
    example="run dns on all",
    parse=_parse,
    verb=Verb.DIAGNOSE,
    act=_act,
    starts_run=True,
)
