"""What a picture shows. All of it travels to the child that draws, so it is plain data with its words made."""

import enum
from typing import TypeAlias

import msgspec

ALT_CHARACTERS = 900
"""Of an alt text; Slack takes a thousand (https://docs.slack.dev/reference/methods/files.getUploadURLExternal)."""

TITLE_CHARACTERS, NOTE_CHARACTERS = 120, 300


class State(enum.StrEnum):
    """What came of the probes on one way."""

    WELL = "well"
    FAILS = "fails"
    REJECTED = "rejected"
    """Something on the way answered at once that it may not pass."""
    UNSEEN = "unseen"
    """It was to be measured, and could not be."""


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way that was looked at; of the others there are no cells."""

    row: int
    column: int
    state: State
    loss: float | None = None
    """0 to 1."""
    time_s: float | None = None
    """The round trip of what came back."""


class Matrix(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="matrix"):
    """Ways from rows to columns."""

    title: str
    alt: str
    """What the picture says, for who does not see it."""
    notes: tuple[str, ...] = ()
    """Sentences above it."""
    rows: tuple[str, ...]
    """Who asks: nodes."""
    columns: tuple[str, ...]
    """Who answers: nodes, or replicas."""
    cells: tuple[Cell, ...]


class Point(msgspec.Struct, frozen=True, omit_defaults=True):
    """One measurement of a series."""

    at: float
    """Unix time in seconds."""
    value: float | None = None
    """In the unit of its picture; None where nothing came back."""
    loss: float = 0.0
    """0 to 1."""


class Series(msgspec.Struct, frozen=True):
    """What was measured of one thing, the oldest first."""

    name: str
    points: tuple[Point, ...]


class Lines(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="lines"):
    """Series over time."""

    title: str
    alt: str
    notes: tuple[str, ...] = ()
    unit: str
    """Of the values, as it stands at the axis: `ms`."""
    series: tuple[Series, ...]
    gap_s: float
    """Between two measurements that are further apart nobody knows what was, and no line is drawn."""


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened in an incident."""

    at: float
    """Unix time in seconds."""
    sort: str
    """One of `bot.incidents.model.Sort`."""
    what: str
    who: str = ""
    """Empty: netcheck itself."""


class Timeline(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="timeline"):
    """What happened, in its order."""

    title: str
    alt: str
    notes: tuple[str, ...] = ()
    moments: tuple[Moment, ...]


Picture: TypeAlias = Matrix | Lines | Timeline
"""Any picture."""


def alt(*sentences: str) -> str:
    """An alt text of sentences, cut where Slack would not take it."""
    return cut(" ".join(filter(None, sentences)), ALT_CHARACTERS)


def cut(text: str, most: int) -> str:
    """Text on one line, of at most so many characters, all of which can be seen."""
    shown = "".join(letter for letter in " ".join(text[: 2 * most].split()) if letter.isprintable())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
