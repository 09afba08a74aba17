"""What history keeps of a check as a picture over time: times as lines, with what was lost marked below them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.history import points
from bot.history.signals import SIGNALS, is_of, signals_of
from bot.language import ENGLISH, Language
from bot.pictures import lines
from bot.pictures.model import Lines, Point, Series
from checks.place import Place
from checks.text import Text, Unit, say


@dataclass(frozen=True, slots=True)
class Course:
    """Signals that belong into one picture."""

    title: Text
    value: str
    """The signal whose height is drawn: a name of `bot.history.signals.SIGNALS`."""
    loss: str = ""
    """The signal that says how much was lost meanwhile; empty: there is none."""


COURSES = (
    Course(say("DNS latency by replica"), "dns.replica-loss:p99", "dns.replica-loss:loss"),
    Course(say("DNS latency through the Service, by node"), "dns.service:p99", "dns.service:loss"),
    Course(say("Round trip between pods of different nodes"), "paths.cross-tcp:rtt", "paths.cross-tcp:loss"),
    Course(say("Round trip from node to node"), "paths.host-tcp:rtt", "paths.host-tcp:loss"),
    Course(say("A dry run through the webhook"), "webhook.dry-run:time"),
)
"""What is drawn together, what people ask after first. Any other signal is a picture of its own."""
_SCALES = {Unit.SECONDS: (1000.0, "ms"), Unit.SHARE: (100.0, "%"), Unit.RATE: (1e-6, "Mbit/s")}
"""By what a value is multiplied, and what the axis says then; all others are drawn as they are."""


def drawn_of(subject: str) -> tuple[str, ...]:
    """The signals that the picture of a check or finding takes; empty where nothing is measured of it."""
    course = _course(subject)
    return tuple(filter(None, (course.value, course.loss))) if course else ()


def drawn(subject: str, found: Iterable[points.Series], now: float, language: Language = ENGLISH) -> Lines | None:
    """The picture of a check or finding; None where fewer than two measurements of one place are kept.

    Args:
        subject: Its name, for example `dns` or `paths.cross-tcp`.
        found: What history keeps: of other signals than `drawn_of` nothing is taken.
        now: Unix time in seconds: the latest stretch ends there, whatever its width.
        language: The reader's.
    """
    course = _course(subject)
    if course is None:
        return None
    kept = {(each.signal, each.place): each.points for each in found}
    factor, unit = _SCALES.get(SIGNALS[course.value].unit, (1.0, ""))
    places = dict.fromkeys(place for signal, place in kept if signal in (course.value, course.loss))
    series = (_series(course, place, kept, factor, now) for place in places)
    return lines.lines(course.title, unit, series, language=language)


def _course(subject: str) -> Course | None:
    for course in COURSES:
        if is_of(SIGNALS[course.value].code.name, subject):
            return course
    others = signals_of(subject)
    return Course(say("{meaning}", meaning=others[0].meaning), others[0].name) if others else None


def _series(
    course: Course, place: Place, kept: dict[tuple[str, Place], tuple[points.Point, ...]], factor: float, now: float
) -> Series:
    values = {point.at: point for point in kept.get((course.value, place), ())}
    losses = {point.at: point for point in kept.get((course.loss, place), ())}
    made = []
    for at in sorted(values.keys() | losses.keys()):
        value, loss = values.get(at), losses.get(at)
        width_s = (value or losses[at]).width_s
        middle = (at + min(at + width_s, now)) / 2
        # The worst loss and not the mean: a short outage in a long stretch stays visible.
        made.append(Point(middle, value.mean * factor if value else None, min(1.0, loss.worst) if loss else 0.0))
    return Series(str(place), tuple(made))
