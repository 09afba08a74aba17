"""What is drawn over time is what was measured."""

from bot.pictures.lines import GAP, MOST, lines
from checks.text import say
from tests.bot.pictures.shown import HOUR_S, series

TITLE = say("DNS latency by replica")


def test_series_keep_their_points() -> None:
    """By name, with what was lost and without what was not measured."""
    lossy, sound = series("coredns-b", 2.0, lost_at={3}), series("coredns-a", 1.0, missing={4, 5})

    picture = lines(TITLE, "ms", [lossy, sound])

    assert picture is not None
    assert (sound, lossy) == picture.series
    assert ("DNS latency by replica", "ms", GAP * HOUR_S) == (picture.title, picture.unit, picture.gap_s)


def test_the_alt_text_tells_each_line() -> None:
    """When, how long in the median and at most, how much was lost and when it was worst."""
    picture = lines(TITLE, "ms", [series("coredns-a", 1.5, lost_at={3, 4}), series("coredns-b", 1.0)])

    assert picture is not None
    expected = (
        "DNS latency by replica. Lines from 29 Nov 07:06 UTC to 30 Nov 06:06 UTC. coredns-a: median 1.5 ms, at most"
        " 1.5 ms; lost at 2 of 24 measurements, at most 100 % at 29 Nov 10:06 UTC. coredns-b: median 1 ms, at most"
        " 1 ms, nothing lost."
    )
    assert expected == picture.alt.replace("\N{NO-BREAK SPACE}", " ").replace("100%", "100 %")


def test_a_single_measurement_is_no_course() -> None:
    """Nothing is drawn of it, nor of nothing."""
    assert lines(TITLE, "ms", [series("a", 1.0, missing=range(1, 24))]) is None
    assert lines(TITLE, "ms", []) is None


def test_of_many_series_the_worst_are_drawn() -> None:
    """The picture says how many are not."""
    sound = [series(f"coredns-{number}", 1.0) for number in range(MOST + 2)]

    picture = lines(TITLE, "ms", [*sound, series("lossy", 1.0, lost_at={1})])

    assert picture is not None
    assert (MOST, True) == (len(picture.series), "lossy" in {each.name for each in picture.series})
    assert ("3 that did better are not drawn.",) == picture.notes
