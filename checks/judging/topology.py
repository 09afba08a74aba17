"""Who is there and who is near whom, as a snapshot has it. Pure."""

import bisect
from collections.abc import Sequence

from checks.cluster.metallb import webhooks
from checks.cluster.snapshot import Node, Pod, Snapshot, Webhook

FULL_MESH = 8
"""Nodes up to which everybody probes everybody."""
ROTATION_S = 60
"""Seconds after which the rotating peer is the next one."""


def neighbours(names: Sequence[str], name: str, count: int, turn: int) -> list[str]:
    """The peers of one node, in a time that does not depend on how many nodes there are.

    Args:
        names: All nodes, sorted.
        name: The node that probes, one of them.
        count: Neighbours on the ring, half of them on each side so that both directions of a pair are probed.
        turn: Counts up from run to run; chooses the rotating peer.
    """
    at, total = bisect.bisect_left(names, name), len(names)
    if total <= max(FULL_MESH, count + 2):
        return [*names[at + 1 :], *names[:at]]
    after, before = (count + 1) // 2, count // 2
    rotating = after + 1 + turn % (total - 1 - after - before)
    steps = (*range(1, after + 1), *range(total - before, total), rotating)
    return [names[(at + step) % total] for step in steps]


def pod_agents(snapshot: Snapshot) -> dict[str, Pod]:
    """The ready pod agent of each node. One that is not ready would be a dead peer that accuses the network."""
    return {pod.spec.node_name: pod for pod in snapshot.agents() if pod.ready and pod.spec.node_name}


def webhook_askers(snapshot: Snapshot) -> list[Node]:
    """The nodes from which webhooks are greeted: the API server's, or all (the first few) where it is not in sight."""
    return [node for node in snapshot.nodes if node.control_plane] or list(snapshot.nodes[:FULL_MESH])


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
