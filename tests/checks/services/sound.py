"""What a sound cluster answers to the jobs of `services`."""

from checks.observation import Task
from checks.probes.outcome import Result
from checks.services.model import Data, Measurement


def sound(task: Task) -> Data:
    """The answer to one job: everybody takes connections."""
    return Data(measurements=tuple(Measurement(aim=aim, result=Result.OK, rtt_s=0.001) for aim in task.request.aims))
