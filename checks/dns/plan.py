"""Who asks which replica. Pure.

All agents together stay below a rate for each replica: CoreDNS takes some 5,000 queries a second, and a probe that
overloads it measures itself.
"""

import re
from collections import defaultdict

import msgspec

from checks.cluster.dns import (
    PORT,
    USUAL_DOMAIN,
    caches,
    domain_of,
    endpoints,
    find_service,
    has_upstream,
    metrics_port,
    tcp_port,
    udp_port,
)
from checks.cluster.snapshot import Service, Snapshot
from checks.dns.model import CACHE, LONGEST_DOMAIN, LONGEST_NAME, NAME, SERVICE, Parameters, Request, Target
from checks.judging.topology import ROTATION_S, neighbours
from checks.observation import Network, Task

NETWORKS = (Network.HOST, Network.POD)
NEIGHBOURS = 10
"""Nodes that ask a replica besides its own, and one that rotates, where not all nodes do."""
SERVICE_ASKERS = 64
"""Nodes that ask the ClusterIP; in larger clusters every n-th one, others in the next run."""
LEAST_QPS = 20.0
LARGE = 40
"""Addresses of a name that no answer of 512 bytes holds: 16 bytes each (RFC 1035, with the name compressed)."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """Two tasks for each node that asks something."""
    names = sorted(node.name for node in snapshot.nodes)
    turn = int(snapshot.taken_at // ROTATION_S)
    replicas = find_replicas(snapshot) or find_replicas(snapshot, ready=False)
    targets: dict[str, list[Target]] = defaultdict(list)
    for replica in replicas:
        for name in askers(names, replica.node, turn):
            # One agent is enough for the counters, and the nearest is the surest; the one in the pod network.
            asked = replica if name == replica.node else msgspec.structs.replace(replica, metrics_port=0)
            targets[name].append(asked)
    for name, address in caches(snapshot).items():
        targets[name].append(Target(name=CACHE, node=name, address=address))
    if service := find_service(snapshot):
        stride = -(-len(names) // SERVICE_ASKERS)
        for name in names[turn % stride :: stride] if names else ():
            targets[name].append(_cluster_ip(service))
    most = max((len(askers(names, replica.node, turn)) for replica in replicas), default=1) * len(NETWORKS)
    domain = cluster_domain(snapshot)
    made_up, large = nobodys_name(snapshot), large_name(snapshot, domain)
    return [
        Task(
            network=network,
            node=name,
            request=Request(
                targets=tuple(_seen_from(network, target) for target in targets[name]),
                domain=domain,
                timeout_s=parameters.timeout_s,
                rate_qps=max(LEAST_QPS, parameters.rate_qps / most),
                external=parameters.external or made_up,
                large=large,
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


def _seen_from(network: Network, target: Target) -> Target:
    return target if network is Network.POD else msgspec.structs.replace(target, metrics_port=0)


def find_replicas(snapshot: Snapshot, *, ready: bool = True) -> list[Target]:
    """Every ready endpoint of the DNS Service in the family of its ClusterIP, with the ports of its slice.

    Those that are not ready tell why, where nobody else is asked: one that has not read the API yet answers SERVFAIL.
    """
    service = find_service(snapshot)
    if service is None:
        return []
    found = {}
    for endpoint, ports in endpoints(snapshot, ready=ready):
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
            metrics_port=metrics_port(snapshot, ports),
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


def nobodys_name(snapshot: Snapshot) -> str:
    """A name that nobody has, so that no cache knows it: any answer comes from whom CoreDNS asks for other names.

    Empty where it asks nobody. RFC 6761 keeps `invalid` for that: a resolver says at once that there is no such name.
    """
    return f"netcheck-{int(snapshot.taken_at * 1000):x}.invalid" if has_upstream(snapshot) else ""


def large_name(snapshot: Snapshot, domain: str) -> str:
    """The headless Service with most addresses behind it; empty where none has more than a small answer holds."""
    headless = [
        (_addresses(snapshot, s.metadata.namespace, s.metadata.name), f"{s.metadata.name}.{s.metadata.namespace}")
        for s in snapshot.services
        if s.spec.cluster_ip == "None"
    ]
    most, service = max(headless, default=(0, ""))
    name = f"{service}.svc.{domain}"
    return name if most >= LARGE and len(name) <= LONGEST_NAME and re.fullmatch(NAME, name) else ""


def _addresses(snapshot: Snapshot, namespace: str, name: str) -> int:
    """How many A records a headless Service has."""
    found = snapshot.endpoints(namespace, name)
    return sum(endpoint.ready and ":" not in "".join(endpoint.addresses[:1]) for endpoint, _ in found)


def cluster_domain(snapshot: Snapshot) -> str:
    """The cluster's domain, where it is one that may be asked for."""
    domain = domain_of(snapshot)
    return domain if re.fullmatch(NAME, domain) and len(domain) <= LONGEST_DOMAIN else USUAL_DOMAIN
