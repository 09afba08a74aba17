"""Where the API server calls a webhook that is behind a Service: what its own resolver makes of it. Pure.

By default it takes the Service's address and leaves the choice of an endpoint to kube-proxy; with
`--enable-aggregator-routing` it chooses a ready endpoint itself (k8s.io/apiserver/pkg/util/proxy, ResolveCluster and
ResolveEndpoint; kube-aggregator, resolvers.go).
"""

from dataclasses import dataclass

from checks.cluster.parts import Part, part_of
from checks.cluster.snapshot import Endpoint, Service, ServicePort, ServiceReference, Snapshot

_ROUTING = "--enable-aggregator-routing"
_ADDRESSED = ("", "ClusterIP", "NodePort", "LoadBalancer")
PASS, LEAVING, EXTERNAL = "pass", "leaving", "external"
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


def resolve(snapshot: Snapshot, reference: ServiceReference) -> Resolved:
    """What the API server finds behind a reference."""
    service = snapshot.service(reference.namespace, reference.name)
    if (reference.namespace, reference.name) == OWN:
        return Resolved(PASS, service)
    if service is None:
        return Resolved("no-service")
    routed = routes_to_endpoints(snapshot)
    refused = _refused(service, routed=routed)
    if refused:
        return Resolved(refused, service)
    port = next((port for port in service.spec.ports if port.port == reference.port), None)
    return _behind(snapshot, service, port, routed=routed) if port else Resolved("no-port", service)


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


def _behind(snapshot: Snapshot, service: Service, port: ServicePort, *, routed: bool) -> Resolved:
    every = [(e, p) for e, p in snapshot.endpoints(service.metadata.namespace, service.metadata.name) if e.addresses]
    ready = [pair for pair in every if pair[0].ready]
    # kube-proxy alone falls back to those that end and still answer.
    leaving = [] if routed else [pair for pair in every if pair[0].leaving]
    usable = ready or leaving
    if not usable:
        return Resolved("none", service, total=len(every))
    targets = tuple(
        (endpoint, p.port)
        for endpoint, ports in usable
        for p in ports
        if p.name == port.name and p.protocol == port.protocol and p.port
    )
    if not targets:
        return Resolved("wrong-port", service, total=len(every))
    if not routed and service.spec.internal_traffic_policy == "Local" and _elsewhere(snapshot, targets):
        return Resolved("not-local", service, targets, len(every))
    return Resolved(PASS if ready else LEAVING, service, targets, len(every))


def _elsewhere(snapshot: Snapshot, targets: tuple[tuple[Endpoint, int], ...]) -> bool:
    """Whether no endpoint is on a node of an API server, as far as these are in sight."""
    planes = {node.name for node in snapshot.nodes if node.control_plane}
    return bool(planes) and planes.isdisjoint(endpoint.node_name for endpoint, _ in targets)
