"""A heat map: the colour of a cell is how long an answer took, its mark that none came."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from bot.pictures.drawing.card import (
    EDGE,
    GRID,
    GROUND,
    INK,
    LABEL_PT,
    MARGIN_IN,
    ORANGE,
    QUIET,
    VERMILLION,
    WIDTH_IN,
    Card,
)
from bot.pictures.model import Cell, Matrix, State
from bot.pictures.words import short_names

FASTEST_MS, SLOWEST_MS = 0.1, 1000.0
"""The ends of the scale of colours, the same in every picture, so that a colour always means the same time."""
NUMBERED = 6
"""With more columns there is no room for a number in a cell."""
LABELLED = 18
"""So many labels have room; of more every second, third or fourth is written."""
_LABEL_CHARACTERS = 13
_CHARACTER_IN = 0.083
MARKS = {State.FAILS: "X", State.REJECTED: "_", State.UNSEEN: "."}
"""The shape in a cell that did not pass."""
_FILLS = {
    State.FAILS: ("", VERMILLION, GROUND),
    State.REJECTED: ("\\\\\\\\", ORANGE, INK),
    State.UNSEEN: ("////", GROUND, EDGE),
}
"""Its hatch, its colour and the colour of the hatch."""
_MIDDLE_MS = math.sqrt(FASTEST_MS * SLOWEST_MS)
_RAISED, _LOWERED = 0.14, 0.28
"""Where a mark and a number share a cell."""
_SMALL, _LARGE, _LARGEST_MARK_PT = 0.3, 0.62, 26.0
"""A mark's size: parts of its cell with a number in it and without, and the most of all."""
_FOOT_IN = 1.2
_LEGEND = {State.FAILS: "fails (% lost)", State.REJECTED: "rejected at once", State.UNSEEN: "not seen"}


def draw_matrix(matrix: Matrix) -> Figure:
    """The heat map with its legend."""
    row_in, column_in = _label_in(matrix.rows), _label_in(matrix.columns)
    left_in = MARGIN_IN + row_in + 0.3
    width_in = WIDTH_IN - left_in - MARGIN_IN
    upright = column_in > width_in / min(len(matrix.columns), LABELLED)
    height_in = width_in * min(1.1, max(0.25, len(matrix.rows) / len(matrix.columns)))
    top_in = (column_in if upright else 0.14) + 0.42
    card = Card(matrix.title, matrix.notes, top_in + height_in + _FOOT_IN)
    axes = card.axes(left_in, top_in, width_in, height_in)
    image = _colour(axes, matrix)
    for state in MARKS:
        _mark(axes, matrix, state, height_in)
    if len(matrix.columns) <= NUMBERED:
        _number(axes, matrix)
    _label(axes, matrix, upright=upright)
    _legend(axes, matrix, height_in)
    if image is not None:
        _scale(card, image, (left_in, top_in + height_in + 0.8, width_in, 0.12))
    return card.figure


def _label_in(names: Sequence[str]) -> float:
    """How long the longest label is."""
    return _CHARACTER_IN * max(len(name) for name in short_names(names, _LABEL_CHARACTERS))


def _scale(card: Card, image: AxesImage, at: tuple[float, float, float, float]) -> None:
    """Which colour is how long."""
    bar = card.axes(*at)
    card.figure.colorbar(image, cax=bar, orientation="horizontal")
    bar.set_xticks([0.1, 1, 10, 100, 1000], ["0.1 ms", "1", "10", "100", "1 s"])
    bar.minorticks_off()
    bar.tick_params(labelsize=LABEL_PT, colors=INK)
    bar.set_title("passes, and takes (numbers: ms)", size=LABEL_PT, color=INK, loc="left", pad=4)


def _colour(axes: Axes, matrix: Matrix) -> AxesImage | None:
    """Colours by time in milliseconds; what did not pass is masked. None where nothing did."""
    times = np.full((len(matrix.rows), len(matrix.columns)), np.nan)
    for cell in matrix.cells:
        if cell.state is State.WELL:
            times[cell.row, cell.column] = 1000 * (cell.time_s or 0.0) or FASTEST_MS
    image = axes.imshow(
        np.ma.masked_invalid(times),
        cmap="cividis",
        norm=LogNorm(FASTEST_MS, SLOWEST_MS, clip=True),
        aspect="auto",
        interpolation="nearest",
        zorder=1,
    )
    return image if np.isfinite(times).any() else None


