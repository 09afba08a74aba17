"""The one grammar of `/netcheck` and of the command line: words in, what was asked for out.

Pure: it knows the registered checks, and is told which clusters and nodes exist. People paste what they have: smart
quotes, Slack's escapes and links, non-breaking spaces and line breaks are all taken as meant.
"""

import difflib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from checks.check import Check

from bot.errors import UsageError
from checks.registry import CHECKS

TEXT_LIMIT = 10_000
"""Characters of a pasted error text that are looked at."""
_NAME_LIMIT = 253
_NAMED = 20
"""So many names are listed where none is near."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command as people see it."""

    name: str
    usage: str
    meaning: str
    example: str


COMMANDS: tuple[Command, ...] = (
    Command("diagnose", "diagnose [in CLUSTER] [error text]", "Find the cause of what is broken.", "diagnose"),
    Command(
        "run",
        "run CHECK [key=value…] [on NODE…|all] [in CLUSTER]",
        "Run one check.",
        "run dns on w1 w2",
    ),
    Command("checks", "checks", "List the checks.", "checks"),
    Command("status", "status [in CLUSTER]", "Show workers, agents, queue and recent runs.", "status"),
    Command("cancel", "cancel RUN [in CLUSTER]", "Stop a run.", "cancel 7f3a"),
    Command("help", "help [COMMAND|CHECK]", "Explain a command or a check.", "help dns"),
)
_BY_NAME = {command.name: command for command in COMMANDS}


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for, before it is known for which cluster."""

    command: str
    cluster: str = ""
    """Empty when none was named."""
    topic: str = ""
    """Of `help`."""
    check: str = ""
    parameters: dict[str, Any] = {}
    """Of the check, as builtins, validated."""
    nodes: tuple[str, ...] = ()
    """Empty: all."""
    error: str = ""
    """The pasted error text."""
    run: str = ""
    """The id, or its beginning."""


class AmbiguousCluster(UsageError):  # noqa: N818 - it is a question, not an accident
    """No cluster was named and there are several."""

    def __init__(self, asked: Asked, choices: Sequence[str]) -> None:
        super().__init__("There are several clusters.", hint=f"Say which: add `in {' | '.join(choices)}`.")
        self.asked = asked
        self.choices = tuple(choices)


def parse(text: str, clusters: Sequence[str]) -> Asked:
    """What a line asks for. No words at all ask for help.

    Raises:
        UsageError: a word that is not known (with the nearest that is), a missing word, a value that does not fit.
    """
    words = clean(text).split(None, 1)
    name = words[0].lower() if words else "help"
    rest = words[1] if len(words) > 1 else ""
    if name not in _BY_NAME:
        raise UsageError(f"There is no command {_short(name)!r}.", hint=_nearest(name, list(_BY_NAME), "help"))
    return _PARSERS[name](rest.strip(), clusters)


def choose_cluster(asked: Asked, clusters: Sequence[str], default: str = "") -> str:
    """The cluster that a line is about: the named one, the default where it exists, or the only one.

    Raises:
        AmbiguousCluster: none was named and there are several.
        UsageError: the named one is not known, or none is.
    """
    if not clusters:
        raise UsageError(
            "No cluster has a worker.",
            hint="Start `netcheck worker` in the cluster, or look why it does not reach Redis.",
        )
    if asked.cluster:
        if asked.cluster not in clusters:
            raise UsageError(f"There is no cluster {_short(asked.cluster)!r}.", hint=_nearest(asked.cluster, clusters))
        return asked.cluster
    if default in clusters:
        return default
    if len(clusters) > 1:
        raise AmbiguousCluster(asked, clusters)
    return clusters[0]


def known_nodes(asked: Asked, nodes: Sequence[str]) -> None:
    """See that every named node exists; anything goes while no node is known.

    Raises:
        UsageError: one does not.
    """
    for node in asked.nodes:
        if nodes and node not in nodes:
            raise UsageError(f"There is no node {_short(node)!r}.", hint=_nearest(node, nodes))


def find_check(name: str) -> Check:
    """A registered check by its name.

    Raises:
        UsageError: there is none.
    """
    check = CHECKS.get(name.lower())
    if check is None:
        raise UsageError(f"There is no check {_short(name)!r}.", hint=_nearest(name, list(CHECKS)))
    return check


def clean(text: str) -> str:
    """A pasted line as it was meant.

    Raises:
        UsageError: it is longer than `TEXT_LIMIT` after cleaning.
    """
    # Slack escapes `&`, `<`, `>` and turns what looks like a link into `<url|text>` or `<url>`.
    plain = re.sub(r"<((?:https?|mailto):[^>|]*)(?:\|([^>]*))?>", lambda m: m[2] or m[1], text)
    plain = html.unescape(plain).translate(_PLAIN)
    plain = "".join(c for c in plain if c in "\n\t" or c.isprintable()).strip().strip("`").strip()
    if len(plain) > TEXT_LIMIT:
        raise UsageError(
            f"The text has {len(plain)} characters; {TEXT_LIMIT} are looked at.",
            hint="Paste the line with the error alone.",
        )
    return plain


def parameters_of(check: Check, pairs: dict[str, str]) -> dict[str, Any]:
    """A check's parameters from what a person typed, as builtins.

    Raises:
        UsageError: a name that the check does not have, or a value that does not fit.
    """
    names = [field.encode_name for field in msgspec.structs.fields(check.parameters)]
    for name in pairs:
        if name not in names:
            hint = _nearest(name, names) if names else "It takes none."
            raise UsageError(f"{check.name} has no parameter {_short(name)!r}.", hint=hint)
    try:
        typed = msgspec.convert(pairs, check.parameters, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{check.name}: {_in_words(str(error))}.", hint=f"`help {check.name}` lists the parameters."
        ) from None
    built: dict[str, Any] = msgspec.to_builtins(typed)
    # Only what was said: a default may have changed by the time the worker reads it.
    return {name: built[name] for name in pairs}


def _in_words(reason: str) -> str:
    """What msgspec says of a value, for a person: "Expected `float` >= 0.1 - at `$.timeout_s`" is none's language."""
    expected = re.fullmatch(r"Expected `(\w+)`(.*?)(?:, got .*)? - at `\$\.(\w+)`", reason)
    if not expected:
        return reason
    kind, bound, name = expected.groups()
    kinds = {"float": "a number", "int": "a whole number", "bool": "true or false", "str": "text"}
    return f"{name} must be {kinds.get(kind, kind)}{bound}"


