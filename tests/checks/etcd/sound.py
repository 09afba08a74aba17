"""What a sound cluster answers to the jobs of `etcd`."""

from checks.etcd.model import Data, Member, Server
from checks.observation import Answer, Task
from checks.probes.outcome import Outcome, Result

READY = "[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]etcd-readiness ok\n[+]informer-sync ok\nreadyz check passed\n"


def sound(task: Task) -> Data:
    """The answer to one job: the first control-plane node leads."""
    asked = task.request.readiness
    if asked:
        answer = Answer(status=200, message=READY, elapsed_s=0.01)
        return Data(server=Server(address=asked.address, node=asked.node, answer=answer))
    leads = task.node == "cp"
    ok = Outcome(Result.OK, 0.01)
    return Data(member=Member(outcome=ok, status=200, has_leader=True, is_leader=leads, is_learner=False))
