"""Which API servers are asked for their readiness, and on which nodes etcd's members are asked. Pure."""

from checks.check import NoParameters
from checks.cluster.snapshot import Node, Snapshot
from checks.etcd.model import Metrics, Readiness, Request
from checks.judging.topology import api_servers
from checks.observation import Network, Task

ETCD = "node-role.kubernetes.io/etcd"
"""The label of nodes with a member, where a distribution (k3s, RKE2) sets it; elsewhere each API server has one."""


def plan(snapshot: Snapshot, _parameters: NoParameters) -> list[Task]:
    """One job for each API server, and one for each node that should have a member."""
    servers = [Readiness(address=a, port=port, node=node) for a, port, node in api_servers(snapshot)]
    return [
        *(
            Task(network=Network.CLUSTER, name=each.address, request=Request(readiness=each))
            for each in servers or [Readiness()]
        ),
        *(
            Task(network=Network.HOST, node=node.name, request=Request(metrics=Metrics(address=_loopback(node))))
            for node in members(snapshot)
        ),
    ]


def members(snapshot: Snapshot) -> list[Node]:
    """The nodes that should have a member of etcd."""
    labelled = [node for node in snapshot.nodes if ETCD in node.metadata.labels]
    return labelled or [node for node in snapshot.nodes if node.control_plane]


def _loopback(node: Node) -> str:
    """Members of nodes with IPv6 as their first family listen there (kubeadm, k3s)."""
    return "::1" if node.internal_ips and ":" in node.internal_ips[0] else "127.0.0.1"
