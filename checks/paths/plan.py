"""Who probes whom: the matrix A to G over the nodes of a snapshot. Pure.

Every node probes every other one as long as that is cheap. From there on each has a few neighbours on a ring, so that
the number of probes grows with the number of nodes and not with its square, plus one peer that changes from run to
run, so that in time every pair has been looked at.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from checks.cluster.dns import Served, ready_endpoints, tcp_port
from checks.cluster.snapshot import Node, Pod, Snapshot
from checks.judging.topology import ROTATION_S, neighbours, pod_agents, webhook_askers, webhook_services
from checks.observation import Network, Task
from checks.paths.api import NAME, NAMESPACE
from checks.paths.model import HOST_TO_HOST, Aim, Kind, Parameters, Request
from checks.probes.echo import HOST_PORT, POD_PORT
from checks.probes.outcome import family

WEBHOOKS = 8
"""Webhook services probed, MetalLB's first."""
ENDPOINTS = 4
"""Endpoints probed of each."""
FLANNEL_BACKEND = "flannel.alpha.coreos.com/backend-type"
"""Flannel's annotation of every Node (Documentation/kubernetes.md of flannel-io/flannel)."""
FLANNEL_PORT = 8472
"""Flannel's own default on Linux; Talos writes 4789."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """Two tasks a node, one in its own network and one in a pod."""
    names = sorted(node.name for node in snapshot.nodes)
    turn = int(snapshot.taken_at // ROTATION_S)
    agents = pod_agents(snapshot)
    coredns = _coredns(snapshot)
    # What is aimed at a node is the same for all that probe it.
    at_node = {node.name: tuple(_at_node(node)) for node in snapshot.nodes}
    at_pod = {name: tuple(_at_pod(agent)) for name, agent in agents.items()}
    greetings = webhook_aims(snapshot)
    at_home = [aim for aim in greetings if aim.kind is Kind.WEBHOOK_ENDPOINT]
    api = [*_api_service(snapshot), *_api_servers(snapshot)]
    kubelets = list(_kubelets(snapshot))
    servers = {node.name for node in snapshot.nodes if node.control_plane}
    greeters = {node.name for node in webhook_askers(snapshot)}
    tasks = []
    for name in names:
        peers = neighbours(names, name, parameters.neighbours, turn)
        across = [aim for peer in peers for aim in at_pod.get(peer, ())]
        agent = agents.get(name)
        host = [*(aim for peer in peers for aim in at_node[peer]), *_own_pod(agent), *across, *api]
        host += (msgspec.structs.replace(aim, kind=Kind.WEBHOOK_LOCAL) for aim in at_home if aim.peer == name)
        if name in greeters:
            host += greetings
        if name in servers:
            host += (aim for aim in kubelets if aim.peer != name)
        pod = [*_own_coredns(coredns.get(name, ()), agent), *across, *api]
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


def _at_pod(agent: Pod) -> Iterator[Aim]:
    for kind in (Kind.PING, Kind.TCP, Kind.BULK, Kind.LOSS):
        yield Aim(kind=kind, peer=agent.spec.node_name, address=agent.ips[0], port=0 if kind is Kind.PING else POD_PORT)


def _at_node(node: Node) -> Iterator[Aim]:
    for address in node.internal_ips[:1]:
        yield Aim(kind=Kind.HOST_TCP, peer=node.name, address=address, port=HOST_PORT)
        yield Aim(kind=Kind.LOSS, peer=node.name, address=address, port=HOST_PORT, name=HOST_TO_HOST)


def vxlan_port(snapshot: Snapshot) -> int:
    """The UDP port of Flannel's VXLAN; 0 where Flannel does not use VXLAN or is not there.

    As its ConfigMap has it; where there is none, as in k3s, of which Flannel is a part, Flannel's own default.
    """
    configured = False
    for config_map in snapshot.config_maps:
        try:
            network = msgspec.json.decode(config_map.data.get("net-conf.json", "{}"), type=_Flannel)
        except (msgspec.MsgspecError, RecursionError, ValueError):  # nested without end; no UTF-8
            continue
        configured = configured or bool(network.backend.type)
        if network.backend.type == "vxlan":
            return network.backend.port
    said = any(node.metadata.annotations.get(FLANNEL_BACKEND) == "vxlan" for node in snapshot.nodes)
    return FLANNEL_PORT if said and not configured else 0


class _Backend(msgspec.Struct, rename="pascal"):
    type: str = ""
    port: Annotated[int, msgspec.Meta(gt=0, lt=65536)] = FLANNEL_PORT


class _Flannel(msgspec.Struct, rename="pascal"):
    backend: _Backend = msgspec.field(default_factory=_Backend)


def _api_service(snapshot: Snapshot) -> Iterator[Aim]:
    """The API servers' Service: each node translates it, so each says whether that works there."""
    for service in snapshot.services:
        if (service.metadata.namespace, service.metadata.name) == (NAMESPACE, NAME) and service.spec.cluster_ip:
            for port in service.spec.ports[:1]:
                address = service.spec.cluster_ip
                yield Aim(kind=Kind.API_SERVICE, peer="", address=address, port=port.port, name=NAME)


