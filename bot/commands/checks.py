"""`checks`: what can be checked."""

from bot.access.verb import Verb
from bot.commands.answer import Answer, Entry, Give, Name, Paragraph
from bot.commands.command import Command, Errand, alone, nowhere
from checks.check import Check
from checks.registry import CHECKS


def _act(_: Errand) -> Answer:
    entries = (Entry((Name(check.name), f" {check.title}")) for check in CHECKS.values())
    data = [
        {"name": c.name, "title": c.title, "networks": [str(n) for n in c.networks], "findings": _findings(c)}
        for c in CHECKS.values()
    ]
    return Answer("Checks", (*entries, Paragraph((Give("help CHECK"), " explains one."))), data)


def _findings(check: Check) -> dict[str, str]:
    return {code.name: code.meaning for code in check.codes}


COMMAND = Command(
    name="checks",
    usage="checks",
    meaning="List the checks.",
    example="checks",
    parse=alone,
    verb=Verb.DIAGNOSE,
    act=_act,
    target=nowhere,
)
