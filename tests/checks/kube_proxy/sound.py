"""What a sound cluster answers to the jobs of `kube-proxy`."""

from checks.kube_proxy.model import Data
from checks.observation import Task
from checks.probes.outcome import Outcome, Result


def sound(_task: Task) -> Data:
    """The answer to one job: rules follow, in the mode ipvs, which is the one that can be wrong about ARP."""
    return Data(
        health=Outcome(Result.OK, 0.001), status=200, mode="ipvs", arp_ignore=1, arp_announce=2, has_ipvs_device=True
    )
