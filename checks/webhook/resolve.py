"""Where the API server calls a webhook that is behind a Service: what its own resolver makes of it. Pure.

By default it takes the Service's address and leaves the choice of an endpoint to kube-proxy; with
`--enable-aggregator-routing` it chooses a ready endpoint itself (k8s.io/apiserver/pkg/util/proxy, ResolveCluster and
ResolveEndpoint; kube-aggregator, resolvers.go).
"""

from collections import defaultdict
from dataclasses import dataclass

from checks.cluster.parts import Part, part_of
from checks.cluster.snapshot import Endpoint, EndpointPort, Service, ServicePort, ServiceReference, Snapshot

_ROUTING = "--enable-aggregator-routing"
_ADDRESSED = ("", "ClusterIP", "NodePort", "LoadBalancer")
PASS, LEAVING, EXTERNAL, NODE_NOT_READY = "pass", "leaving", "external", "node-not-ready"
OWN = ("default", "kubernetes")
"""A webhook behind this Service is the API server itself (NewLoopbackServiceResolver)."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a reference to a Service."""

    outcome: str
    """In the words of `webhook.endpoints`."""
    service: Service | None = None
    targets: tuple[tuple[Endpoint, int], ...] = ()
    """The endpoints that may be called, each with its port."""
    total: int = 0
    """All endpoints of the Service, ready or not."""


class Resolver:
    """An API server's resolver of a snapshot: what it is asked of each of hundreds of webhooks is looked up once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._routed = routes_to_endpoints(snapshot)
        self._services = {(s.metadata.namespace, s.metadata.name): s for s in snapshot.services}
        self._lost = snapshot.lost_nodes
        self._planes = frozenset(node.name for node in snapshot.nodes if node.control_plane)
        self._endpoints: dict[tuple[str, str], list[tuple[Endpoint, tuple[EndpointPort, ...]]]] = defaultdict(list)
        for each in snapshot.endpoint_slices:
            behind = self._endpoints[each.metadata.namespace, each.service]
            behind += [(endpoint, each.ports or ()) for endpoint in each.endpoints or () if endpoint.addresses]

    def resolve(self, reference: ServiceReference) -> Resolved:
        """What the API server finds behind a reference."""
        service = self._services.get((reference.namespace, reference.name))
        if is_own(reference):
            return Resolved(PASS, service)
        if service is None:
            return Resolved("no-service")
        refused = _refused(service, routed=self._routed)
        if refused:
            return Resolved(refused, service)
        port = next((port for port in service.spec.ports if port.port == reference.port), None)
        return self._behind(service, port) if port else Resolved("no-port", service)

    def _behind(self, service: Service, port: ServicePort) -> Resolved:
        every = self._endpoints.get((service.metadata.namespace, service.metadata.name), [])
        ready = [pair for pair in every if pair[0].ready]
        # kube-proxy alone falls back to those that end and still answer.
        leaving = [] if self._routed else [pair for pair in every if pair[0].leaving]
        usable = ready or leaving
        if not usable:
            lost = every and self._lost.issuperset(endpoint.node_name for endpoint, _ in every)
            return Resolved(NODE_NOT_READY if lost else "none", service, total=len(every))
        targets = tuple(
            (endpoint, p.port)
            for endpoint, ports in usable
            for p in ports
            if p.name == port.name and p.protocol == port.protocol and p.port
        )
        if not targets:
            return Resolved("wrong-port", service, total=len(every))
        local = service.spec.internal_traffic_policy == "Local" and not self._routed
        if local and self._planes and self._planes.isdisjoint(endpoint.node_name for endpoint, _ in targets):
            return Resolved("not-local", service, targets, len(every))
        return Resolved(PASS if ready else LEAVING, service, targets, len(every))


def resolve(snapshot: Snapshot, reference: ServiceReference) -> Resolved:
    """What the API server finds behind one reference."""
    return Resolver(snapshot).resolve(reference)


def is_own(reference: ServiceReference) -> bool:
    """Whether a webhook is the API server itself, or is called through it, by its own certificate and authority."""
    return (reference.namespace, reference.name) == OWN


def _refused(service: Service, *, routed: bool) -> str:
    """Why the API server chooses no endpoint of a Service; empty where it does."""
    if service.spec.type == "ExternalName" and not routed:
        return EXTERNAL
    if service.spec.type not in _ADDRESSED:
        return "unsupported"
    return "headless" if service.headless and not routed else ""


def routes_to_endpoints(snapshot: Snapshot) -> bool:
    """Whether API servers choose endpoints themselves, as their own command says; they do not unless told."""
    return any(
        word.partition("=")[2] in ("", "true")
        for pod in snapshot.pods
        for container in pod.spec.containers
        for word in (*container.command, *container.args)
        if word.partition("=")[0] == _ROUTING and part_of(pod) is Part.API_SERVER
    )
