"""`diagnose`: every check on every node, and the causes that the evidence supports."""

import re
from collections.abc import Sequence
from typing import Any

from bot.access.verb import Verb
from bot.commands.answer import Started
from bot.commands.command import Command, Errand
from bot.commands.grammar import Asked, Line, unknown
from bot.errors import UsageError
from bot.names import nearest
from checks.registry import CHECKS, DIAGNOSED

_MISSPELT = 0.75
"""How much alike the last word of a text and a cluster are when the word is asked about."""
_QUOTE_IT = "An error text that is written so goes into quotes."


def _parse(line: Line) -> Asked:
    # An error text may well contain the words of the grammar: they count at its very beginning, and `in CLUSTER`, when
    # there is such a cluster, at its very end.
    words = line.text.split() if line.words is None else line.words
    first = words[0] if words else ""
    if first == "in":
        return _in_cluster(line, words)
    if first == "on":
        raise UsageError(
            f"diagnose looks at every node, so nothing comes after on. {_QUOTE_IT}",
            hint="One check looks at some nodes:",
            command=" ".join(["run paths on", *words[1:2]] if words[1:] else ["run paths on all"]),
        )
    if first.startswith("--"):
        raise line.unclear(first)
    if len(words) == 1:
        _no_name(first, line)
    return _ending(line)


def _in_cluster(line: Line, words: Sequence[str]) -> Asked:
    name = words[1].rstrip(":,") if len(words) > 1 else ""
    if not name:
        raise UsageError("After in comes one cluster.", hint="How it is written:", command="help diagnose")
    text = re.sub(r"^in\s+\S+\s*", "", line.text)
    known = line.clusters()
    if known and text and name not in known:
        raise _unknown_cluster(name, known, text)
    return Asked(command="diagnose", cluster=name, subject=text)


def _ending(line: Line) -> Asked:
    last = re.search(r"(?:^|\s)in\s+(\S+)$", line.text)
    if last:
        known, text = line.clusters(), line.text[: last.start()].strip()
        if last[1] in known:
            return Asked(command="diagnose", cluster=last[1], subject=text)
        if nearest(last[1], known, _MISSPELT):
            raise _unknown_cluster(last[1], known, text)
    return Asked(command="diagnose", subject=line.text)


def _no_name(word: str, line: Line) -> None:
    """Refuse a single word that is a name of something: it is no error text."""
    if word.lower() in CHECKS:
        raise UsageError(f"{word} is a check and no error text.", hint="To run it alone:", command=f"run {word}")
    if word in line.clusters():
        raise UsageError(
            f"{word} is a cluster and no error text.", hint="Did you mean this?", command=f"diagnose in {word}"
        )


def _unknown_cluster(name: str, known: Sequence[str], text: str) -> UsageError:
    error = unknown(
        "cluster", name, known, lambda near: Asked(command="diagnose", cluster=near, subject=text).suggestion
    )
    return UsageError(f"{error} {_QUOTE_IT}", hint=error.hint, command=error.command)


def _act(errand: Errand) -> Started:
    parameters: dict[str, dict[str, Any]] = {name: {} for name in DIAGNOSED}
    if errand.asked.subject:
        parameters["texts"] = {"error": errand.asked.subject}
    return errand.start(parameters)


COMMAND = Command(
    name="diagnose",
    usage="diagnose [in CLUSTER] [error text]",
    meaning="Find the cause of what is broken.",
    example="diagnose",
    parse=_parse,
    verb=Verb.DIAGNOSE,
    act=_act,
    starts_run=True,
)
