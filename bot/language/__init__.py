"""The words: a sentence as data in, a sentence in a reader's language out.

Everything that people read of a report goes through here, so a second language is a catalogue of gettext in `locales`
(`LOCALE/LC_MESSAGES/netcheck.mo`) and no change anywhere else. English stands in the code, so it needs none.

A sentence may come from another version or from somebody who can write to Redis. So a template is no format string:
`{name}` stands for a value and every other brace for itself, and what is nested or repeated without end is cut short.
"""

import copy
import gettext
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal

from checks.place import Cluster
from checks.text import Item, Moment, Quantity, Text, Unit, Value, say, say_many

DOMAIN = "netcheck"
CATALOGUES = Path(__file__).parent / "locales"
CHARACTERS = 20_000
"""Of one sentence: more than any message holds."""
_DEEPEST = 8
_ITEMS = 100
_FIELD = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LARGEST = 1e15
"""From here on a float has no exact ones any more, and nothing that netcheck counts is so large."""


def local_time(at: float) -> str:
    """A Unix time in seconds in the time zone of this machine; whatever else a record may hold as it is."""
    try:
        return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M %Z")
    except (ValueError, OverflowError, OSError):
        return f"{at:g}"


class Language:
    """The language of one reader."""

    def __init__(self, locale: str = "en", catalogues: Path = CATALOGUES) -> None:
        """Take the catalogue of a locale; without one the sentences stay English and the numbers are the locale's.

        Raises:
            babel.UnknownLocaleError: there is no such locale.
        """
        self._locale = Locale.parse(locale)
        self._catalogue = gettext.translation(DOMAIN, catalogues, [locale], fallback=True)
        self._moment: Callable[[float], str] = local_time

    def telling(self, moment: Callable[[float], str]) -> "Language":
        """The same language, in which a moment is what is made of its Unix time in seconds."""
        other = copy.copy(self)
        other._moment = moment  # noqa: SLF001 - one of its own kind
        return other

    def words(self, text: Text) -> str:
        """The sentence. Never raises, whatever the template and its values are."""
        return self._words(text, 0)

    def _words(self, text: Text, depth: int) -> str:
        if depth > _DEEPEST:
            return "…"
        pieces: list[str] = []
        length = 0
        for piece in self._pieces(self._template(text), text.values, depth):
            pieces.append(piece)
            length += len(piece)
            if length > CHARACTERS:
                break
        return "".join(pieces)[:CHARACTERS]

    def _template(self, text: Text) -> str:
        if text.plural:
            return self._catalogue.ngettext(text.template, text.plural, text.count)
        # To gettext the empty string is the catalogue's own header.
        return self._catalogue.gettext(text.template) if text.template else ""

    def _pieces(self, template: str, values: Mapping[str, Value], depth: int) -> Iterator[str]:
        at = 0
        for field in _FIELD.finditer(template):
            yield template[at : field.start()]
            # A field without a value is shown as it stands: somebody will see it and ask.
            yield self._value(values[field[1]], depth) if field[1] in values else field[0]
            at = field.end()
        yield template[at:]

    def _value(self, value: Value, depth: int) -> str:
        if isinstance(value, list | tuple):
            return format_list([self._item(item, depth) for item in islice(value, _ITEMS)], locale=self._locale)
        return self._item(value, depth)

    def _item(self, item: Item, depth: int) -> str:
        match item:
            case str():
                return item
            case Text():
                return self._words(item, depth + 1)
            case Quantity() | Moment():
                return self._moment(item.at) if isinstance(item, Moment) else self._quantity(item)
            case int() | float():
                # A whole number may be a port or an error's number, so it gets no separators.
                return self._number(item, "0" if isinstance(item, int) else "#,##0.##")
            case Cluster():
                return self.words(say("cluster"))
        return str(item)

    def _quantity(self, quantity: Quantity) -> str:
        match quantity.unit:
            case Unit.SECONDS:
                return self._duration(quantity.value)
            case Unit.SHARE:
                return self.words(say("{number} %", number=self._number(quantity.value * 100, "#,##0.#")))
            case Unit.BYTES:
                return self._bytes(quantity.value)
            case Unit.RATE:
                return self._rate(quantity.value)
            case Unit.COUNT:
                return self._number(quantity.value, "#,##0.##")

    def _rate(self, bits: float) -> str:
        """In the unit in which the number is short."""
        for unit, factor in (("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3)):
            if bits >= factor:
                return f"{self._number(bits / factor, '#,##0.##')} {unit}"
        return f"{self._number(bits, '#,##0')} bit/s"

    def _duration(self, duration_s: float) -> str:
        """As exact as matters to a person."""
        if duration_s >= 2 * 86400:
            return self.words(say("{number} days", number=self._number(duration_s / 86400, "0.#")))
        if duration_s >= 2 * 3600:
            return self.words(say("{number} h", number=self._number(duration_s / 3600, "0.#")))
        if duration_s >= 120:  # noqa: PLR2004 - two minutes; up to there people count in seconds
            return self.words(say("{number} min", number=self._number(duration_s / 60, "#,##0")))
        if duration_s >= 1:
            digits = "0.#" if duration_s < 10 else "0"  # noqa: PLR2004 - below, a tenth is noticed
            return self.words(say("{number} s", number=self._number(duration_s, digits)))
        digits = "0.#" if duration_s < 0.01 else "0"  # noqa: PLR2004 - the same in milliseconds
        return self.words(say("{number} ms", number=self._number(duration_s * 1000, digits)))

    def _bytes(self, size: float) -> str:
        number = self._number(size, "#,##0")
        count = int(size) if math.isfinite(size) else 0
        return self.words(say_many("{number} byte", "{number} bytes", count, number=number))

    def _number(self, number: float, pattern: str) -> str:
        if not -_LARGEST < number < _LARGEST:
            return f"{number:.3g}" if isinstance(number, float) else "…"
        return format_decimal(number, pattern, self._locale)


ENGLISH = Language()
