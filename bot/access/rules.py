"""The rules of who may do what, as they are written in a file.

    [diagnose]                      # a table with nothing in it: everybody in Slack
    [[remediate]]                   # several rules of one verb: one that fits is enough
    groups = ["S0PLATFORM"]
    channels = ["C0INCIDENTS"]
    clusters = ["prod"]
    [[remediate]]
    users = ["U0ONCALL", "command-line"]

A verb that the file does not name is as it is without a file.
"""

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import msgspec

from bot.access.requester import Requester
from bot.access.verb import READING, Verb
from bot.errors import ConfigError
from bot.names import choice, nearest
from bot.store.keys import CLUSTER_NAME

COMMAND_LINE_SUBJECT = "command-line"
"""Stands among the users for whoever uses the command line."""
_ID = r"(?:(?P<within>[TE][A-Z0-9]+)/)?(?P<id>[{letters}][A-Z0-9]+)"
_KINDS = {
    "users": (re.compile(_ID.format(letters="UW")), f"a user, `U…` or `T…/U…`, or `{COMMAND_LINE_SUBJECT}`"),
    "groups": (re.compile(_ID.format(letters="S")), "a user group, `S…` or `T…/S…`"),
    "channels": (re.compile(_ID.format(letters="CDG")), "a channel, `C…` or `T…/C…`"),
}


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user, a user group or a channel of Slack, or the command line."""

    id: str
    within: str = ""
    """The workspace or the enterprise that it is in, `T…` or `E…`; empty: whichever the bot is installed in."""

    @classmethod
    def parsed(cls, kind: str, text: str) -> Self:
        """One as it is written under `users`, `groups` or `channels`.

        Raises:
            ValueError: it is none; says what there should be.
        """
        if kind == "users" and text == COMMAND_LINE_SUBJECT:
            return cls(text)
        pattern, meant = _KINDS[kind]
        match = pattern.fullmatch(text)
        if match is None:
            raise ValueError(meant)
        return cls(match["id"], match["within"] or "")

    def covers(self, by: Requester) -> bool:
        """Whether what it is within, if anything, is where a person is."""
        return self.within in ("", by.team, by.enterprise)

    def is_person(self, by: Requester) -> bool:
        """Whether it is this person."""
        if by.on_command_line:
            return self.id == COMMAND_LINE_SUBJECT
        return self.id == by.user and self.covers(by)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who may do something, where, with which clusters. An empty tuple is any, but nobody but people in Slack."""

    users: tuple[Subject, ...] = ()
    groups: tuple[Subject, ...] = ()
    """Being in `users` or in one of these is enough."""
    channels: tuple[Subject, ...] = ()
    clusters: tuple[str, ...] = ()


Rules = Mapping[Verb, tuple[Rule, ...]]
"""The rules of every verb; none: nobody may."""

EVERYBODY = Rule()
"""Everybody in Slack, everywhere."""
THE_COMMAND_LINE = Rule(users=(Subject(COMMAND_LINE_SUBJECT),))
BY_DEFAULT: Rules = {
    **{verb: (EVERYBODY,) if verb in READING else () for verb in Verb},
    # Whoever tries netcheck without an account has nothing but the command line.
    Verb.DIAGNOSE: (EVERYBODY, THE_COMMAND_LINE),
}
"""What holds for the verbs that no file names."""


def read_rules(text: str) -> Rules:
    """The rules that are written in a text.

    Raises:
        ConfigError: it is no TOML or says something that is not known; names the line.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"It is no TOML: {error}.") from None
    return {**BY_DEFAULT, **{verb: rules for name, table in tables.items() for verb, rules in _verb(name, table, text)}}


def _verb(name: str, table: Any, text: str) -> Iterator[tuple[Verb, tuple[Rule, ...]]]:
    if name not in set(Verb):
        raise _wrong(text, name, f"There is no verb {name!r}", _instead(name, list(Verb)))
    tables = table if isinstance(table, list) else [table]
    if not all(isinstance(each, dict) for each in tables):
        raise _wrong(text, name, f"{name} is no table", f"Write [{name}], or several times [[{name}]].")
    yield Verb(name), tuple(_rule(each, text, (name, number)) for number, each in enumerate(tables))


def _rule(table: Mapping[str, Any], text: str, at: tuple[str, int]) -> Rule:
    known = [field.name for field in msgspec.structs.fields(Rule)]
    lists = dict[str, tuple[Any, ...]]()
    for key, value in table.items():
        if key not in known:
            raise _wrong(text, key, f"A rule has no {key!r}", _instead(key, known), at)
        if not isinstance(value, list):
            raise _wrong(text, key, f"{key} is no list", f'Write {key} = ["…"].', at)
        lists[key] = tuple(_each(key, each, text, at) for each in value)
    return Rule(**lists)


def _each(key: str, value: Any, text: str, at: tuple[str, int]) -> Subject | str:
    if key == "clusters":
        if isinstance(value, str) and CLUSTER_NAME.fullmatch(value):
            return value
        raise _wrong(text, str(value), f"{value!r} is no name of a cluster", "", at)
    try:
        return Subject.parsed(key, value if isinstance(value, str) else "")
    except ValueError as error:
        raise _wrong(text, str(value), f"{value!r} is not {error}", "", at) from None


def _instead(word: str, known: Sequence[str]) -> str:
    close = nearest(word, known)
    return f"Did you mean {close}?" if close else choice(known)


def _wrong(text: str, word: str, what: str, hint: str, at: tuple[str, int] = ("", 0)) -> ConfigError:
    line = _line_of(text.splitlines(), word, at)
    return ConfigError(f"Line {line}: {what}." if line else f"{what}.", hint=hint)


def _line_of(lines: Sequence[str], word: str, at: tuple[str, int]) -> int:
    """The number of the line where a word first stands after the header of its table; 0 when it cannot be told.

    The parser of the standard library keeps no lines, and a value may be written in many ways.
    """
    verb, number = at
    headers = (n for n, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*[\"']?{verb}[\"']?\s*\]", line))
    start = next(itertools.islice(headers, number, None), 0) if verb else 0
    return next(_found(lines[start:], word, start), 0)


def _found(lines: Iterable[str], word: str, start: int) -> Iterator[int]:
    for number, line in enumerate(lines, start + 1):
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.sub(r"(^|\s)#.*", "", line)):
            yield number
