"""Who asks which replica. Pure.

All agents together stay below a rate for each replica: CoreDNS takes some 5,000 queries a second, and a probe that
overloads it measures itself.
"""

import re
from collections import defaultdict

from checks.cluster.dns import (
    PORT,
    USUAL_DOMAIN,
    domain_of,
    find_service,
    ready_endpoints,
    tcp_port,
    udp_port,
)
from checks.cluster.snapshot import Service, Snapshot
from checks.dns.model import LONGEST_DOMAIN, NAME, SERVICE, Parameters, Request, Target
from checks.judging.topology import ROTATION_S, neighbours
from checks.observation import Network, Task

NETWORKS = (Network.HOST, Network.POD)
NEIGHBOURS = 10
"""Nodes that ask a replica besides its own, and one that rotates, where not all nodes do."""
SERVICE_ASKERS = 64
"""Nodes that ask the ClusterIP; in larger clusters every n-th one, others in the next run."""
LEAST_QPS = 20.0


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """Two tasks for each node that asks something."""
    names = sorted(node.name for node in snapshot.nodes)
    turn = int(snapshot.taken_at // ROTATION_S)
    replicas = find_replicas(snapshot)
    targets: dict[str, list[Target]] = defaultdict(list)
    for replica in replicas:
        for name in askers(names, replica.node, turn):
            targets[name].append(replica)
    if service := find_service(snapshot):
        stride = -(-len(names) // SERVICE_ASKERS)
        for name in names[turn % stride :: stride] if names else ():
            targets[name].append(_cluster_ip(service))
    most = max((len(askers(names, replica.node, turn)) for replica in replicas), default=1) * len(NETWORKS)
    domain = cluster_domain(snapshot)
    return [
        Task(
            network=network,
            node=name,
            request=Request(
                targets=tuple(targets[name]),
                domain=domain,
                timeout_s=parameters.timeout_s,
                rate_qps=max(LEAST_QPS, parameters.rate_qps / most),
                external=parameters.external,
            ),
        )
        for name in names
        if targets[name]
        for network in NETWORKS
    ]


def askers(names: list[str], own: str, turn: int) -> list[str]:
    """The nodes that ask a replica: its own and, in large clusters, a few others."""
    if not names or own not in names:
        return names[: NEIGHBOURS + 1]
    return [own, *neighbours(names, own, NEIGHBOURS, turn)]


def find_replicas(snapshot: Snapshot) -> list[Target]:
    """Every ready endpoint of the DNS Service in the family of its ClusterIP, with the ports of its slice."""
    service = find_service(snapshot)
    if service is None:
        return []
    found = {}
    for endpoint, ports in ready_endpoints(snapshot):
        addresses = [a for a in endpoint.addresses if (":" in a) == (":" in service.spec.cluster_ip)]
        if not addresses:
            continue
        name = endpoint.target_ref.name if endpoint.target_ref else addresses[0]
        found[name] = Target(
            name=name,
            node=endpoint.node_name,
            address=addresses[0],
            udp_port=udp_port(ports),
            tcp_port=tcp_port(ports, PORT),
        )
    return [found[name] for name in sorted(found)]


def _cluster_ip(service: Service) -> Target:
    ports = service.spec.ports
    return Target(
        name=SERVICE,
        address=service.spec.cluster_ip,
        udp_port=next((p.port for p in ports if p.protocol == "UDP"), PORT),
        tcp_port=PORT,
    )


def cluster_domain(snapshot: Snapshot) -> str:
    """The cluster's domain, where it is one that may be asked for."""
    domain = domain_of(snapshot)
    return domain if re.fullmatch(NAME, domain) and len(domain) <= LONGEST_DOMAIN else USUAL_DOMAIN
