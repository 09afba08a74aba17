"""Read a text: its kind, what it says, and what it names. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.reading.kinds import KINDS
from checks.reading.model import NO_MEANING, Kind, Phrase
from checks.reading.plain import messages, plain
from checks.reading.refusal import ADMISSION
from checks.reading.traffic import CONNECTION
from checks.reading.webhook import WEBHOOK
from checks.text import Text

_CALL = re.compile(r"failed calling (?:admission )?webhook \"?(?P<webhook>[\w./-]+)\"?", re.IGNORECASE)
_URL = re.compile(r"\b(?:Post|Get|Head|Put|Patch) \"?(?P<url>https?://[^\s\"]+)", re.IGNORECASE)
_DIAL = re.compile(
    r"dial (?:tcp|udp) \"?(?P<address>\[?[0-9a-f.:]+\]?:\d+)|->(?P<peer>\[?[0-9a-f.:]+\]?:\d+)", re.IGNORECASE
)
_ACCUSES = re.compile(
    r"\berror|\bfail|\bfatal|\bpanic|time[d -]?out|deadline exceeded|refused|denied|forbidden|unreachable|no route"
    r"|reset by peer|\bx509|unable|cannot|can't|not found|dropp|\bunhealthy",
    re.IGNORECASE,
)
"""What a line that tells of trouble has in it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One message, read."""

    kind: Kind | None
    """None when it is of no kind that is known."""
    phrase: Phrase | None
    """What it says; None when that is not known."""
    text: str
    """The message, on one line."""
    webhook: str = ""
    url: str = ""
    address: str = ""
    """What was dialled, when the text says it: an address and a port."""

    @property
    def known(self) -> bool:
        """Whether anything is said about it."""
        return self.kind is not None

    @property
    def outcome(self) -> str:
        """The phrase's outcome; `other` for what is not known."""
        return self.phrase.outcome if self.phrase else "other"

    @property
    def related(self) -> bool:
        """Whether it says something about the network."""
        return self.kind is not None and bool(self.kind.outcomes) and self.outcome != NO_MEANING

    @property
    def meaning(self) -> Text | None:
        """What it says, for a person; None when nobody knows."""
        return self.phrase.meaning if self.phrase else self.kind.otherwise if self.kind else None

    def begins(self, other: "Reading") -> bool:
        """Whether another says what this one leaves open, about the same."""
        return self.kind is not None and self.phrase is None and other.kind is self.kind

    @property
    def accuses(self) -> bool:
        """Whether it reads like trouble, known or not."""
        return bool(_ACCUSES.search(self.text))


def read(text: str, kinds: Iterable[Kind] = KINDS) -> Reading:
    """What one message says, whatever was done to it on its way here. It is of the first kind that recognises it."""
    clean = plain(text)
    for kind in kinds:
        if kind.recognises(clean):
            said = kind.phrase(clean)
            if said or kind.otherwise:
                return _reading(clean, kind, said)
    return _reading(clean, None, None)


def read_answer(text: str) -> Reading:
    """What the API server answered to a request of which it is known that a webhook has to be called for it."""
    refused = read(text, (ADMISSION,))
    return refused if refused.known else _reading(refused.text, WEBHOOK, WEBHOOK.phrase(refused.text))


def _reading(clean: str, kind: Kind | None, said: Phrase | None) -> Reading:
    call, url, dial = _CALL.search(clean), _URL.search(clean), _DIAL.search(clean)
    return Reading(
        kind=kind,
        phrase=said,
        text=clean,
        webhook=call["webhook"] if call else "",
        url=url["url"].rstrip(":,") if url else "",
        address=(dial["address"] or dial["peer"] or "") if dial else "",
    )


def read_all(text: str) -> tuple[Reading, ...]:
    """Every message of a paste, each sort once, in order; what reads like no trouble and is not known is left out.

    A connection of nobody in particular says nothing beside a message that says whose it was.
    """
    every = [read(message) for message in messages(text)]
    if not any(each.known for each in every):
        whole = read(text)
        every = [whole] if whole.known or not any(each.accuses for each in every) else every
    telling = [each for each in every if each.known or each.accuses or len(every) == 1]
    # A message that was cut in two: its second half tells what the first is about.
    telling = [a for a, b in zip(telling, [*telling[1:], None], strict=True) if not (b and a.begins(b))]
    named = any(each.related and each.kind is not CONNECTION for each in telling)
    kept = [each for each in telling if not (named and each.kind is CONNECTION)]
    return _each_sort_once(kept)


def _each_sort_once(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    sorts: dict[tuple[str, str], Reading] = {}
    for each in readings:
        sort = (each.kind.name, each.phrase.name if each.phrase else "") if each.kind else ("", each.text)
        sorts.setdefault(sort, each)
    return tuple(sorts.values())
