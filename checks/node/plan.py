"""Every node's host agent looks at its own kernel, and at its entries for a few peers."""

from collections.abc import Iterator, Sequence

from checks.cluster.snapshot import Snapshot
from checks.judging.topology import ROTATION_S, neighbours
from checks.node.flannel import Lease, leases
from checks.node.model import Parameters, Request, Wanted
from checks.observation import Network, Task


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """One job a node; the peers as `paths` chooses them, so that the work grows with the nodes and not their square."""
    written = leases(snapshot)
    names = sorted(node.name for node in snapshot.nodes)
    turn = int(snapshot.taken_at // ROTATION_S)
    tasks = []
    for node in snapshot.nodes:
        own = written.get(node.name, ())
        peers = neighbours(names, node.name, parameters.neighbours, turn) if own else []
        request = Request(
            addresses=node.internal_ips,
            devices=tuple(lease.device for lease in own if lease.device),
            ways=tuple(_wanted(own, [lease for peer in peers for lease in written.get(peer, ())])),
            window_s=parameters.window_s,
        )
        tasks.append(Task(network=Network.HOST, node=node.name, request=request))
    return tasks


def _wanted(own: Sequence[Lease], others: Sequence[Lease]) -> Iterator[Wanted]:
    """Only what both ends speak of: the same family, and a tunnel at both ends or at none."""
    spoken = {(lease.version, lease.backend) for lease in own}
    for lease in others:
        if (lease.version, lease.backend) in spoken:
            yield Wanted(subnet=lease.subnet, mac=lease.mac)
