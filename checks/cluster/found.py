"""Where something of the network was found, and so what is read there and what of it is kept. Pure.

Pods, EndpointSlices and ConfigMaps of a whole cluster would be far too many, and ConfigMaps are often nobody's
business. So the lists of the whole cluster are read first, and tell in which namespaces to look.
"""

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from checks.cluster.admission import WebhookConfiguration
from checks.cluster.corefile import zone_variables
from checks.cluster.dns import mounted, serves_dns
from checks.cluster.parts import Part, part_of, sign_of
from checks.cluster.pods import Container, Workload
from checks.cluster.resources import (
    API_SERVERS,
    CONFIG,
    ENDPOINT_SLICES,
    ENVIRONMENT,
    PODS,
    SYSTEM_NAMESPACES,
    Resource,
    behind_services,
)
from checks.cluster.services import Service
from checks.cluster.snapshot import Snapshot, Struct

_CONFIGURED = frozenset({"CoreDNS", "NodeLocal DNSCache", "kube-proxy", "Flannel", "Canal", "Cilium"})
"""The products whose ConfigMaps are read."""


@dataclass(frozen=True, slots=True)
class Found:
    """The namespaces to look in."""

    own: str
    parts: frozenset[tuple[str, str]]
    """Each namespace with the products that were found in it."""
    services: frozenset[str]
    """The namespaces of Services whose endpoints are looked at: webhooks' and the cluster DNS's."""
    balanced: frozenset[str]
    """The namespaces of Services that a load balancer gives addresses: who announces one depends on its endpoints."""
    mounted: frozenset[tuple[str, str]]
    """Namespace and name of the ConfigMaps that DNS servers read."""

    @classmethod
    def of(cls, items: Iterable[Struct], own: str) -> "Found":
        """What the lists of the whole cluster tell."""
        parts: set[tuple[str, str]] = set()
        services: set[str] = set()
        balanced: set[str] = set()
        mounted: set[tuple[str, str]] = set()
        for item in items:
            if isinstance(item, Workload) and (sign := sign_of(item)):
                namespace = item.metadata.namespace
                parts.add((namespace, sign.product))
                mounted.update((namespace, v.config_map.name) for v in item.makes.spec.volumes if v.config_map)
            elif isinstance(item, WebhookConfiguration):
                services.update(w.client_config.service.namespace for w in item.webhooks if w.client_config.service)
            elif isinstance(item, Service):
                services.update([item.metadata.namespace] if serves_dns(item) else [])
                balanced.update([item.metadata.namespace] if item.spec.type == "LoadBalancer" else [])
        return cls(own, frozenset(parts), frozenset(services), frozenset(balanced), frozenset(mounted))

    def lists(self, gaps: Collection[str] = ()) -> Iterator[tuple[Resource, str]]:
        """Every list to read: a resource and a namespace.

        `gaps` are the permissions that are missing for the whole cluster.
        """
        parts = {namespace for namespace, _ in self.parts}
        everywhere = (*SYSTEM_NAMESPACES, self.own)
        wanted = (
            (PODS, {*everywhere, *parts}),
            (
                ENDPOINT_SLICES,
                {*everywhere, *parts, *self.services, *self.balanced, API_SERVERS}
                if ENDPOINT_SLICES.verb in gaps
                else (),
            ),
            (dataclasses.replace(CONFIG, keep=self._is_read), self._configured()),
        )
        for resource, namespaces in wanted:
            yield from ((resource, namespace) for namespace in sorted(filter(None, namespaces)))

    def _is_read(self, config_map: Any) -> bool:
        meta = config_map.metadata
        return CONFIG.keep(config_map) or (meta.namespace, meta.name) in self.mounted

    def _configured(self) -> set[str]:
        """Where ConfigMaps are read. Only there may a role permit it, so that nothing else is asked for."""
        return {SYSTEM_NAMESPACES[0], *(namespace for namespace, product in self.parts if product in _CONFIGURED)}

    def keeps(self, workload: Workload) -> bool:
        """Whether all is kept of a workload: it is of the network, netcheck's own, or may be behind a webhook."""
        namespace = workload.metadata.namespace
        return namespace in {*SYSTEM_NAMESPACES, self.own, *self.services} or part_of(workload) is not None


def kept(snapshot: Snapshot, found: Found) -> Snapshot:
    """The snapshot without what is nobody's business: what other workloads are made of, variables that make no zone."""
    workloads = (
        _with_zones(snapshot, workload) if found.keeps(workload) else behind_services(workload)
        for workload in snapshot.workloads
    )
    return msgspec.structs.replace(snapshot, workloads=tuple(workloads))


def _with_zones(snapshot: Snapshot, workload: Workload) -> Workload:
    if part_of(workload) not in (Part.DNS, Part.DNS_CACHE):
        return workload
    spec = workload.makes.spec
    containers = tuple(_without_secrets(c, mounted(snapshot, workload, c)) for c in spec.containers)
    template = msgspec.structs.replace(workload.makes, spec=msgspec.structs.replace(spec, containers=containers))
    return msgspec.structs.replace(workload, spec=msgspec.structs.replace(workload.spec, template=template))


def _without_secrets(container: Container, files: Mapping[str, str]) -> Container:
    """The container with those variables alone that its Corefile makes zones of."""
    wanted = ENVIRONMENT | zone_variables(files)
    return msgspec.structs.replace(container, env=tuple(e for e in container.env if e.name in wanted))
