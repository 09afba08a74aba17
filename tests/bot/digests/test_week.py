"""What a digest that comes once a week tells of it."""

from collections.abc import Sequence

import msgspec

from bot.digests.week import SHOWN, Trouble, Week, week
from bot.history.episodes import Episode, Subject, Told
from bot.history.points import DAY_S, Point
from bot.incidents.incidents import noted
from bot.incidents.model import CLOSED, Incident, Sort
from bot.language import ENGLISH
from checks.diagnosis.causes import CAUSES
from checks.place import Node
from checks.text import say
from tests.handlers.incidents import opened

NOW = 1_780_000_000.0
SINCE = NOW - 7 * DAY_S
HOUR_S = 3600.0
OFFLOAD, TCP = "vmxnet3-tunnel-offload", "paths.cross-tcp"


def day(number: float) -> float:
    """The moment so many days after the week's beginning."""
    return SINCE + number * DAY_S


def told(name: str, *episodes: Episode, place: Node | None = None) -> Told:
    """What history keeps of a subject."""
    subject = Subject(name, place) if place else Subject(name)
    return Told(subject, len(episodes), episodes)


def looked(*days: float) -> Sequence[Point]:
    """Somebody looked then."""
    return [Point(day(each), HOUR_S, 0.0, 0.0, 1) for each in days]


EVERY_DAY = looked(*(number + 0.5 for number in range(7)))


def seen(*kept: Told, looks: Sequence[Point] = EVERY_DAY, incidents: Sequence[Incident] = ()) -> Week:
    """The week."""
    return week(kept, looks, incidents, SINCE, NOW)


def test_a_week_in_which_nothing_happened() -> None:
    """Says that somebody looked on each of its days."""
    expected = Week(since=SINCE, days=7, looked=7)
    assert expected == seen(told(OFFLOAD, Episode(day(-3), day(-2), day(-1))))


def test_days_on_which_nobody_looked_are_counted() -> None:
    """They say nothing about the cluster."""
    assert (7, 2) == (seen(looks=looked(0.1, 0.2, 6.9)).days, seen(looks=looked(0.1, 0.2, 6.9)).looked)
    assert 0 == seen(looks=()).looked


def test_what_was_not_well_is_told_with_how_long_and_what_ended_it() -> None:
    """Counted within the week alone, and over the days that it touched."""
    before, once, again = (
        Episode(day(-1), day(0.2), day(0.25)),
        Episode(day(2), day(2.1), day(2.25)),
        Episode(day(4.875), day(5.1), day(5.125), "offload-off"),
    )
    found = seen(told(OFFLOAD, before, once, again))
    expected = Trouble(
        name=OFFLOAD,
        what=CAUSES[OFFLOAD].title,
        times=3,
        lasted_s=0.75 * DAY_S,
        fixed_by="offload-off",
    )
    assert ((expected,), 4) == (found.troubles, found.unwell)


def test_what_goes_on_is_told_so() -> None:
    """It lasts until now."""
    (trouble,) = seen(told(OFFLOAD, Episode(day(6), day(7)))).troubles
    assert (True, DAY_S, "") == (trouble.open, trouble.lasted_s, trouble.fixed_by)


def test_what_a_cause_explains_is_not_told_beside_it() -> None:
    """A finding is, of the time in which no cause was named, and no place of its own."""
    explained, alone = Episode(day(2), day(2.5), day(3)), Episode(day(5), day(5.1), day(5.5))
    found = seen(
        told(TCP, explained, alone),
        told(OFFLOAD, Episode(day(2.1), day(2.5), day(3))),
        told(TCP, explained, place=Node("w1")),
    )
    assert [(OFFLOAD, 1, 0.9), (TCP, 1, 0.5)] == [
        (each.name, each.times, round(each.lasted_s / DAY_S, 3)) for each in found.troubles
    ]
    assert "TCP" in ENGLISH.words(found.troubles[1].what)


def test_the_longest_are_shown_and_the_others_counted() -> None:
    """A phone shows a few."""
    slugs = list(CAUSES)[: SHOWN + 2]
    found = seen(*(told(slug, Episode(day(1), day(1), day(1) + HOUR_S * (n + 1))) for n, slug in enumerate(slugs)))
    assert (slugs[:1:-1], 2) == ([each.name for each in found.troubles], found.more)


def test_incidents_are_counted() -> None:
    """Those that were opened within the week, and those that were closed."""
    former, own = opened(id="a" * 10, opened_at=day(-2), timeline=()), opened(id="b" * 10, opened_at=day(3))
    closed = msgspec.structs.replace(noted(former, day(1), Sort.CLOSED, say("Closed")), state=CLOSED)
    found = seen(incidents=(closed, own, opened(id="c" * 10, opened_at=day(-9), timeline=())))
    assert (1, 1) == (found.opened, found.closed)
