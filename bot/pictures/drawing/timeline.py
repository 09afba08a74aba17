"""An incident from top to bottom: on the left when by the clock's own measure, on the right what, line by line."""

import textwrap
from datetime import UTC, datetime

from matplotlib.figure import Figure

from bot.pictures.drawing.card import (
    BLUE,
    EDGE,
    GREEN,
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
from bot.pictures.model import Moment, Timeline

SORTS = {
    "opened": ("opened", VERMILLION, "v"),
    "check": ("check", BLUE, "o"),
    "decision": ("decision", ORANGE, "s"),
    "approval": ("approval", ORANGE, "P"),
    "override": ("override", VERMILLION, "X"),
    "action": ("action", PURPLE, "D"),
    "role": ("role", SKY, "h"),
    "reminder": ("reminder", QUIET, "*"),
    "closed": ("closed", GREEN, "^"),
}
"""Word, colour and shape of what may happen."""
_CHARACTERS = 34
_LINES = 3
_SCALE_IN = 0.6
_LINE_IN = 0.19
_PAD_IN = 0.12
_FIRST_LINE_IN = (_PAD_IN + _LINE_IN) / 2 - 0.02
"""From the top of a row to the middle of its first line."""


def draw_timeline(picture: Timeline) -> Figure:
    """The moments, each tied to its time on the scale."""
    texts = [_text(moment) for moment in picture.moments]
    heights = [len(lines) * _LINE_IN + _PAD_IN for lines in texts]
    height_in = sum(heights)
    width_in = WIDTH_IN - 2 * MARGIN_IN
    card = Card(picture.title, picture.notes, 0.2 + height_in)
    axes = card.axes(MARGIN_IN, 0.2, width_in, height_in)
    axes.set_xlim(0, width_in)
    axes.set_ylim(height_in, 0)
    axes.set_axis_off()
    first, last = picture.moments[0].at, picture.moments[-1].at
    middle = _FIRST_LINE_IN
    long_in = height_in - heights[-1]
    axes.plot([0.1, 0.1], [middle, middle + long_in], color=EDGE, linewidth=3, zorder=1)
    top = 0.0
    for moment, lines, row_in in zip(picture.moments, texts, heights, strict=True):
        at = middle + long_in * ((moment.at - first) / (last - first) if last > first else 0.0)
        y = top + _FIRST_LINE_IN
        _, colour, marker = SORTS[moment.sort]
        axes.plot([0.1, 0.42, _SCALE_IN], [at, y, y], color=EDGE, linewidth=1, zorder=1)
        axes.plot([0.1], [at], marker="_", markersize=12, color=INK, zorder=2)
        axes.plot(
            [_SCALE_IN], [y], marker=marker, markersize=10, color=colour, markeredgecolor=INK, zorder=3, gid=moment.sort
        )
        clock = datetime.fromtimestamp(moment.at, UTC).strftime("%H:%M:%S")
        axes.text(_SCALE_IN + 0.15, top + _PAD_IN / 2, clock, size=LABEL_PT, color=QUIET, va="top")
        for number, line in enumerate(lines):
            axes.text(
                _SCALE_IN + 0.8,
                top + _PAD_IN / 2 + number * _LINE_IN,
                line,
                size=LABEL_PT + 1,
                color=INK,
                va="top",
                parse_math=False,
            )
        top += row_in
    return card.figure


def _text(moment: Moment) -> list[str]:
    who = f" — {moment.who}" if moment.who else ""
    lines = textwrap.wrap(f"{moment.what}{who}", _CHARACTERS)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1]}…"]
    return lines or [SORTS[moment.sort][0]]
