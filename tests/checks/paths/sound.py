"""What a sound cluster answers to the jobs of `paths`."""

from checks.observation import Task
from checks.paths.model import Counters, Data
from tests.checks.paths.matrix import Answer, measured, passes


def sound(task: Task, probe: Answer = passes) -> Data:
    """The answer to one job; `probe` says what becomes of each probe."""
    measurements = tuple(measured(aim, probe(task.node, task.network, aim)) for aim in task.request.aims)
    return Data(measurements=measurements, counters=Counters(seconds=0.5))
