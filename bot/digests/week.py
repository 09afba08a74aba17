"""What became of a week, for a digest that comes no more often: what was not well, and for how long. Pure."""

import itertools
from collections.abc import Iterable, Sequence

import msgspec

from bot.history.episodes import ANYWHERE, Episode, Told
from bot.history.points import DAY_S, Point
from bot.incidents.model import Incident, Sort
from checks.coverage.judge import CODES as COVERAGE
from checks.diagnosis.causes import CAUSES
from checks.registry import CHECKS
from checks.text import Text, say

SHOWN = 5
"""Troubles that are told; `history` has all."""
_MEANINGS = {code.name: code.meaning for code in (*(c for check in CHECKS.values() for c in check.codes), *COVERAGE)}


class Trouble(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that was not well for some of the time."""

    name: str
    """A cause's slug or a finding's code."""
    what: Text
    times: int
    """How often it began or went on from before."""
    lasted_s: float
    """How long it was seen to be so in all, in seconds: from the first look that saw it to the first that did not."""
    open: bool = False
    """Whether it goes on."""
    fixed_by: str = ""
    """The runbook that was finished before it was well, the last time."""


class Week(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The time between two digests that come once a week or less often."""

    since: float
    """Unix time in seconds."""
    days: int
    looked: int
    """On how many of the days somebody looked."""
    unwell: int = 0
    """On how many of them something was not well."""
    troubles: tuple[Trouble, ...] = ()
    """What took longest first, of causes before findings that none explains."""
    more: int = 0
    """How many troubles are not among them."""
    opened: int = 0
    """Incidents that were opened."""
    closed: int = 0
    """Incidents that were closed."""


def week(told: Iterable[Told], looks: Sequence[Point], incidents: Iterable[Incident], since: float, now: float) -> Week:
    """What became of the time from a moment to now.

    Args:
        told: All that history keeps of what was not well.
        looks: When somebody looked, as points of a signal that every look measures.
        incidents: The cluster's, open and closed.
        since: Unix time in seconds.
        now: The same.
    """
    days = max(1, round((now - since) / DAY_S))
    anywhere = [each for each in told if each.subject.place == ANYWHERE]
    causes = [each for each in anywhere if each.subject.name in CAUSES]
    explained = [episode for each in causes for episode in each.episodes]
    troubles = [_trouble(each, each.episodes, since, now) for each in causes]
    for each in anywhere:
        if each.subject.name in _MEANINGS:
            left = [own for own in each.episodes if not any(_overlap(own, other, now) for other in explained)]
            troubles.append(_trouble(each, left, since, now))
    found = sorted(
        (trouble for trouble in troubles if trouble is not None),
        key=lambda trouble: (trouble.name not in CAUSES, -trouble.lasted_s, trouble.name),
    )
    spans = [_within(episode, since, now) for each in anywhere for episode in each.episodes]
    entries = [(each.opened_at, _closed_at(each)) for each in incidents]
    return Week(
        since=since,
        days=days,
        looked=len(_days([(p.at, p.at + p.width_s / 2) for p in looks if p.at + p.width_s > since], since, now, days)),
        unwell=len(_days([span for span in spans if span], since, now, days)),
        troubles=tuple(found[:SHOWN]),
        more=len(found[SHOWN:]),
        opened=sum(since < opened <= now for opened, _ in entries),
        closed=sum(since < closed <= now for _, closed in entries),
    )


def _trouble(told: Told, episodes: Iterable[Episode], since: float, now: float) -> Trouble | None:
    within = [(episode, span) for episode in episodes if (span := _within(episode, since, now))]
    if not within:
        return None
    name, latest = told.subject.name, within[-1][0]
    cause = CAUSES.get(name)
    return Trouble(
        name=name,
        what=cause.title if cause else say("{meaning}", meaning=_MEANINGS[name]),
        times=len(within),
        lasted_s=sum(end - begin for _, (begin, end) in within),
        open=latest.open,
        fixed_by=latest.fixed_by,
    )


def _within(episode: Episode, since: float, now: float) -> tuple[float, float] | None:
    """The part of an episode that lies between two moments."""
    begin, end = max(episode.began, since), min(episode.ended or now, now)
    return (begin, end) if begin <= end else None


def _overlap(episode: Episode, other: Episode, now: float) -> bool:
    return episode.began <= (other.ended or now) and other.began <= (episode.ended or now)


def _days(spans: Iterable[tuple[float, float]], since: float, now: float, days: int) -> set[int]:
    """The numbers of the days, counted from the first moment, that spans touch."""
    length = (now - since) / days
    touched = (
        range(max(0, int((begin - since) // length)), min(days - 1, int((end - since) // length)) + 1)
        for begin, end in spans
    )
    return set(itertools.chain.from_iterable(touched))


def _closed_at(incident: Incident) -> float:
    return next((entry.at for entry in reversed(incident.timeline) if entry.sort is Sort.CLOSED), 0.0)
