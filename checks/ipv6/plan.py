"""Every node tells its IPv6 configuration; where the cluster uses IPv6, nodes, pods and CoreDNS are probed over it."""

from checks.cluster.snapshot import Snapshot
from checks.ipv6.families import first_ipv6, uses_ipv6
from checks.ipv6.model import Aim, Parameters, Request, Target
from checks.judging.topology import neighbours, pod_agents
from checks.observation import Network, Task
from checks.probes.echo import HOST_PORT, POD_PORT

NEIGHBOURS = 4
"""Peers of each node in large clusters; the check `paths` covers more of them over IPv4."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """One job on each node's host network, and one in its pod network where the cluster uses IPv6."""
    used = uses_ipv6(snapshot)
    names = sorted(node.name for node in snapshot.nodes)
    tasks = []
    for name in names:
        peers = neighbours(names, name, NEIGHBOURS, int(snapshot.taken_at // 60)) if used else []
        host = [*_nodes(snapshot, peers), *_coredns(snapshot)] if used else []
        tasks.append(_task(Network.HOST, name, host, parameters))
        if used:
            tasks.append(_task(Network.POD, name, [*_pods(snapshot, peers), *_coredns(snapshot)], parameters))
    return tasks


def _task(network: Network, node: str, aims: list[Aim], parameters: Parameters) -> Task:
    return Task(network=network, node=node, request=Request(aims=tuple(aims), timeout_s=parameters.timeout_s))


def _nodes(snapshot: Snapshot, peers: list[str]) -> list[Aim]:
    addresses = {node.name: first_ipv6(node.internal_ips) for node in snapshot.nodes}
    return [
        Aim(target=Target.NODE, name=peer, address=addresses[peer], port=HOST_PORT) for peer in peers if addresses[peer]
    ]


def _pods(snapshot: Snapshot, peers: list[str]) -> list[Aim]:
    agents = pod_agents(snapshot)
    addresses = {peer: first_ipv6(agents[peer].ips) for peer in peers if peer in agents}
    return [
        Aim(target=Target.POD, name=peer, address=address, port=POD_PORT)
        for peer, address in addresses.items()
        if address
    ]


def _coredns(snapshot: Snapshot) -> list[Aim]:
    """CoreDNS's replicas by IPv6: those of IPv6 EndpointSlices, which exist where its Service has the family."""
    return [
        Aim(
            target=Target.DNS,
            name=endpoint.target_ref.name if endpoint.target_ref else address,
            address=address,
            port=next((port.port for port in ports if port.protocol == "UDP"), 53),
        )
        for endpoint, ports in snapshot.endpoints("kube-system", "kube-dns")
        if endpoint.ready and (address := first_ipv6(endpoint.addresses))
    ]
