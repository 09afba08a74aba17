"""`preflight`: whether a cluster is ready for production, practice by practice."""

from bot.access.verb import Verb
from bot.commands.answer import Started
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line
from bot.commands.parameters import parameters_of
from bot.runs.model import PREFLIGHT
from checks.readiness import checks_of
from checks.registry import CHECKS

_SOAKED = "ipv6"
"""The check that takes the parameters: IPv6 is what has to be steady for a while."""


def _parse(line: Line) -> Asked:
    said = line.said()
    line.no_more(said.words, {}, said.nodes)
    return Asked(command=PREFLIGHT, parameters=parameters_of(CHECKS[_SOAKED], said.pairs), cluster=said.cluster)


def _act(errand: Errand) -> Started:
    return errand.start({name: errand.asked.parameters if name == _SOAKED else {} for name in checks_of()})


COMMAND = Command(
    name=PREFLIGHT,
    usage="preflight [key=value…] [in CLUSTER]",
    meaning="See whether a cluster is ready for production.",
    example="preflight",
    parse=_parse,
    verb=Verb.DIAGNOSE,
    act=_act,
    starts_run=True,
)
