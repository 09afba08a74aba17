"""Series of numbers: what is read of them, merged, put into fewer stretches, drawn as blocks."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.points import Point, merged, part_since, resampled, sparkline

MINUTE = st.integers(0, 59)
VALUES = st.lists(st.tuples(MINUTE, st.floats(0, 1)), min_size=1, max_size=40)


def points(values: Sequence[tuple[int, float]]) -> list[Point]:
    """A point a minute."""
    return [Point(60.0 * minute, 60.0, value, value, 1) for minute, value in values]


@given(VALUES, st.integers(1, 60))
def test_fewer_stretches_keep_every_run_the_mean_and_the_worst(values: list[tuple[int, float]], count: int) -> None:
    """Nothing is lost by showing it coarser, however coarse; a stretch without a run is a gap."""
    whole = [each for each in resampled(points(values), 0.0, 3600.0, count, max) if each]

    if 60 % count == 0:
        assert len(values) == sum(each.count for each in whole)
        assert pytest.approx(sum(v for _, v in values)) == sum(each.mean * each.count for each in whole)
    assert max(value for _, value in values) == max(each.worst for each in whole)
    assert {minute * count // 60 for minute, _ in values} == {
        int(each.at * count // 3600) for each in whole
    } or 60 % count


def test_merged_points_stand_for_all_of_their_time() -> None:
    """The mean is weighed by runs, and the worst is the least where little is bad."""
    found = merged([Point(0.0, 60.0, 1.0, 1.0, 1), Point(120.0, 60.0, 4.0, 3.0, 2)], min)

    assert Point(0.0, 180.0, 3.0, 1.0, 3) == found


def test_the_present_point_is_shown_although_its_time_is_not_over() -> None:
    """A quarter of an hour began a minute ago; what began before the first moment stands there too."""
    now, before = Point(3540.0, 900.0, 0.5, 0.5, 1), Point(-800.0, 900.0, 0.1, 0.1, 1)

    shown = resampled([before, now], 0.0, 3600.0, 4, max)
    assert [0.1, None, None, 0.5] == [each and each.mean for each in shown]


def test_a_day_fills_all_stretches_that_it_covers() -> None:
    """A month of days in sixty stretches has no holes."""
    days = [Point(86400.0 * day, 86400.0, 0.5, 1.0, 24) for day in range(30)]

    assert [] == [each for each in resampled(days, 0.0, 30 * 86400.0, 60, max) if each is None]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], ""),
        ([0.0, 0.0], "▁▁"),
        ([0.0, 0.5, 1.0], "▁▅█"),
        ([1.0, None, 0.001], "█ ▂"),
    ],
)
def test_a_sparkline_shows_gaps_and_never_hides_what_is_not_nothing(values: list[float | None], shown: str) -> None:
    """No look is no block, and a loss of a thousandth is higher than none."""
    assert shown == sparkline(values)


@pytest.mark.parametrize(
    ("ago_s", "width_s"), [(60, 900), (86400, 900), (86401, 3600), (7 * 86400, 3600), (7 * 86400 + 1, 86400)]
)
def test_the_finest_ring_that_reaches_so_far_back_is_read(ago_s: int, width_s: int) -> None:
    """Today there are quarters of an hour, this week hours, before that days."""
    assert width_s == part_since(1e9 - ago_s, 1e9).width_s
