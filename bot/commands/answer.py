"""What comes of a command, as data: Slack and the terminal each make their own picture of it.

Texts are tuples of plain strings and of what is set apart in them. Nothing is escaped here, because only whoever shows
it knows how.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.incidents.model import Incident
from bot.messages.where import Where
from bot.pictures.model import Picture
from bot.runs.model import Run


@dataclass(frozen=True, slots=True)
class Name:
    """A name or an id inside a text: people copy it, so it is set apart."""

    text: str


@dataclass(frozen=True, slots=True)
class Give:
    """A command to give inside a text, without what people type before it."""

    words: str


@dataclass(frozen=True, slots=True)
class Time:
    """A moment inside a text, which everybody reads in their own time zone."""

    at: float
    """Unix time in seconds."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of Slack's inside a text, which Slack shows by its name."""

    id: str


Piece = str | Name | Give | Time | Channel
Text = tuple[Piece, ...]


class Mark(enum.StrEnum):
    """What is seen of an entry before it is read."""

    POINT = "point"
    """One of a list."""
    WELL = "well"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the following entries are about."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list."""

    text: Text
    mark: Mark = Mark.POINT


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run in one line."""

    run: Run


@dataclass(frozen=True, slots=True)
class Table:
    """Rows whose cells stand below each other."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the documentation, in Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """An incident: its whole report where there is room for it, else how it stands and what happened last."""

    incident: Incident


Item = Heading | Paragraph | Entry | RunEntry | Table | Page | IncidentPage


@dataclass(frozen=True, slots=True)
class File:
    """What is better kept than read: Slack puts it where it belongs as a file."""

    name: str
    title: str
    text: str
    where: Where | None
    """The thread that it belongs to; None where there is none."""
    picture: Picture | None = None
    """What the file shows, where it is a picture; `text` is the same where none can be drawn."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said to the person who asked, and to nobody else."""

    title: str
    """What it is, or, without items, all of it in a sentence."""
    items: tuple[Item, ...] = ()
    data: Any = None
    """The same for programs, of what JSON can be made; it is made only where it is asked for."""
    lines: Iterable[Any] | None = None
    """What the command line prints instead of the items, one document a line; made only when it is printed."""
    plain: str = ""
    """What the command line prints as it stands instead of the items."""
    exit_code: int = 0
    file: File | None = None
    """The same as a file."""
    picture: Picture | None = None
    """The same as a picture, for who asks for one; None where there is too little to draw."""
    in_message: bool = False
    """The message of the run that it is about shows it as well."""


@dataclass(frozen=True, slots=True)
class Started:
    """A run was asked for; its own message or the terminal shows what comes of it."""

    run: str
    cluster: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An incident was opened, joined or moved on; its own message shows it."""

    incident: str
    cluster: str
    channel: str = ""
    """The Slack channel in which its message stands; empty: none."""
    in_sight: bool = False
    """Whether whoever acted sees that message anyway: it is the one that they pressed, or is posted now."""


Outcome = Answer | Started | Opened
