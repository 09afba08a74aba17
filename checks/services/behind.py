"""Each Service with who is behind it: its slices, the workloads that it selects, and what its traffic needs. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from checks.cluster.dns import PORT, find_service
from checks.cluster.pods import Workload
from checks.cluster.snapshot import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort, Snapshot
from checks.judging.topology import webhook_services
from checks.place import Service as Place

Name = tuple[str, str]
"""Namespace and name."""
EXTERNAL_NAME = "ExternalName"


@dataclass(frozen=True)
class Behind:
    """One Service and who is behind it."""

    service: Service
    slices: tuple[EndpointSlice, ...]
    workloads: tuple[Workload, ...]
    """Those whose pods it selects."""
    needed: frozenset[int] = frozenset()
    """Its ports on which the cluster itself depends; all of them where somebody asked for it."""

    @property
    def name(self) -> Name:
        """Its namespace and name."""
        return self.service.metadata.namespace, self.service.metadata.name

    @property
    def matters(self) -> bool:
        """Whether the cluster itself depends on it, or somebody asked for it."""
        return bool(self.needed)

    @property
    def place(self) -> Place:
        """The place of findings about it."""
        return Place(*self.name)

    @cached_property
    def served(self) -> tuple[tuple[Endpoint, EndpointSlice], ...]:
        """Every endpoint with its slice; one of two families is there twice."""
        return tuple((e, s) for s in self.slices for e in s.endpoints or () if e.addresses)

    @cached_property
    def ready(self) -> tuple[tuple[Endpoint, EndpointSlice], ...]:
        """Those that kube-proxy sends new connections to."""
        return tuple((endpoint, s) for endpoint, s in self.served if endpoint.ready)

    @property
    def is_empty_on_purpose(self) -> bool:
        """Whether nobody has to be behind it: without a selector, headless, or of workloads that are scaled to zero."""
        spec = self.service.spec
        if spec.type == EXTERNAL_NAME or self.service.headless or not spec.selector:
            return True
        return bool(self.workloads) and not any(workload.is_wanted for workload in self.workloads)

    def owner(self, endpoint: Endpoint) -> str:
        """The workload that an endpoint's pod is of, by the pod's name; empty where none of those that are selected."""
        pod = endpoint.target_ref.name if endpoint.target_ref else ""
        names = [w.metadata.name for w in self.workloads if pod.startswith(f"{w.metadata.name}-")]
        return max(names, key=len, default="")


def all_behind(snapshot: Snapshot, asked: str = "") -> list[Behind]:
    """Every Service with who is behind it; the one alone that was asked for."""
    slices: Mapping[Name, list[EndpointSlice]] = defaultdict(list)
    for each in snapshot.endpoint_slices:
        slices[each.metadata.namespace, each.service].append(each)
    workloads: Mapping[str, list[Workload]] = defaultdict(list)
    for workload in snapshot.workloads:
        workloads[workload.metadata.namespace].append(workload)
    needed: Mapping[Name, set[int]] = defaultdict(set)
    for namespace, of, port in _needed(snapshot):
        needed[namespace, of].add(port)
    return [
        Behind(
            service,
            tuple(slices.get(name, ())),
            tuple(w for w in workloads.get(name[0], ()) if _selects(service, w)),
            frozenset(port.port for port in service.spec.ports) if asked else frozenset(needed.get(name, ())),
        )
        for service in snapshot.services
        if (name := (service.metadata.namespace, service.metadata.name)) and (not asked or asked == "/".join(name))
    ]


def _needed(snapshot: Snapshot) -> Iterator[tuple[str, str, int]]:
    """What the cluster itself depends on, with the port: other API servers, webhooks, the cluster's DNS."""
    references = (each.spec.service for each in snapshot.api_services)
    yield from ((reference.namespace, reference.name, reference.port) for reference in references if reference)
    yield from webhook_services(snapshot)
    if dns := find_service(snapshot):
        yield dns.metadata.namespace, dns.metadata.name, PORT


def aggregated(snapshot: Snapshot) -> list[Name]:
    """The Services of other API servers, each once."""
    references = (each.spec.service for each in snapshot.api_services)
    return list(dict.fromkeys((reference.namespace, reference.name) for reference in references if reference))


def port_of(endpoint_slice: EndpointSlice, port: ServicePort) -> EndpointPort | None:
    """The port of a slice that a Service's port leads to.

    A pod without a port of the name is in a slice without it (`k8s.io/endpointslice`, `getEndpointPorts`).
    """
    same = (p for p in endpoint_slice.ports or () if (p.name, p.protocol) == (port.name, port.protocol) and p.port)
    return next(same, None)


def _selects(service: Service, workload: Workload) -> bool:
    selector = service.spec.selector
    return bool(selector) and selector.items() <= workload.makes.metadata.labels.items()