def _api_servers(snapshot: Snapshot) -> Iterator[Aim]:
    """The API servers' own addresses, which no node translates."""
    nodes = {address: node.name for node in snapshot.nodes for address in node.internal_ips}
    for address, port in snapshot.api_servers:
        yield Aim(kind=Kind.API_SERVER, peer=nodes.get(address, ""), address=address, port=port)


def _kubelets(snapshot: Snapshot) -> Iterator[Aim]:
    """The kubelets, at the address and port that the API server uses for logs, exec and metrics."""
    for node in snapshot.nodes:
        port = node.status.daemon_endpoints.kubelet.port
        for address in node.internal_ips[:1] if port else ():
            yield Aim(kind=Kind.KUBELET, peer=node.name, address=address, port=port)


def _own_pod(agent: Pod | None) -> Iterator[Aim]:
    if agent is not None:
        node, name = agent.spec.node_name, agent.metadata.name
        yield Aim(kind=Kind.SAME_NODE, peer=node, address=agent.ips[0], port=POD_PORT, name=name)


def _coredns(snapshot: Snapshot) -> dict[str, list[Served]]:
    """The ready endpoints of CoreDNS by their nodes."""
    nodes: dict[str, list[Served]] = {}
    for endpoint, ports in ready_endpoints(snapshot):
        nodes.setdefault(endpoint.node_name, []).append((endpoint, ports))
    return nodes


def _own_coredns(served: Sequence[Served], agent: Pod | None) -> Iterator[Aim]:
    """From one pod to another of the same node, where CoreDNS runs there: asking oneself would prove nothing."""
    if agent is None:
        return
    for endpoint, ports in served:
        if family(endpoint.addresses[0]) == family(agent.ips[0]):
            name = endpoint.target_ref.name if endpoint.target_ref else "CoreDNS"
            if port := tcp_port(ports):
                address = endpoint.addresses[0]
                yield Aim(kind=Kind.SAME_NODE, peer=endpoint.node_name, address=address, port=port, name=name)


def server_name(namespace: str, service: str) -> str:
    """The name by which the API server greets a webhook, which the certificate has to have."""
    return f"{service}.{namespace}.svc"


def webhook_aims(snapshot: Snapshot) -> list[Aim]:
    """F and G: every webhook that is called through a Service, its ready endpoints first, then its ClusterIP."""
    services = {(s.metadata.namespace, s.metadata.name): s.spec for s in snapshot.services}
    aims = []
    for namespace, name, port in webhook_services(snapshot)[:WEBHOOKS]:
        spec = services.get((namespace, name))
        if spec is None or not spec.cluster_ip or spec.cluster_ip == "None":
            continue
        greeted = server_name(namespace, name)
        port_name = next((p.name for p in spec.ports if p.port == port), None)
        targets = [
            (endpoint, p.port)
            for endpoint, ports in snapshot.endpoints(namespace, name)
            if endpoint.ready and endpoint.addresses and family(endpoint.addresses[0]) == family(spec.cluster_ip)
            for p in ports
            if p.name == port_name and p.protocol == "TCP"
        ]
        aims += [
            Aim(kind=Kind.WEBHOOK_ENDPOINT, peer=e.node_name, address=e.addresses[0], port=target, name=greeted)
            for e, target in targets[:ENDPOINTS]
        ]
        aims.append(Aim(kind=Kind.WEBHOOK_SERVICE, peer="", address=spec.cluster_ip, port=port, name=greeted))
    return aims
