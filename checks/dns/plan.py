"""Who asks which replica. Pure.

All agents together stay below a rate for each replica: CoreDNS takes some 5,000 queries a second, and a probe that
overloads it measures itself.
"""

import re
from collections import defaultdict

from checks.cluster.snapshot import Service, Snapshot
from checks.dns.model import NAME, SERVICE, Parameters, Request, Target
from checks.judging.topology import ROTATION_S, neighbours
from checks.observation import Network, Task

NETWORKS = (Network.HOST, Network.POD)
NEIGHBOURS = 10
"""Nodes that ask a replica besides its own, and one that rotates, where not all nodes do."""
SERVICE_ASKERS = 64
"""Nodes that ask the ClusterIP; in larger clusters every n-th one, others in the next run."""
LEAST_QPS = 20.0
ZONE = re.compile(r"^\s*kubernetes\s+([^\s{#]+)", re.MULTILINE)
"""The first zone of CoreDNS's `kubernetes` plugin in a Corefile."""


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


def find_service(snapshot: Snapshot) -> Service | None:
    """The cluster's DNS Service: `kube-dns` by name, or the one labelled so (its name is the distribution's affair)."""
    candidates = [
        s
        for s in snapshot.services
        if s.metadata.namespace == "kube-system"
        and (s.metadata.name == "kube-dns" or s.metadata.labels.get("k8s-app") == "kube-dns")
        and s.spec.cluster_ip not in ("", "None")
    ]
    return min(candidates, key=lambda s: (s.metadata.name != "kube-dns", s.metadata.name), default=None)


def find_replicas(snapshot: Snapshot) -> list[Target]:
    """Every ready endpoint of the DNS Service in the family of its ClusterIP, with the ports of its slice."""
    service = find_service(snapshot)
    if service is None:
        return []
    found = {}
    for endpoint, ports in snapshot.endpoints(service.metadata.namespace, service.metadata.name):
        addresses = [a for a in endpoint.addresses if (":" in a) == (":" in service.spec.cluster_ip)]
        if not endpoint.ready or not addresses:
            continue
        name = endpoint.target_ref.name if endpoint.target_ref else addresses[0]
        found[name] = Target(
            name=name,
            node=endpoint.node_name,
            address=addresses[0],
            udp_port=next((p.port for p in ports if p.protocol == "UDP"), 53),
            tcp_port=next((p.port for p in ports if p.protocol == "TCP" and p.name != "metrics"), 53),
        )
    return [found[name] for name in sorted(found)]


def _cluster_ip(service: Service) -> Target:
    ports = service.spec.ports
    return Target(
        name=SERVICE,
        address=service.spec.cluster_ip,
        udp_port=next((p.port for p in ports if p.protocol == "UDP"), 53),
        tcp_port=next((p.port for p in ports if p.protocol == "TCP" and p.name != "metrics"), 53),
    )


def cluster_domain(snapshot: Snapshot) -> str:
    """The zone that CoreDNS serves from the API, as its Corefile says; `cluster.local` when it does not."""
    for config_map in snapshot.config_maps:
        if config_map.metadata.namespace == "kube-system" and "Corefile" in config_map.data:
            found = ZONE.search(config_map.data["Corefile"])
            if found and re.fullmatch(NAME, found.group(1)) and not found.group(1).endswith(".arpa"):
                return found.group(1).rstrip(".")
    return "cluster.local"
