"""Sentences as data: an English template and the values in it, in gettext's way.

Whoever judges writes the template where it is judged; whoever shows it makes the sentence (`bot.language`). So a second
language is a catalogue and no change in any check, and nothing after a judgement has to cut prose.

Templates name their values in braces (`{count} of {total} pairs`). What shows a value decides how: a quantity with its
unit, a list with commas, a place by its name.
"""

import enum
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import TypeAlias

import msgspec

from checks.place import Place

LINES = 12
"""Lines of one sort of evidence in one finding: more than anybody reads, and as much as a record should hold."""


class Unit(enum.StrEnum):
    """What a number counts."""

    SECONDS = "s"
    BYTES = "bytes"
    SHARE = "share"
    """0 to 1."""
    RATE = "bit/s"
    COUNT = "count"


class Quantity(msgspec.Struct, frozen=True, tag_field="kind", tag="quantity"):
    """A number with its unit."""

    value: float
    unit: Unit


class Moment(msgspec.Struct, frozen=True, tag_field="kind", tag="moment"):
    """A time, which everybody reads in their own time zone."""

    at: float
    """Unix time in seconds."""


class Text(msgspec.Struct, frozen=True, tag_field="kind", tag="text", omit_defaults=True):
    """One sentence, or a part of one."""

    template: str
    values: dict[str, "Value"] = {}
    plural: str = ""
    """The template for other counts than one; empty when there is one form."""
    count: int = 0
    """What decides between the two."""


Item: TypeAlias = str | int | float | Quantity | Moment | Text | Place
"""One value."""
Value: TypeAlias = Item | list[Item]
"""What may stand in a template. Strings are shown as they are: names, and the words of kernels and API servers."""


def say(template: str, /, **values: Value) -> Text:
    """A sentence. The template is what translators see, so it is a literal."""
    return Text(template, values)


def say_many(template: str, plural: str, count: int, /, **values: Value) -> Text:
    """A sentence that depends on a number, which both templates may name as `{count}`."""
    return Text(template, {"count": count, **values}, plural, count)


def filled(text: Text, values: Mapping[str, Value]) -> Text:
    """A sentence with those of these values that it names."""
    named = {name for _, name, _, _ in Formatter().parse(text.template) if name}
    return msgspec.structs.replace(text, values={**text.values, **{k: v for k, v in values.items() if k in named}})


def seconds(value: float) -> Quantity:
    """A duration."""
    return Quantity(value, Unit.SECONDS)


def share(value: float) -> Quantity:
    """A part of a whole, 0 to 1."""
    return Quantity(value, Unit.SHARE)


def rate(value: float) -> Quantity:
    """A number of bits in a second."""
    return Quantity(value, Unit.RATE)


def size(value: int) -> Quantity:
    """A number of bytes."""
    return Quantity(value, Unit.BYTES)


def names(words: Iterable[str], most: int = 8) -> list[Item]:
    """Names for a list in a sentence, the first few of them and how many more there are."""
    return listed(words, most)


def listed(values: Iterable[Item], most: int = 8) -> list[Item]:
    """Values for a list in a sentence, the first few of them and how many more there are."""
    every = list(values)
    more = len(every) - most
    return every if more <= 0 else [*every[:most], say_many("{count} more", "{count} more", more)]


def shortened(lines: Iterable[Text], most: int = LINES) -> list[Text]:
    """The first lines, and how many are left out."""
    every = list(lines)
    more = len(every) - most
    return every if more <= 0 else [*every[:most], say_many("and {count} more", "and {count} more", more)]
