"""The one grammar of `/netcheck` and of the command line: words in, what was asked for out.

Pure: it is told which clusters and nodes exist. People paste what they have: smart quotes, Slack's escapes and links,
non-breaking spaces and line breaks are all taken as meant. Words in quotes are one word; `in CLUSTER`, `on NODE…` and
`key=value` may stand anywhere after the command.
"""

import html
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import msgspec

from bot.errors import UsageError
from bot.names import LISTED, choice, nearest, short

TEXT_LIMIT = 10_000
"""Characters of a pasted error text that are looked at."""
ALL = "all"
"""After `on`: every node."""
_SELVES = ("/netcheck", "netcheck")
_NAME_LIMIT = 253
_LINE = 200


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for, before it is known for which cluster."""

    command: str
    subject: str = ""
    """What the command is about in its own terms: a check, a run, a topic, a pasted error text."""
    parameters: dict[str, Any] = {}
    """What was said as `key=value`, as builtins, validated by the command."""
    nodes: tuple[str, ...] = ()
    """Empty: all."""
    cluster: str = ""
    """Empty when none was named."""

    @property
    def suggestion(self) -> str:
        """The words that ask for it, for an answer: without a pasted text that is longer than a line."""
        return self.line if len(self.line) <= _LINE else msgspec.structs.replace(self, subject="").line

    @property
    def line(self) -> str:
        """The words that ask for it."""
        text = self.subject if re.search(r"\s", self.subject) else ""
        words = [self.command] + ([] if text else [self.subject])
        words += [f"{key}={_quoted(str(value))}" for key, value in self.parameters.items()]
        words += ["on", *self.nodes] if self.nodes else []
        words += ["in", self.cluster] if self.cluster else []
        return " ".join(word for word in (*words, text) if word)


class AmbiguousCluster(UsageError):  # noqa: N818 - it is a question, not an accident
    """No cluster was named and there are several."""

    def __init__(self, asked: Asked, choices: Sequence[str]) -> None:
        super().__init__(
            f"There are several clusters: {', '.join(choices[:LISTED])}.",
            hint="Say which, for example:",
            command=msgspec.structs.replace(asked, cluster=choices[0]).suggestion,
        )
        self.asked = asked
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Said:
    """The words after a command, sorted by what they are."""

    words: tuple[str, ...]
    pairs: dict[str, str]
    """What was written as `key=value`."""
    nodes: tuple[str, ...]
    """What came after `on`; empty for `all`."""
    cluster: str
    """What came after `in`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that was typed: a command and what follows it."""

    command: str
    text: str
    """What follows, as it was written."""
    clusters: Callable[[], Sequence[str]]
    """Asks which clusters there are."""
    words: tuple[str, ...] | None = None
    """What follows, where a shell has split it into words already."""

    @classmethod
    def typed(cls, text: str, clusters: Callable[[], Sequence[str]]) -> Self:
        """A line as one text. No words at all ask for help.

        Raises:
            UsageError: it is too long.
        """
        name, rest = _first_word(clean(text))
        if name.lower() in _SELVES:
            name, rest = _first_word(rest)
        return cls(name.lower() or "help", rest, clusters)

    @classmethod
    def split(cls, words: Sequence[str], clusters: Callable[[], Sequence[str]]) -> Self:
        """A line that a shell has split into words.

        Raises:
            UsageError: it is too long.
        """
        name, *rest = [clean(word) for word in words] or ["help"]
        return cls(name.lower(), clean(" ".join(rest)), clusters, tuple(rest))

    def said(self) -> Said:
        """The words, sorted.

        Raises:
            UsageError: a quote is not closed, or `in` or `on` is not followed by what belongs there.
        """
        words = list(self.words if self.words is not None else self._split())
        plain, pairs, nodes, clusters = list[str](), dict[str, str](), list[str](), list[str]()
        said_on = False
        while words:
            word = words.pop(0)
            if word == "in":
                clusters.append(words.pop(0) if words else "")
            elif word == "on":
                said_on = True
                while words and not _ends_nodes(words[0]):
                    nodes += [node for node in words.pop(0).split(",") if node]
            elif word.startswith("--"):
                raise self.unclear(word)
            elif "=" in word:
                key, _, value = word.partition("=")
                pairs[key] = value
            else:
                plain.append(word)
        return Said(tuple(plain), pairs, self._nodes(nodes) if said_on else (), self._cluster(clusters))

    def unclear(self, word: str) -> UsageError:
        """The error for a word that has no meaning where it stands."""
        return UsageError(
            f"{short(word)!r} is not understood here.", hint="How it is written:", command=f"help {self.command}"
        )

    def no_more(self, *rest: Iterable[str]) -> None:
        """See that no words are left.

        Raises:
            UsageError: one is.
        """
        for words in rest:
            for word in words:
                raise self.unclear(word)

    def _split(self) -> list[str]:
        splitter = shlex.shlex(self.text, posix=True, punctuation_chars=False)
        splitter.whitespace_split = True
        splitter.commenters = ""
        try:
            return list(splitter)
        except ValueError:
            raise UsageError(
                "A quote is opened and not closed.", hint="How it is written:", command=f"help {self.command}"
            ) from None

    def _nodes(self, nodes: Sequence[str]) -> tuple[str, ...]:
        if not nodes:
            raise UsageError(f"After on come nodes, or {ALL}.", hint="The nodes are listed:", command="status")
        if any(len(node) > _NAME_LIMIT for node in nodes):
            raise UsageError("That is too long for a node's name.", hint="The nodes are listed:", command="status")
        return () if list(nodes) == [ALL] else tuple(dict.fromkeys(nodes))

    def _cluster(self, clusters: Sequence[str]) -> str:
        if len(clusters) > 1 or "" in clusters:
            raise UsageError("After in comes one cluster.", hint="How it is written:", command=f"help {self.command}")
        return clusters[0] if clusters else ""


def choose_cluster(asked: Asked, clusters: Sequence[str], default: str = "") -> str:
    """The cluster that a line is about: the named one, the default where it exists, or the only one.

    Raises:
        AmbiguousCluster: none was named and there are several.
        UsageError: the named one is not known, or none is.
    """
    if not clusters:
        raise UsageError(
            "No cluster has a worker.", hint="Start the worker in the cluster, or look why it does not reach Redis."
        )
    if asked.cluster:
        if asked.cluster not in clusters:
            raise unknown(
                "cluster", asked.cluster, clusters, lambda name: msgspec.structs.replace(asked, cluster=name).suggestion
            )
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

            def again(name: str, wrong: str = node) -> str:
                right = tuple(name if named == wrong else named for named in asked.nodes)
                return msgspec.structs.replace(asked, nodes=right).line

            raise unknown("node", node, nodes, again)


def clean(text: str) -> str:
    """A pasted text as it was meant.

    Raises:
        UsageError: it is longer than `TEXT_LIMIT` after cleaning.
    """
    plain = cleaned(text)
    if len(plain) > TEXT_LIMIT:
        raise UsageError(
            f"The text has {len(plain)} characters; {TEXT_LIMIT} are looked at.",
            hint="Paste the line with the error alone.",
        )
    return plain


def cleaned(text: str) -> str:
    """A pasted text of any length as it was meant."""
    # Slack escapes `&`, `<`, `>` and turns what looks like a link into `<url|text>` or `<url>`.
    plain = re.sub(r"<((?:https?|mailto):[^>|]*)(?:\|([^>]*))?>", lambda m: m[2] or m[1], text)
    plain = html.unescape(plain).translate(_PLAIN)
    return "".join(c for c in plain if c in "\n\t" or c.isprintable()).strip().strip("`").strip()


def unknown(what: str, word: str, known: Sequence[str], again: Callable[[str], str]) -> UsageError:
    """The error for a name that is not known; `again` makes the command from the nearest name that is."""
    said = f"There is no {what} {short(word)!r}."
    close = nearest(word, known)
    if close:
        return UsageError(said, hint="Did you mean this?", command=again(close))
    return UsageError(said, hint=choice(known))


def _first_word(text: str) -> tuple[str, str]:
    words = text.split(None, 1)
    return (words[0] if words else ""), (words[1].strip() if len(words) > 1 else "")


def _ends_nodes(word: str) -> bool:
    return word in ("in", "on") or "=" in word or word.startswith("--")


def _quoted(value: str) -> str:
    if not re.search(r"[\s\"']", value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


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
