"""What a picture costs: until the PNG of a hundred nodes is there, and what memory stays with whoever asked for it."""

import os
import resource
import statistics
import time
from pathlib import Path

from bot.pictures.matrix import matrix_of
from bot.pictures.model import Matrix
from bot.pictures.render import rendered
from tests.bench.agent import resident
from tests.bench.figures import Figure
from tests.bot.pictures.shown import tcp

COUNT = 100
TIMES = 5
GOAL_S = 1.5
GOAL_KIB = 1024
"""Of memory that stays: what reading two hundred kilobytes from a pipe leaves behind."""


def pictures() -> list[Figure]:
    """The median of five pictures, each by a child of its own; the first one, which looks for fonts, beside them."""
    matrix = matrix_of(tcp(COUNT, bad={17, 60}, silent={5}))
    if matrix is None or len(matrix.cells) != 10 * COUNT:
        raise SystemExit("no figures from a picture of something else")
    before = _resident()
    first_s, *later_s = (_timed(matrix) for _ in range(TIMES + 1))
    stays = _resident() - before
    child_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    took_s = statistics.median(later_s)
    return [
        Figure(
            f"picture of {COUNT} nodes, from the data to the PNG",
            f"{took_s:.2f} s",
            f"<= {GOAL_S:g} s",
            took_s <= GOAL_S,
            f"of which {_drawing_s(matrix):.2f} s drawing, the rest is matplotlib starting; first: {first_s:.2f} s",
        ),
        Figure(
            "memory that stays after six pictures",
            f"{stays / 1024:.1f} MiB",
            f"<= {GOAL_KIB / 1024:g} MiB",
            stays <= GOAL_KIB,
            f"the child had {child_mib:.0f} MiB at most",
        ),
    ]


def _timed(matrix: Matrix) -> float:
    started = time.monotonic()
    rendered(matrix)
    return time.monotonic() - started


def _drawing_s(matrix: Matrix) -> float:
    """Of the drawing alone, with matplotlib loaded: in a fork, so that it is not loaded here."""
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if not pid:
        from bot.pictures.drawing import png  # noqa: PLC0415 - in this child alone

        started = time.monotonic()
        png(matrix)
        os.write(write_fd, f"{time.monotonic() - started}".encode())
        os._exit(0)
    os.close(write_fd)
    with os.fdopen(read_fd) as told:
        took = told.read()
    os.waitpid(pid, 0)
    return float(took)


def _resident() -> int:
    return resident(Path("/proc/self/status").read_text(encoding="ascii"))