def _diagnose(rest: str, clusters: Sequence[str]) -> Asked:
    # An error text may well contain the word "in": it names a cluster only at the very beginning, or, when it is a
    # cluster that exists, at the very end.
    first = re.match(r"in\s+([^\s:,]+)[:,]?(?:\s+|$)", rest)
    if first and (first[1] in clusters or first.end() == len(rest)):
        return Asked(command="diagnose", cluster=first[1], error=rest[first.end() :].strip())
    last = re.search(r"(?:^|\s)in\s+(\S+)$", rest)
    if last and last[1] in clusters:
        return Asked(command="diagnose", cluster=last[1], error=rest[: last.start()].strip())
    return Asked(command="diagnose", error=rest)


def _run(rest: str, _: Sequence[str]) -> Asked:
    words, cluster = _split_cluster(rest.split())
    if not words:
        raise UsageError("Which check?", hint=f"One of {', '.join(CHECKS)}; for example `run dns on all`.")
    check = find_check(words[0])
    before, nodes = _split_nodes(words[1:])
    pairs = {}
    for word in before:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(
                f"{_short(word)!r} is not understood here.",
                hint=f"Parameters are written key=value, nodes after `on`: `{_BY_NAME['run'].usage}`.",
            )
        pairs[key] = value
    return Asked(command="run", check=check.name, parameters=parameters_of(check, pairs), nodes=nodes, cluster=cluster)


def _status(rest: str, _: Sequence[str]) -> Asked:
    words, cluster = _split_cluster(rest.split())
    _no_more("status", words)
    return Asked(command="status", cluster=cluster)


def _cancel(rest: str, _: Sequence[str]) -> Asked:
    words, cluster = _split_cluster(rest.split())
    if not words:
        raise UsageError(
            "Which run?", hint="`status` lists the recent runs; the first characters of the id are enough."
        )
    _no_more("cancel", words[1:])
    return Asked(command="cancel", run=words[0], cluster=cluster)


def _checks(rest: str, _: Sequence[str]) -> Asked:
    _no_more("checks", rest.split())
    return Asked(command="checks")


def _help(rest: str, _: Sequence[str]) -> Asked:
    words = rest.lower().split()
    _no_more("help", words[1:])
    topic = words[0] if words else ""
    topics = [*_BY_NAME, *CHECKS]
    if topic and topic not in topics:
        raise UsageError(f"There is no help on {_short(topic)!r}.", hint=_nearest(topic, topics, "help"))
    return Asked(command="help", topic=topic)


_PARSERS = {
    "diagnose": _diagnose,
    "run": _run,
    "checks": _checks,
    "status": _status,
    "cancel": _cancel,
    "help": _help,
}


def _split_cluster(words: list[str]) -> tuple[list[str], str]:
    if "in" not in words:
        return words, ""
    at = words.index("in")
    if len(words) != at + 2:
        raise UsageError("After `in` comes one cluster, at the end.", hint="For example `status in prod`.")
    return words[:at], words[at + 1]


def _split_nodes(words: list[str]) -> tuple[list[str], tuple[str, ...]]:
    if "on" not in words:
        return words, ()
    at = words.index("on")
    nodes = [node for word in words[at + 1 :] for node in word.split(",") if node]
    if not nodes:
        raise UsageError("After `on` come nodes, or `all`.", hint="For example `run nic on w1 w2`.")
    if any(len(node) > _NAME_LIMIT for node in nodes):
        raise UsageError("That is too long for a node's name.", hint="`status` lists the nodes.")
    return words[:at], () if nodes == ["all"] else tuple(dict.fromkeys(nodes))


def _no_more(command: str, words: list[str]) -> None:
    if words:
        raise UsageError(f"{_short(words[0])!r} is not understood here.", hint=f"Write `{_BY_NAME[command].usage}`.")


def _nearest(word: str, known: Sequence[str], otherwise: str = "") -> str:
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    if close:
        return f"Did you mean `{close[0]}`?"
    if otherwise:
        return f"Try `{otherwise}`."
    named = ", ".join(f"`{name}`" for name in known[:_NAMED])
    return f"The only one is {named}." if len(known) == 1 else f"Choose one of {named}."


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 - enough to recognise it by


_PLAIN = str.maketrans(
    {
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{NO-BREAK SPACE}": " ",
        "\N{NON-BREAKING HYPHEN}": "-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{ZERO WIDTH SPACE}": None,
    }
)
