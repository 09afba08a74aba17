"""What a sound cluster answers to the jobs of `throughput`."""

from checks.observation import Task
from checks.throughput.model import Data, Request, Try


def sound(task: Task) -> Data:
    """The answer to one job: as much as was asked for."""
    assert isinstance(task.request, Request)
    return Data(target=task.request.target, tries=(Try(received=25_000_000, elapsed_s=1.0, softirq_s=0.05, idle=0.9),))
