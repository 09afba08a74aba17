"""What the machine's processors did, from /proc/stat (proc(5)): also in a container this is the whole machine."""

import os
from dataclasses import dataclass
from pathlib import Path

_SOFTIRQ, _IDLE, _IOWAIT = 6, 3, 4
"""Columns after `cpu`."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of all processors together since boot."""

    softirq_s: float
    """In soft interrupts, which is where the kernel moves packets."""
    idle_s: float
    total_s: float


def times(procfs: str = "/proc") -> Times:
    """The times now.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not what proc(5) says.
    """
    fields = Path(procfs, "stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    ticks = [int(field) for field in fields]
    unit = os.sysconf("SC_CLK_TCK")
    return Times(ticks[_SOFTIRQ] / unit, (ticks[_IDLE] + ticks[_IOWAIT]) / unit, sum(ticks) / unit)
