"""Every node's host agent looks at its own interfaces."""

from checks.cluster.snapshot import Snapshot
from checks.nic.model import Parameters, Request
from checks.observation import Network, Task


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """One job a node."""
    return [
        Task(
            network=Network.HOST,
            node=node.name,
            request=Request(addresses=node.internal_ips, window_s=parameters.window_s),
        )
        for node in snapshot.nodes
    ]