def _mark(axes: Axes, matrix: Matrix, state: State, height_in: float) -> None:
    """The cells of a state, filled or hatched, each with its mark."""
    found = [cell for cell in matrix.cells if cell.state is state]
    if not found:
        return
    few = len(matrix.columns) <= LABELLED
    hatch, face, edge = _FILLS[state]
    boxes = PatchCollection(
        [Rectangle((cell.column - 0.5, cell.row - 0.5), 1, 1) for cell in found],
        facecolor=face,
        edgecolor=edge if few else "none",
        hatch=hatch if few else None,
        linewidth=0.4 if few else 0,
        zorder=2,
    )
    axes.add_collection(boxes)
    size_pt = 72 * height_in / len(matrix.rows) * (_SMALL if len(matrix.columns) <= NUMBERED else _LARGE)
    points = axes.scatter(
        [cell.column for cell in found],
        [cell.row - (_RAISED if _number_of(cell) and len(matrix.columns) <= NUMBERED else 0.0) for cell in found],
        s=min(size_pt, _LARGEST_MARK_PT) ** 2,
        marker=MARKS[state],
        color="white" if few and state is State.FAILS else INK,
        linewidths=0 if state is not State.REJECTED else 1.5 if few else 0.8,
        zorder=3,
    )
    points.set_gid(state)


def _number(axes: Axes, matrix: Matrix) -> None:
    """The time of what passes, and how much is lost of what does not."""
    size = 11.0 if len(matrix.columns) <= NUMBERED // 2 else LABEL_PT
    for cell in matrix.cells:
        number = _number_of(cell)
        bright = cell.state is State.WELL and (cell.time_s or 0.0) * 1000 > _MIDDLE_MS
        lowered = 0.0 if cell.state is State.WELL else _LOWERED
        if number:
            colour = INK if bright else "white"
            axes.text(
                cell.column,
                cell.row + lowered,
                number,
                color=colour,
                size=size,
                weight="normal" if cell.state is State.WELL else "bold",
                ha="center",
                va="center",
                zorder=4,
            )


def _number_of(cell: Cell) -> str:
    if cell.state is State.WELL:
        return "" if cell.time_s is None else _two_digits(1000 * cell.time_s)
    return f"{cell.loss:.0%}" if cell.state is State.FAILS and cell.loss else ""


def _two_digits(value: float) -> str:
    """The digits that count."""
    if value >= 10:  # noqa: PLR2004 - what has two digits already
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _label(axes: Axes, matrix: Matrix, *, upright: bool) -> None:
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("to", size=LABEL_PT, color=QUIET)
    axes.set_ylabel("from", size=LABEL_PT, color=QUIET)
    for axis, names in ((axes.xaxis, matrix.columns), (axes.yaxis, matrix.rows)):
        at = _thinned(len(names))
        short = short_names(names, _LABEL_CHARACTERS)
        axis.set_ticks(at, [short[number] for number in at])
        for label in axis.get_ticklabels():
            label.set_parse_math(False)
    axes.tick_params(axis="x", labelrotation=90 if upright else 0, labelsize=LABEL_PT)
    axes.set_xlim(-0.5, len(matrix.columns) - 0.5)
    axes.set_ylim(len(matrix.rows) - 0.5, -0.5)
    if len(matrix.columns) <= LABELLED:
        axes.set_xticks(np.arange(len(matrix.columns) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(matrix.rows) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color=GRID, linewidth=1)
        axes.tick_params(which="minor", length=0)


def _thinned(count: int) -> Sequence[int]:
    return range(0, count, math.ceil(count / LABELLED))


def _legend(axes: Axes, matrix: Matrix, height_in: float) -> None:
    states = {cell.state for cell in matrix.cells}
    handles: list[Patch | Line2D] = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=MARKS[state],
            markersize=9,
            label=_LEGEND[state],
            color=VERMILLION if state is State.FAILS else INK,
        )
        for state in MARKS
        if state in states
    ]
    if len(matrix.cells) < len(matrix.rows) * len(matrix.columns):
        handles.append(Patch(facecolor=GROUND, edgecolor=EDGE, label="not tried"))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, -0.08 / height_in),
        ncol=2,
        frameon=False,
        fontsize=LABEL_PT,
        labelcolor=INK,
        borderaxespad=0,
        handletextpad=0.3,
        columnspacing=1.2,
        borderpad=0,
    )
