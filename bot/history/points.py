"""Series of numbers at three resolutions, each a ring of slots of one width, and what is made of them. Pure.

A series takes the same room however often it is written: a slot is found from the time alone, and what it held a lap
ago is overwritten. `bot/store/scripts/write_series.lua` writes them; here they are read.
"""

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from checks.place import Place

SLOT = struct.Struct("<HHff")
"""How often the ring had gone round, how many runs, their mean, the worst of them."""
_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = " "
Worst = Callable[[float, float], float]
"""`max` where much is bad, `min` where little is."""


@dataclass(frozen=True, slots=True)
class Ring:
    """So many slots, each for so many seconds."""

    width_s: int
    slots: int

    @property
    def reach_s(self) -> int:
        """How far back it goes."""
        return self.width_s * self.slots


QUARTERS = Ring(900, 96)
"""A day of quarters of an hour: whoever mends something looks at minutes, and nobody does of yesterday's."""
HOURS = Ring(3600, 168)
"""A week of hours: it shows what comes every day or with every weekend."""
DAY_S = 86400
_FINE_BYTES = SLOT.size * (QUARTERS.slots + HOURS.slots)


def rings(days: int) -> tuple[Ring, ...]:
    """The rings of a series that is kept for so many days, the finest first, as they are stored one after the other."""
    return (QUARTERS, HOURS, Ring(DAY_S, days))


def series_bytes(days: int) -> int:
    """The bytes of one series, without what Redis adds for its key."""
    return SLOT.size * sum(ring.slots for ring in rings(days))


class Point(msgspec.Struct, frozen=True, gc=False):
    """What was measured in one stretch of time."""

    at: float
    """Unix time in seconds at which the stretch begins."""
    width_s: float
    """How long it is."""
    mean: float
    worst: float
    count: int
    """How many runs."""


class Series(msgspec.Struct, frozen=True):
    """One signal at one place over time; see `bot.history.signals` for its unit and which end is bad."""

    signal: str
    place: Place
    points: tuple[Point, ...]
    """From the oldest to the newest, of one width; where nobody looked there is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """The stored bytes of one ring of a series."""

    width_s: int
    first: int
    """The first byte."""
    last: int
    """The last byte, counted from the end where it is negative."""


def part_since(since: float, now: float) -> Part:
    """The part of a series to read: the finest ring that reaches back to a moment."""
    quarters = SLOT.size * QUARTERS.slots
    if now - QUARTERS.reach_s <= since:
        return Part(QUARTERS.width_s, 0, quarters - 1)
    if now - HOURS.reach_s <= since:
        return Part(HOURS.width_s, quarters, _FINE_BYTES - 1)
    return Part(DAY_S, _FINE_BYTES, -1)


def read_points(stored: bytes, width_s: int, since: float, now: float) -> tuple[Point, ...]:
    """The points of one ring from a moment on; what is older than a lap or was never written is none."""
    slots = len(stored) // SLOT.size
    present = int(now // width_s)
    oldest = max(present - slots, int(since // width_s) - 1)
    found = []
    for slot, (lap, count, mean, worst) in enumerate(SLOT.iter_unpack(stored[: slots * SLOT.size])):
        bucket = lap * slots + slot
        if count and oldest < bucket <= present:
            found.append(Point(float(bucket * width_s), float(width_s), mean, worst, count))
    # In the order of slots, which is that of time but for where the ring begins anew.
    return tuple(sorted(found, key=lambda point: point.at))


def merged(points: Sequence[Point], worst: Worst) -> Point:
    """Points as one, which stands for all of their time; there is at least one."""
    count = sum(point.count for point in points)
    at = min(point.at for point in points)
    ends = max(point.at + point.width_s for point in points)
    value = points[0].worst
    for point in points[1:]:
        value = worst(value, point.worst)
    return Point(at, ends - at, sum(point.mean * point.count for point in points) / count, value, count)


def resampled(points: Sequence[Point], since: float, until: float, count: int, worst: Worst) -> list[Point | None]:
    """So many stretches of equal length from `since` to `until`, each with the points in it; None where there is none.

    A point that is longer than a stretch stands in all that it covers.
    """
    step_s = (until - since) / count
    found: list[list[Point]] = [[] for _ in range(count)]
    for point in points:
        # The present point goes on beyond now, and the first one may have begun before.
        begin, end = max(0.0, (point.at - since) / step_s), min(count, (point.at + point.width_s - since) / step_s)
        # The stretches whose middle it covers, and the one in which its own middle is.
        covered = {*range(math.ceil(begin - 0.5), math.ceil(end - 0.5)), math.floor((begin + end) / 2)}
        for number in covered.intersection(range(count)):
            found[number].append(point)
    return [merged(each, worst) if each else None for each in found]


def sparkline(values: Sequence[float | None], top: float = 0.0) -> str:
    """Numbers as blocks between 0 and `top`, or the largest of them; a gap where there is none."""
    known = [value for value in values if value is not None]
    highest = max([top, *known], default=0.0)
    return "".join(_GAP if value is None else _block(value, highest) for value in values)


def _block(value: float, highest: float) -> str:
    """What is not nothing is never shown as nothing."""
    if value <= 0 or highest <= 0:
        return _BLOCKS[0]
    return _BLOCKS[max(1, min(len(_BLOCKS) - 1, round(value / highest * (len(_BLOCKS) - 1))))]
