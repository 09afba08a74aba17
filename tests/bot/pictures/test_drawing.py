"""What matplotlib has drawn, before it is pixels: texts, cells, marks and lines are those of the data."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from bot.pictures.drawing import figure
from bot.pictures.drawing.card import LABEL_PT
from bot.pictures.drawing.lines import STYLES
from bot.pictures.drawing.matrix import LABELLED, MARKS
from bot.pictures.drawing.timeline import SORTS
from bot.pictures.lines import lines
from bot.pictures.matrix import failed, matrix_of
from bot.pictures.model import Matrix, State
from bot.pictures.timeline import timeline_of
from checks.text import say
from tests.bot.pictures.shown import BEGAN, closed, recorded, series, tcp

DAY_S = 86400


def marks(drawn: Figure, state: State) -> set[tuple[int, int]]:
    """Row and column of each mark of a state."""
    found = [c for c in drawn.axes[0].collections if isinstance(c, PathCollection) and c.get_gid() == state]
    return {(round(y), round(x)) for points in found for x, y in np.asarray(points.get_offsets())}


def cells(matrix: Matrix, state: State) -> set[tuple[int, int]]:
    """Row and column of each cell of a state."""
    return {(cell.row, cell.column) for cell in matrix.cells if cell.state is state}


@pytest.mark.parametrize("count", [5, 12, 40, 100])
def test_every_cell_is_coloured_or_marked(count: int) -> None:
    """What passes has the colour of its time, what does not has its mark, and what was not tried nothing."""
    matrix = matrix_of(tcp(count, bad={3}, silent={1}, reach=2))
    assert matrix is not None

    drawn = figure(matrix)

    times = np.ma.masked_equal(np.zeros((count, count)), 0)
    for cell in matrix.cells:
        if cell.state is State.WELL and cell.time_s:
            times[cell.row, cell.column] = 1000 * cell.time_s
    shown = drawn.axes[0].images[0].get_array()
    assert shown is not None
    assert (times.mask == np.ma.getmaskarray(shown)).all()
    assert np.ma.allclose(times, shown)
    assert {state: cells(matrix, state) for state in MARKS} == {state: marks(drawn, state) for state in MARKS}


def test_the_numbers_of_the_recorded_incident_are_read() -> None:
    """Of a small matrix each cell says its time or its loss."""
    matrix = failed(recorded())
    assert matrix is not None

    drawn = figure(matrix)

    assert {(1, 0, "100%"), (0, 1, "100%"), (2, 0, "23"), (0, 2, "47")} <= {
        (round(text.get_position()[0]), round(text.get_position()[1]), text.get_text()) for text in drawn.axes[0].texts
    }
    assert ["cp", "w1", "w2"] == [label.get_text() for label in drawn.axes[0].get_xticklabels()]
    assert "D TCP: 4 of 6 paths fail" == drawn.texts[0].get_text()


def test_labels_of_many_nodes_are_thinned_and_stay_large() -> None:
    """No label is too small for a phone, and none covers another."""
    matrix = matrix_of(tcp(100, bad={3}))
    assert matrix is not None

    axes = figure(matrix).axes[0]

    labels = axes.get_yticklabels()
    assert ("…worker-003", True) == (labels[0].get_text(), len(labels) <= LABELLED)
    assert {LABEL_PT} == {label.get_fontsize() for label in (*labels, *axes.get_xticklabels())}


def test_a_dollar_sign_is_no_formula() -> None:
    """A name from a cluster is shown as it is."""
    seen = tuple(tcp(3, reach=1).seen)
    matrix = matrix_of(tcp(3, reach=1))
    assert matrix is not None
    assert seen

    drawn = figure(Matrix(title="$\\frac$", alt="", rows=("$a", "$b"), columns=("$a", "$b"), cells=matrix.cells[:1]))

    assert not any(text.get_parse_math() for text in (*drawn.texts, *drawn.axes[0].get_xticklabels()))


def test_lines_break_where_nobody_measured_and_crosses_stand_where_something_was_lost() -> None:
    """Times and values are the points'; nothing is drawn across a gap."""
    picture = lines(say("DNS"), "ms", [series("a", 1.0, missing={5, 6, 7}), series("b", 2.0, lost_at={3, 9})])
    assert picture is not None

    above, below = figure(picture).axes

    first, second = (np.asarray(line.get_xydata()) for line in above.lines)
    hours = [24 * (x - BEGAN / DAY_S) for x in first[:, 0]]
    assert [0, 1, 2, 3, 4, 6, 8, 9] == [round(hour) for hour in hours][:8]
    assert [True] == [bool(np.isnan(value)) for hour, value in zip(hours, first[:, 1], strict=True) if round(hour) == 6]
    assert [3, 9] == [number for number, value in enumerate(second[:, 1]) if np.isnan(value)]
    crosses = {c.get_gid(): np.asarray(c.get_offsets()) for c in below.collections}
    assert [(3, 1), (9, 1)] == [(round(24 * (x - BEGAN / DAY_S)), round(y)) for x, y in crosses["b"]]
    assert 0 == len(crosses["a"])


def test_series_differ_by_more_than_colour() -> None:
    """Marker and stroke together tell each from every other."""
    picture = lines(say("DNS"), "ms", [series(name, 1.0) for name in "abcdefgh"])
    assert picture is not None

    drawn = figure(picture).axes[0].lines

    assert len(drawn) == len({line.get_marker() for line in drawn}) == len({to_hex(line.get_color()) for line in drawn})
    assert len(STYLES) == len({(marker, stroke) for _, marker, stroke in STYLES})


def test_a_timeline_says_every_moment_at_its_time() -> None:
    """Its words are there, and it is tied to where its time is on the scale."""
    picture = timeline_of(closed())
    assert picture is not None

    axes = figure(picture).axes[0]

    said = " ".join(text.get_text() for text in axes.texts)
    for moment in picture.moments:
        assert moment.what.split()[-1] in said
    assert "07:06:40 Opened — Ada 07:16:40 Approved" in said
    ticks = [float(np.asarray(line.get_ydata())[0]) for line in axes.lines if line.get_marker() == "_"]
    share = [round((at - ticks[0]) / (ticks[-1] - ticks[0]), 3) for at in ticks]
    assert [0.0, round(600 / 3600, 3), round(610 / 3600, 3), round(1200 / 3600, 3), 1.0] == share
    assert [m.sort for m in picture.moments] == [line.get_gid() for line in axes.lines if line.get_gid() in SORTS]
