"""Who is there and who is near whom, as a snapshot has it. Pure."""

import bisect
import ipaddress
from collections.abc import Iterator, Sequence

from checks.cluster.metallb import webhooks
from checks.cluster.snapshot import Node, Pod, Snapshot, Webhook
from checks.text import Text, names, say

FULL_MESH = 8
"""Nodes up to which everybody probes everybody."""
ROTATION_S = 60
"""Seconds after which the rotating peer is the next one."""
ALONE = say("The cluster has one node: there is no path between nodes.")


def neighbours(every: Sequence[str], name: str, count: int, turn: int) -> list[str]:
    """The peers of one node, in a time that does not depend on how many nodes there are.

    Args:
        every: All nodes, sorted.
        name: The node that probes, one of them.
        count: Neighbours on the ring, half of them on each side so that both directions of a pair are probed.
        turn: Counts up from run to run; chooses the rotating peer.
    """
    at, total = bisect.bisect_left(every, name), len(every)
    if total <= max(FULL_MESH, count + 2):
        return [*every[at + 1 :], *every[:at]]
    after, before = (count + 1) // 2, count // 2
    rotating = after + 1 + turn % (total - 1 - after - before)
    steps = (*range(1, after + 1), *range(total - before, total), rotating)
    return [every[(at + step) % total] for step in steps]


Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PodRange = tuple[str, Network]
"""A node, and one of the subnets that its pods have addresses of."""


def pod_ranges(snapshot: Snapshot) -> Iterator[PodRange]:
    """The pod subnets of all nodes, as their objects have them; what is no subnet is left out."""
    for node in snapshot.nodes:
        for cidr in node.spec.pod_cidrs:
            try:
                yield node.name, ipaddress.ip_network(cidr, strict=False)
            except ValueError:
                continue


def pod_agents(snapshot: Snapshot) -> dict[str, Pod]:
    """The ready pod agent of each node. One that is not ready would be a dead peer that accuses the network."""
    return {pod.spec.node_name: pod for pod in snapshot.agents() if pod.ready and pod.spec.node_name}


def unaimed(snapshot: Snapshot) -> list[Text]:
    """Evidence of which nodes have no pod agent that could be probed."""
    missing = sorted({node.name for node in snapshot.nodes} - pod_agents(snapshot).keys())
    return [say("no ready pod agent on {nodes}: not probed", nodes=names(missing))] if missing else []


def webhook_askers(snapshot: Snapshot) -> list[Node]:
    """The nodes from which webhooks are greeted: the API server's, or all (the first few) where it is not in sight."""
    return [node for node in snapshot.nodes if node.control_plane] or list(snapshot.nodes[:FULL_MESH])


def api_servers(snapshot: Snapshot) -> list[tuple[str, int, str]]:
    """Address, port and node of every API server: asked through the Service, one would answer for all.

    The node is empty for one that is on none of the cluster's.
    """
    nodes = {address: node.name for node in snapshot.nodes for address in node.internal_ips}
    return list(dict.fromkeys((address, port, nodes.get(address, "")) for address, port in snapshot.api_servers))


def webhook_services(snapshot: Snapshot) -> list[tuple[str, str, int]]:
    """Namespace, name and port of every Service that a webhook is called through, MetalLB's first."""
    own = {_reference(webhook) for _, webhook in webhooks(snapshot)}
    references = {
        reference
        for configuration in snapshot.webhook_configurations
        for webhook in configuration.webhooks
        if (reference := _reference(webhook))
    }
    return sorted(references, key=lambda reference: (reference not in own, *reference))


def _reference(webhook: Webhook) -> tuple[str, str, int] | None:
    service = webhook.client_config.service
    return (service.namespace, service.name, service.port) if service else None
