"""A picture in characters of one width, for where it cannot be shown: words and numbers, no colours. Pure."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.pictures.model import Cell, Lines, Matrix, Picture, Series, State, Timeline

WIDTH = 46
"""Characters of a line: what a phone shows of a message without breaking it."""
WHOLE = 6
"""A matrix with more columns does not fit: of those the worst rows are listed."""
ROWS = 20
_NAME, _CELL = 14, 6
_BETWEEN_WORDS = "-._"
_STATES = {State.FAILS: "fails", State.REJECTED: "rej.", State.UNSEEN: "?"}


def in_words(picture: Picture) -> str:
    """All of it in a few lines."""
    if isinstance(picture, Matrix):
        return _matrix(picture)
    return _lines(picture) if isinstance(picture, Lines) else _timeline(picture)


def short_names(names: Sequence[str], most: int = _NAME) -> list[str]:
    """Names of at most so many characters, by what tells them apart.

    All nodes of a cluster end in its domain and begin with its name: what they share is left out as far as it must be,
    and what is too long even so is cut in its middle.
    """
    names = ["".join(letter for letter in name if letter.isprintable()) for name in names]
    longest = max(map(len, names), default=0)
    if longest <= most:
        return list(names)
    tail = max(_ends_of_words([name[::-1] for name in names]), default=0)
    needed = longest - tail - most + 1
    ends = _ends_of_words([name[: len(name) - tail] for name in names])
    head = min((end for end in ends if end >= needed), default=max(ends, default=0)) if needed > 1 else 0
    return [_cut(f"…{name[head : len(name) - tail]}" if head else name[: len(name) - tail], most) for name in names]


def _ends_of_words(names: Sequence[str]) -> list[int]:
    """After how many characters a word ends that all of several names begin with."""
    if len(set(names)) <= 1:
        return []
    alike = [len(set(letters)) == 1 for letters in zip(*names, strict=False)]
    same = alike.index(False) if False in alike else len(alike)
    return [at + 1 for at in range(same) if names[0][at] in _BETWEEN_WORDS]


def _cut(name: str, most: int) -> str:
    if len(name) <= most:
        return name
    tail = (most - 1) // 2
    return f"{name[: most - 1 - tail]}…{name[-tail:]}"


def _matrix(matrix: Matrix) -> str:
    if len(matrix.columns) > WHOLE or len(matrix.rows) > ROWS:
        return _worst_rows(matrix)
    cells = {(cell.row, cell.column): cell for cell in matrix.cells}
    head = [f"{'from / to':<{_NAME}}", *(f"{name:>6}" for name in short_names(matrix.columns, _CELL))]
    rows = [" ".join(head).rstrip()]
    for number, name in enumerate(short_names(matrix.rows)):
        found = (_cell(cells.get((number, column))) for column in range(len(matrix.columns)))
        rows.append(" ".join([f"{name:<{_NAME}}", *(f"{word:>6}" for word in found)]).rstrip())
    return "\n".join([*rows, "Numbers: milliseconds. -: not tried. ?: not seen."])


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    if cell.state is not State.WELL:
        partly = cell.loss is not None and 0 < cell.loss < 1
        return f"{cell.loss:.0%}" if partly and cell.state is State.FAILS else _STATES[cell.state]
    return "ok" if cell.time_s is None else f"{1000 * cell.time_s:.3g}"


def _worst_rows(matrix: Matrix) -> str:
    bad: dict[int, list[str]] = defaultdict(list)
    rows, columns = short_names(matrix.rows), short_names(matrix.columns)
    for cell in matrix.cells:
        if cell.state in (State.FAILS, State.REJECTED):
            bad[cell.row].append(columns[cell.column])
    worst = sorted(bad, key=lambda row: -len(bad[row]))
    lines = []
    for row in worst[:ROWS]:
        total = sum(cell.row == row and cell.state is not State.UNSEEN for cell in matrix.cells)
        text = f"{rows[row]} {len(bad[row])} of {total} fail: {', '.join(bad[row])}"
        lines.append(text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…")
    if len(worst) > ROWS:
        lines.append(f"and {len(worst) - ROWS} more rows in which something fails")
    return "\n".join(lines or ["Nothing fails."])


def _lines(picture: Lines) -> str:
    rows = [
        f"{'':<{_NAME}} {'median':>8} {'longest':>8} {'lost':>6}",
        *map(_series, short_names([each.name for each in picture.series]), picture.series),
    ]
    return "\n".join([*rows, f"Median and longest: {picture.unit}. Lost: of all that was sent."])


def _series(name: str, series: Series) -> str:
    values = [point.value for point in series.points if point.value is not None]
    median, longest = (f"{statistics.median(values):.3g}", f"{max(values):.3g}") if values else ("-", "-")
    lost = statistics.fmean(point.loss for point in series.points)
    return f"{name:<{_NAME}} {median:>8} {longest:>8} {lost:>6.1%}"


def _timeline(picture: Timeline) -> str:
    rows = []
    for moment in picture.moments:
        who = f" ({moment.who})" if moment.who else ""
        rows.append(f"{datetime.fromtimestamp(moment.at, UTC):%H:%M:%S} {moment.what}{who}")
    return "\n".join(rows)
