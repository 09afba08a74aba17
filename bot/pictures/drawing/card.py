"""The card that every picture is drawn on: its measures, its colours, its words.

A picture does not know whether it is looked at on a light or a dark screen, so it brings its own ground, a light one
that does not glare, with an edge that shows on both. Colours are Okabe and Ito's and cividis, which people tell apart
whatever kind of colour blindness they have (https://jfly.uni-koeln.de/color, doi:10.1371/journal.pone.0199239), and
what they say a shape says too. A phone shows 1200 pixels at a third, so no letter is smaller than nine points.
"""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

WIDTH_PX, WIDTH_IN = 1200, 4.5
DPI = WIDTH_PX / WIDTH_IN
"""More than twice as many pixels as a screen shows to an inch, so that it is sharp where it is shown at a third."""
MARGIN_IN = 0.18
GROUND, EDGE, INK, QUIET, GRID = "#f4f4f1", "#8a8f98", "#16191d", "#4b5158", "#d3d5d8"
VERMILLION, ORANGE, BLUE, GREEN, PURPLE, SKY, YELLOW = (
    "#d55e00",
    "#e69f00",
    "#0072b2",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#f0e442",
)
TITLE_PT, TEXT_PT, LABEL_PT = 13.5, 10.0, 9.0
_TITLE_CHARACTERS, _TEXT_CHARACTERS = 33, 48
"""Of one line: DejaVu Sans is about 0.6 of its size wide."""
_LINE = 1.3
_POINTS = 72


class Card:
    """A figure under construction, from its top downwards; every height is in inches."""

    def __init__(self, title: str, notes: Sequence[str], plot_in: float) -> None:
        """Make a card for a plot of that height, with the words above it."""
        head = [(line, TITLE_PT, "bold") for line in textwrap.wrap(title, _TITLE_CHARACTERS)]
        head += [(line, TEXT_PT, "normal") for note in notes for line in textwrap.wrap(note, _TEXT_CHARACTERS)]
        head_in = sum(_line_in(size) for _, size, _ in head)
        self.height_in = 2 * MARGIN_IN + head_in + plot_in
        self.figure = Figure(figsize=(WIDTH_IN, self.height_in), dpi=DPI, facecolor=GROUND)
        self._at_in = MARGIN_IN
        self._edge()
        for line, size, weight in head:
            self._write(line, size, weight)

    def axes(self, left_in: float, top_in: float, width_in: float, height_in: float) -> Axes:
        """Axes that begin so far below the words and right of the card's edge."""
        down = self._at_in + top_in + height_in
        at = (left_in / WIDTH_IN, 1 - down / self.height_in, width_in / WIDTH_IN, height_in / self.height_in)
        axes = self.figure.add_axes(at, facecolor=GROUND)
        for spine in axes.spines.values():
            spine.set_color(EDGE)
        axes.tick_params(colors=INK, labelsize=LABEL_PT, length=3, color=EDGE)
        return axes

    def _write(self, line: str, size: float, weight: str) -> None:
        y = 1 - self._at_in / self.height_in
        x = MARGIN_IN / WIDTH_IN
        # No parse_math: a dollar sign in a name is a dollar sign.
        self.figure.text(x, y, line, size=size, weight=weight, color=INK, va="top", parse_math=False)
        self._at_in += _line_in(size)

    def _edge(self) -> None:
        inset = 0.02
        box = FancyBboxPatch(
            (inset / WIDTH_IN, inset / self.height_in),
            1 - 2 * inset / WIDTH_IN,
            1 - 2 * inset / self.height_in,
            boxstyle="square,pad=0",
            fill=False,
            edgecolor=EDGE,
            linewidth=1.5,
            transform=self.figure.transFigure,
        )
        self.figure.add_artist(box)


def _line_in(size: float) -> float:
    return size * _LINE / _POINTS
