"""Which API servers are asked. Pure."""

from checks.apiserver.model import Parameters, Request
from checks.cluster.snapshot import Snapshot
from checks.judging.topology import api_servers
from checks.observation import Network, Task


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """One job for each; calls of webhooks are watched where there are any."""
    admission = bool(snapshot.webhook_configurations)
    servers = api_servers(snapshot) or [("", 0, "")]
    return [
        Task(
            network=Network.CLUSTER,
            name=address,
            request=Request(address=address, port=port, node=node, window_s=parameters.window_s, admission=admission),
        )
        for address, port, node in servers
    ]
