"""Series over time as a picture: what is drawn of them, and what that says in words. Pure."""

import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.language import ENGLISH, Language
from bot.pictures.model import NOTE_CHARACTERS, TITLE_CHARACTERS, Lines, Series, alt, cut
from checks.text import Text, say, say_many, share

MOST = 8
"""Lines in one picture: as many as there are colours that everybody tells apart."""
GAP = 2.5
"""A pause so many times as long as the usual one is a gap."""


def lines(
    title: Text, unit: str, series: Iterable[Series], notes: Sequence[Text] = (), language: Language = ENGLISH
) -> Lines | None:
    """Series over time; None where nothing has two measurements, because that is no course of anything.

    Args:
        title: What is measured, for example "DNS latency by replica".
        unit: Of all values, as it is written: `ms`.
        series: What was measured; of more than `MOST` those that lost most or took longest are drawn.
        notes: Sentences that stand above the picture.
        language: The reader's.
    """
    every = [each for each in series if each.points]
    if not any(len(each.points) > 1 for each in every):
        return None
    drawn = sorted(every, key=lambda each: (-_lost(each), -(_median(each) or 0.0)))[:MOST]
    left_out = len(every) - len(drawn)
    told = [language.words(note) for note in notes]
    if left_out:
        text = say_many("{count} that did better is not drawn.", "{count} that did better are not drawn.", left_out)
        told.append(language.words(text))
    words = cut(language.words(title), TITLE_CHARACTERS)
    said = [language.words(_told(each, unit)) for each in drawn]
    return Lines(
        title=words,
        alt=alt(f"{words}.", language.words(_span(every)), *said),
        notes=tuple(cut(note, NOTE_CHARACTERS) for note in told),
        unit=unit,
        series=tuple(sorted(drawn, key=lambda each: each.name)),
        gap_s=GAP * _usual_pause(every),
    )


def _lost(series: Series) -> float:
    return statistics.fmean(point.loss for point in series.points)


def _median(series: Series) -> float | None:
    values = [point.value for point in series.points if point.value is not None]
    return statistics.median(values) if values else None


def _told(series: Series, unit: str) -> Text:
    """One line in words."""
    values = [point.value for point in series.points if point.value is not None]
    lossy = [point for point in series.points if point.loss]
    text = say("{name}: nothing came back", name=series.name)
    if values:
        text = say(
            "{name}: median {median} {unit}, at most {longest} {unit}",
            name=series.name,
            median=round(statistics.median(values), 1),
            longest=round(max(values), 1),
            unit=unit,
        )
    if not lossy:
        return say("{text}, nothing lost.", text=text)
    worst = max(lossy, key=lambda point: point.loss)
    return say(
        "{text}; lost at {count} of {total} measurements, at most {loss} at {time}.",
        text=text,
        count=len(lossy),
        total=len(series.points),
        loss=share(worst.loss),
        time=_clock(worst.at),
    )


def _span(series: Sequence[Series]) -> Text:
    times = [point.at for each in series for point in each.points]
    return say("Lines from {first} to {last}.", first=_clock(min(times)), last=_clock(max(times)))


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d %b %H:%M UTC")


def _usual_pause(series: Sequence[Series]) -> float:
    pauses = [
        after.at - before.at for each in series for before, after in zip(each.points, each.points[1:], strict=False)
    ]
    return statistics.median(pauses)
