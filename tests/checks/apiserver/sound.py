"""What a sound cluster answers to the jobs of `apiserver`."""

from checks.apiserver.model import Calls, Data
from checks.observation import Answer, Task
from tests.checks import objects

READY = "[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]poststarthook/start-informers ok\nreadyz check passed"


def sound(task: Task) -> Data:
    """The answer to one job: ready, and a webhook that was called and answered within milliseconds."""
    asked = task.request
    return Data(
        address=asked.address,
        node=asked.node,
        ready=Answer(status=200, message=READY, elapsed_s=0.01),
        calls=(Calls(webhook=objects.HOOK, sort="validating", count=2, seconds=0.02),) if asked.admission else (),
        figures=Answer(status=200, message="", elapsed_s=0.1) if asked.admission else None,
    )
