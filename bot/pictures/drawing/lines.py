"""Series over time: above how long answers took, below a row for each series with a mark where something was lost."""

from datetime import UTC

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from bot.pictures.drawing.card import (
    BLUE,
    EDGE,
    GREEN,
    GRID,
    INK,
    LABEL_PT,
    MARGIN_IN,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    VERMILLION,
    WIDTH_IN,
    Card,
)
from bot.pictures.model import Lines, Series
from bot.pictures.words import short_names

STYLES = (
    (BLUE, "o", "-"),
    (ORANGE, "s", "--"),
    (GREEN, "^", "-."),
    (PURPLE, "D", ":"),
    (SKY, "v", "-"),
    (INK, "P", "--"),
    (QUIET, "*", "-."),
    (EDGE, "h", ":"),
)
"""Colour, marker and stroke of each series: each alone tells them apart."""
_MARKED = 60
"""With more points the markers would be a band: some are left out."""
_LABEL_CHARACTERS = 12
_ROW_IN = 0.26
_DAY_S = 86400
"""matplotlib counts the days since 1970."""


def draw_lines(picture: Lines) -> Figure:
    """The courses, and what was lost."""
    left_in = MARGIN_IN + 0.083 * max(map(len, _names(picture))) + 0.25
    width_in = WIDTH_IN - left_in - MARGIN_IN - 0.1
    height_in, lost_in = 2.1, _ROW_IN * len(picture.series) + 0.1
    card = Card(picture.title, picture.notes, 0.35 + height_in + 0.32 + lost_in + 0.42)
    above = card.axes(left_in, 0.35, width_in, height_in)
    below = card.axes(left_in, 0.35 + height_in + 0.32, width_in, lost_in)
    for style, series in zip(STYLES, picture.series, strict=False):
        _course(above, series, style, picture.gap_s)
    _losses(below, picture)
    above.set_ylim(bottom=0)
    above.set_ylabel(picture.unit, size=LABEL_PT, color=INK)
    above.grid(color=GRID, linewidth=0.8)
    above.tick_params(labelbottom=False)
    locator = AutoDateLocator(minticks=3, maxticks=5, tz=UTC)  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    for axes in (above, below):
        axes.set_xlim(*_span(picture))
        axes.xaxis.set_major_locator(locator)
    below.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]  # matplotlib leaves it untyped
    below.set_xlabel("UTC", size=LABEL_PT, color=QUIET, labelpad=2)
    below.xaxis.get_offset_text().set(size=LABEL_PT, color=INK)
    return card.figure


def _course(axes: Axes, series: Series, style: tuple[str, str, str], gap_s: float) -> None:
    """One line, broken where nobody measured or nothing came back."""
    colour, marker, stroke = style
    at: list[float] = []
    values: list[float] = []
    for number, point in enumerate(series.points):
        if number and point.at - series.points[number - 1].at > gap_s:
            at.append(_when((point.at + series.points[number - 1].at) / 2))
            values.append(np.nan)
        at.append(_when(point.at))
        values.append(np.nan if point.value is None else point.value)
    axes.plot(
        at,
        values,
        color=colour,
        linestyle=stroke,
        linewidth=2,
        marker=marker,
        markersize=5,
        markevery=max(1, len(at) // _MARKED),
        label=series.name,
    )


def _losses(axes: Axes, picture: Lines) -> None:
    """A row a series, in its colour, with a cross wherever something was lost: larger where it was more."""
    rows = range(len(picture.series))
    for row, (colour, marker, stroke), series in zip(rows, STYLES, picture.series, strict=False):
        axes.plot(
            [0.0, 1.0],
            [row, row],
            color=colour,
            linestyle=stroke,
            linewidth=1.5,
            transform=axes.get_yaxis_transform(),
            zorder=1,
        )
        axes.plot(
            [0.0],
            [row],
            color=colour,
            marker=marker,
            markersize=7,
            transform=axes.get_yaxis_transform(),
            clip_on=False,
            zorder=2,
        )
        lost = [point for point in series.points if point.loss]
        crosses = axes.scatter(
            [_when(point.at) for point in lost],
            [row] * len(lost),
            s=[40 + 90 * point.loss for point in lost],
            marker="X",
            color=VERMILLION,
            edgecolors=INK,
            linewidths=0.7,
            zorder=3,
        )
        crosses.set_gid(series.name)
    axes.set_yticks(list(rows), _names(picture))
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
    axes.set_ylim(len(picture.series) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, pad=9)
    axes.set_title("✕ lost (the larger, the more)", size=LABEL_PT, color=INK, loc="left", pad=4)


def _names(picture: Lines) -> list[str]:
    return short_names([each.name for each in picture.series], _LABEL_CHARACTERS)


def _when(at: float) -> float:
    return at / _DAY_S


def _span(picture: Lines) -> tuple[float, float]:
    times = [point.at for series in picture.series for point in series.points]
    first, last = min(times), max(times)
    edge = max(1.0, 0.02 * (last - first))
    return _when(first - edge), _when(last + edge)
