"""What differs between two reports of one cluster. Pure.

A finding that could not be looked at any more is not gone, and one that nobody looked at before is not new for being
well: silence never means healthy.
"""

import enum
from collections.abc import Iterator, Mapping

import msgspec

from checks.finding import WORST_LAST, Finding, Severity
from checks.place import Place
from checks.report import Report
from checks.text import Text, listed, say


class Turn(enum.StrEnum):
    """Which way a finding went, the most urgent first."""

    NEW = "new"
    WORSE = "worse"
    HIDDEN = "hidden"
    """It was not well, and could not be looked at any more."""
    BETTER = "better"
    GONE = "gone"
    """It is well now."""


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one finding."""

    turn: Turn
    code: str
    before: Severity
    now: Severity
    places: tuple[Place, ...] = ()
    """Where it is bad and was not, or the other way round; empty where no place tells."""
    text: Text
    """What it says now; of what is gone or hidden, what it said before."""

    @property
    def sentence(self) -> Text:
        """In words."""
        told = say("{turn}: {text}", turn=_WORDS[self.turn], text=self.text)
        return say("{told} ({places})", told=told, places=listed(self.places)) if self.places else told


_WORDS: Mapping[Turn, Text] = {
    Turn.NEW: say("New"),
    Turn.WORSE: say("Worse"),
    Turn.HIDDEN: say("Could not be looked at any more"),
    Turn.BETTER: say("Better"),
    Turn.GONE: say("Gone"),
}


def changes(before: Report, now: Report) -> tuple[Change, ...]:
    """What became of every finding that is not well now or was not well before; the most urgent first."""
    former = {finding.code: finding for finding in before.findings}
    latter = {finding.code: finding for finding in now.findings}
    found = [change for code in {**former, **latter} for change in _change(former.get(code), latter.get(code))]
    return tuple(sorted(found, key=lambda change: (list(Turn).index(change.turn), change.code)))


def _change(former: Finding | None, latter: Finding | None) -> Iterator[Change]:
    before = former.severity if former else Severity.UNKNOWN
    now = latter.severity if latter else Severity.UNKNOWN
    turn = _turn(before, now) or _by_places(former, latter)
    shown = former if turn in (Turn.GONE, Turn.HIDDEN) else latter
    if turn is None or shown is None:
        return
    places = _gained(former, latter) if turn in (Turn.NEW, Turn.WORSE) else _gained(latter, former)
    yield Change(turn=turn, code=shown.code, before=before, now=now, places=places, text=shown.text)


def _turn(before: Severity, now: Severity) -> Turn | None:
    was_bad, is_bad = not before.well and before is not Severity.UNKNOWN, not now.well and now is not Severity.UNKNOWN
    if was_bad and now is Severity.UNKNOWN:
        return Turn.HIDDEN
    if was_bad != is_bad:
        return Turn.NEW if is_bad else Turn.GONE
    if was_bad and before is not now:
        return Turn.WORSE if WORST_LAST.index(now) > WORST_LAST.index(before) else Turn.BETTER
    return None


def _by_places(former: Finding | None, latter: Finding | None) -> Turn | None:
    """As bad as before, and in more or fewer places."""
    if former is None or latter is None or latter.severity.well or latter.severity is Severity.UNKNOWN:
        return None
    if former.severity is not latter.severity:
        return None
    if _gained(former, latter):
        return Turn.WORSE
    return Turn.BETTER if _gained(latter, former) else None


def _gained(former: Finding | None, latter: Finding | None) -> tuple[Place, ...]:
    """The places that are bad in the latter and were looked at and well, or not looked at, in the former."""
    known = set(former.where) if former else set()
    return tuple(place for place in (latter.where if latter else ()) if place not in known)
