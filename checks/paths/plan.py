"""Who probes whom: the matrix A to G over the nodes of a snapshot. Pure.

Every node probes every other one as long as that is cheap. From there on each has a few neighbours on a ring, so that
the number of probes grows with the number of nodes and not with its square, plus one peer that changes from run to
run, so that in time every pair has been looked at.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from checks.cluster.snapshot import Endpoint, EndpointPort, Pod, Snapshot
from checks.judging.topology import ROTATION_S, neighbours, pod_agents, webhook_askers, webhook_services
from checks.observation import Network, Task
from checks.paths.model import Aim, Kind, Parameters, Request
from checks.probes.echo import HOST_PORT, POD_PORT

WEBHOOKS = 8
"""Webhook services probed, MetalLB's first."""
ENDPOINTS = 4
"""Endpoints probed of each."""
HOST_TO_HOST = "host"
"""The name of an aim at a node's own address; the others of its kind are at pods."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """Two tasks a node, one in its own network and one in a pod."""
    names = sorted(node.name for node in snapshot.nodes)
    agents = pod_agents(snapshot)
    greeters = {node.name for node in webhook_askers(snapshot)}
    tasks = []
    for name in names:
        peers = neighbours(names, name, parameters.neighbours, int(snapshot.taken_at // ROTATION_S))
        across = [aim for peer in peers for aim in _across(agents.get(peer))]
        host = [*_host(snapshot, peers), *_own_pod(agents.get(name)), *across]
        if name in greeters:
            host += webhook_aims(snapshot)
        pod = [*_own_coredns(snapshot, agents.get(name)), *across]
        tasks += [
            Task(network=Network.HOST, node=name, request=_request(host, parameters)),
            Task(network=Network.POD, node=name, request=_request(pod, parameters)),
        ]
    return tasks


def _request(aims: list[Aim], parameters: Parameters) -> Request:
    return Request(
        aims=tuple(aims),
        timeout_s=parameters.timeout_s,
        bulk_bytes=parameters.bulk_bytes,
        window_s=parameters.window_s,
    )


def _across(agent: Pod | None) -> Iterator[Aim]:
    if agent is None:
        return
    for kind in (Kind.PING, Kind.TCP, Kind.BULK, Kind.PATH_MTU):
        yield Aim(kind=kind, peer=agent.spec.node_name, address=agent.ips[0], port=0 if kind is Kind.PING else POD_PORT)


def _host(snapshot: Snapshot, peers: list[str]) -> Iterator[Aim]:
    nodes = {node.name: node for node in snapshot.nodes}
    port = vxlan_port(snapshot)
    for peer in peers:
        for address in nodes[peer].internal_ips[:1]:
            yield Aim(kind=Kind.HOST_TCP, peer=peer, address=address, port=HOST_PORT)
            yield Aim(kind=Kind.PATH_MTU, peer=peer, address=address, port=HOST_PORT, name=HOST_TO_HOST)
            if port:
                yield Aim(kind=Kind.TUNNEL, peer=peer, address=address, port=port)


def vxlan_port(snapshot: Snapshot) -> int:
    """The UDP port of Flannel's VXLAN, as its ConfigMap has it; 0 where Flannel does not use VXLAN or is not there."""
    for config_map in snapshot.config_maps:
        try:
            network = msgspec.json.decode(config_map.data.get("net-conf.json", "{}"), type=_Flannel)
        except msgspec.MsgspecError:
            continue
        if network.backend.type == "vxlan":
            return network.backend.port
    return 0


class _Backend(msgspec.Struct, rename="pascal"):
    type: str = ""
    port: Annotated[int, msgspec.Meta(gt=0, lt=65536)] = 8472
    """Flannel's own default on Linux; Talos writes 4789."""


class _Flannel(msgspec.Struct, rename="pascal"):
    backend: _Backend = msgspec.field(default_factory=_Backend)


def _own_pod(agent: Pod | None) -> Iterator[Aim]:
    if agent is not None:
        node, name = agent.spec.node_name, agent.metadata.name
        yield Aim(kind=Kind.SAME_NODE, peer=node, address=agent.ips[0], port=POD_PORT, name=name)


def _own_coredns(snapshot: Snapshot, agent: Pod | None) -> Iterator[Aim]:
    """From one pod to another of the same node, where CoreDNS runs there: asking oneself would prove nothing."""
    if agent is None:
        return
    node = agent.spec.node_name
    for endpoint, ports in _ready(snapshot, "kube-system", "kube-dns", agent.ips[0]):
        if endpoint.node_name == node:
            name = endpoint.target_ref.name if endpoint.target_ref else "CoreDNS"
            for port in [p.port for p in ports if p.protocol == "TCP" and p.name != "metrics"][:1]:
                yield Aim(kind=Kind.SAME_NODE, peer=node, address=endpoint.addresses[0], port=port, name=name)


def _ready(
    snapshot: Snapshot, namespace: str, service: str, like: str
) -> list[tuple[Endpoint, tuple[EndpointPort, ...]]]:
    """The ready endpoints of a Service in the address family of `like`."""
    return [
        (endpoint, ports)
        for endpoint, ports in snapshot.endpoints(namespace, service)
        if endpoint.ready and endpoint.addresses and (":" in endpoint.addresses[0]) == (":" in like)
    ]


def webhook_aims(snapshot: Snapshot) -> list[Aim]:
    """F and G: every webhook that is called through a Service, its ready endpoints first, then its ClusterIP."""
    services = {(s.metadata.namespace, s.metadata.name): s.spec for s in snapshot.services}
    aims = []
    for namespace, name, port in webhook_services(snapshot)[:WEBHOOKS]:
        server_name = f"{name}.{namespace}.svc"
        spec = services.get((namespace, name))
        if spec is None or not spec.cluster_ip or spec.cluster_ip == "None":
            continue
        port_name = next((p.name for p in spec.ports if p.port == port), None)
        ready = _ready(snapshot, namespace, name, spec.cluster_ip)
        targets = [(e, p.port) for e, ports in ready for p in ports if p.name == port_name and p.protocol == "TCP"]
        aims += [
            Aim(kind=Kind.WEBHOOK_ENDPOINT, peer=e.node_name, address=e.addresses[0], port=target, name=server_name)
            for e, target in targets[:ENDPOINTS]
        ]
        aims.append(Aim(kind=Kind.WEBHOOK_SERVICE, peer="", address=spec.cluster_ip, port=port, name=server_name))
    return aims
