"""What a sound cluster answers to the jobs of `paths`."""

import msgspec

from checks.observation import Task
from checks.paths.model import Arrivals, Counters, Data
from tests.checks.paths.matrix import Answer, answered, passes

ARRIVED = Arrivals(quiet=Counters(seconds=0.3), burst=Counters(seconds=0.7, udp_received=5000))
"""Of bursts from a few nodes everything."""


def sound(task: Task, probe: Answer = passes) -> Data:
    """The answer to one job; `probe` says what becomes of each probe. The tunnel's packets arrive."""
    data = answered(task, probe, Counters(seconds=0.5))
    return msgspec.structs.replace(data, arrivals=ARRIVED) if data.arrivals else data
