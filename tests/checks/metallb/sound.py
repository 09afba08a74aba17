"""What a sound cluster answers to the jobs of `metallb`."""

from checks.metallb.model import Data, Metrics, Reached, Session
from checks.observation import Task
from checks.probes.outcome import Outcome, Result

OPEN = Outcome(Result.OK, 0.001)
SILENT = Outcome(Result.TIMEOUT)


def sound(task: Task) -> Data:
    """The answer to one job: the speaker tells its figures, has its session, and meets the others."""
    told = Metrics(outcome=OPEN, status=200, loaded=True, stale=False)
    return Data(
        metrics=Metrics(
            outcome=OPEN, status=200, loaded=True, stale=False, sessions=(Session(peer="198.51.100.1:179", up=True),)
        ),
        memberlist=OPEN,
        reached=tuple(Reached(node=peer.node, tcp=OPEN, udp=SILENT) for peer in task.request.peers),
        controller=told if task.request.controller else None,
        interfaces=task.request.interfaces or None,
    )
