"""Every node tells its IPv6 configuration; where the cluster uses IPv6, nodes, pods and CoreDNS are probed over it."""

from checks.check import watched_s
from checks.cluster.dns import ready_endpoints, udp_port
from checks.cluster.snapshot import Snapshot
from checks.ipv6.families import first_ipv6, uses_ipv6
from checks.ipv6.model import Aim, Parameters, Request, Target
from checks.judging.topology import ROTATION_S, neighbours, pod_agents
from checks.observation import Network, Task
from checks.probes.echo import HOST_PORT, POD_PORT

NEIGHBOURS = 4
"""Peers of each node in large clusters; the check `paths` covers more of them over IPv4."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """One job on each node's host network, and one in its pod network where the cluster uses IPv6."""
    names = sorted(node.name for node in snapshot.nodes)
    if not uses_ipv6(snapshot):
        return [_task(Network.HOST, name, (), parameters) for name in names]
    turn = int(snapshot.taken_at // ROTATION_S)
    nodes, pods, coredns = _nodes(snapshot), _pods(snapshot), _coredns(snapshot)
    tasks = []
    for name in names:
        peers = neighbours(names, name, NEIGHBOURS, turn)
        for network, aims in ((Network.HOST, nodes), (Network.POD, pods)):
            own = [aims[peer] for peer in peers if peer in aims]
            tasks.append(_task(network, name, (*own, *coredns), parameters))
    return tasks


def _task(network: Network, node: str, aims: tuple[Aim, ...], parameters: Parameters) -> Task:
    return Task(
        network=network,
        node=node,
        request=Request(aims=aims, timeout_s=parameters.timeout_s, watch_s=watched_s(parameters.minutes)),
    )


def _nodes(snapshot: Snapshot) -> dict[str, Aim]:
    return {
        node.name: Aim(target=Target.NODE, name=node.name, address=address, port=HOST_PORT)
        for node in snapshot.nodes
        if (address := first_ipv6(node.internal_ips))
    }


def _pods(snapshot: Snapshot) -> dict[str, Aim]:
    return {
        node: Aim(target=Target.POD, name=node, address=address, port=POD_PORT)
        for node, agent in pod_agents(snapshot).items()
        if (address := first_ipv6(agent.ips))
    }


def _coredns(snapshot: Snapshot) -> list[Aim]:
    """CoreDNS's replicas by IPv6: those of IPv6 EndpointSlices, which exist where its Service has the family."""
    return [
        Aim(
            target=Target.DNS,
            name=endpoint.target_ref.name if endpoint.target_ref else address,
            address=address,
            port=udp_port(ports),
        )
        for endpoint, ports in ready_endpoints(snapshot)
        if (address := first_ipv6(endpoint.addresses))
    ]
