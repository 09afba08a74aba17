"""Every node's host agent asks its own kube-proxy. Pure."""

from checks.check import NoParameters
from checks.cluster.snapshot import Snapshot
from checks.kube_proxy.model import Request
from checks.observation import Network, Task


def plan(snapshot: Snapshot, _parameters: NoParameters) -> list[Task]:
    """One job a node."""
    return [
        Task(
            network=Network.HOST,
            node=node.name,
            # Of a node with IPv6 alone kube-proxy listens there.
            request=Request(address="::1" if all(":" in ip for ip in node.internal_ips or ("",)) else "127.0.0.1"),
        )
        for node in snapshot.nodes
    ]
