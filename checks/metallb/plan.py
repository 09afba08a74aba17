"""Every speaker's node looks at its own speaker, and at those of some others. Pure."""

from collections.abc import Mapping

from checks.cluster.metallb import find_metallb, pods_of
from checks.cluster.snapshot import Node, Pod, Snapshot
from checks.judging.topology import ROTATION_S, neighbours
from checks.metallb.advertising import interfaces_of
from checks.metallb.configuration import Configuration, metrics_ports
from checks.metallb.model import Parameters, Peer, Request
from checks.observation import Network, Task

NEIGHBOURS = 6
"""Nodes whose memberlist is tried besides one that rotates; in small clusters all are."""
MOST_INTERFACES, LONGEST_NAME = 32, 15
"""Names that are asked about, and the characters of one (Linux, IFNAMSIZ)."""
PORTS = 4
"""Where a speaker may tell its figures: its own, and FRR's beside it."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """One job for each node with a speaker; none where MetalLB is not."""
    configuration = Configuration(snapshot, find_metallb(snapshot, parameters.namespace))
    nodes = {node.name: _addresses(node) for node in snapshot.nodes}
    speakers = {name: pod for name, pod in configuration.speakers.items() if name in nodes}
    ready = sorted(name for name, pod in speakers.items() if pod.ready)
    controller = _controller(configuration)
    turn = int(snapshot.taken_at // ROTATION_S)
    named = {name for each in configuration.advertisements for name in interfaces_of(each)}
    interfaces = tuple(sorted(name for name in named if len(name) <= LONGEST_NAME))[:MOST_INTERFACES]
    return [
        Task(
            network=Network.HOST,
            node=name,
            request=Request(
                addresses=nodes[name],
                metrics_ports=metrics_ports(configuration.found.speaker)[:PORTS],
                memberlist_port=configuration.memberlist_port,
                peers=_peers(nodes, ready, name, turn)
                if configuration.memberlist_port and speakers[name].ready
                else (),
                controller=controller[name].ips[0] if name in controller else "",
                controller_port=metrics_ports(configuration.found.controller)[0],
                interfaces=interfaces,
            ),
        )
        for name in sorted(speakers)
    ]


def _controller(configuration: Configuration) -> Mapping[str, Pod]:
    """The controller's ready pod, by its node."""
    controller = configuration.found.controller
    pods = pods_of(configuration.snapshot, controller) if controller else []
    return {pod.spec.node_name: pod for pod in pods if pod.ready and pod.ips}


def _addresses(node: Node) -> tuple[str, ...]:
    """The node's own address, where speakers listen by their manifest, and loopback, where a proxy stands before it."""
    own = node.internal_ips[:1]
    return (*own, "::1" if own and ":" in own[0] else "127.0.0.1")


def _peers(nodes: Mapping[str, tuple[str, ...]], ready: list[str], name: str, turn: int) -> tuple[Peer, ...]:
    others = neighbours(ready, name, NEIGHBOURS, turn)
    return tuple(Peer(node=other, address=nodes[other][0]) for other in others if len(nodes[other]) > 1)
