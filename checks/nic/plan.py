"""Every node's host agent looks at its own interfaces."""

from checks.model import Network, Task
from checks.nic.model import Parameters, Request
from checks.snapshot import Snapshot


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
