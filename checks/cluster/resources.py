"""What a snapshot is made of: the lists that are read of the API server, and what of their items is kept.

Nothing here talks to anybody; `checks.cluster` does.
"""

import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import msgspec

from checks.cluster.admission import CONVERSION, Definition, WebhookConfiguration
from checks.cluster.aggregation import APIService
from checks.cluster.kubelet import dns_lines
from checks.cluster.meta import Metadata, Struct
from checks.cluster.parts import Part, part_of
from checks.cluster.pods import Container, Pod, PodSpec, PodTemplate, Workload, WorkloadSpec
from checks.cluster.services import SERVICE_NAME, Endpoint, EndpointSlice, Service
from checks.cluster.snapshot import ConfigMap, CustomObject, Namespace, Node

SYSTEM_NAMESPACES = ("kube-system", "kube-flannel", "metallb-system")
"""Read also where nothing of the network was found, because a permission may be what is missing."""
API_SERVERS = "default"
"""Where the API servers keep the EndpointSlice of their own addresses, `kubernetes`."""
CONFIG_MAPS = frozenset({"kube-proxy", "cilium-config"})
"""The ConfigMaps that checks read, besides those with one of these files and the kubelet's. Others may hold what is
nobody's business and would end in bundles."""
FILES = frozenset({"Corefile", "net-conf.json"})
"""What CoreDNS and Flannel are configured by, whatever the ConfigMap is called."""
KUBELET = "kubelet-config"
"""kubeadm's ConfigMap with the configuration of all kubelets; older ones have a version behind the name."""
ENVIRONMENT = frozenset(
    {
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "KUBERNETES_SERVICE_HOST",
        "METALLB_BGP_TYPE",
        "METALLB_ML_BIND_PORT",
        "METALLB_ML_LABELS",
    }
)
"""The variables of containers that checks read, in capitals; others may hold passwords."""
HIDDEN = "(set)"
"""What stands where a password was."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl repeats the whole object, passwords included."""


PAGE = 500
"""Objects a page: what kubectl asks for."""


def _all(_: Any) -> bool:
    return True


def _as_is(item: Any) -> Any:
    return item


@dataclass(frozen=True, slots=True)
class Resource:
    """One list that makes up a snapshot."""

    field: str
    """The field of `Snapshot` that its items go to."""
    group: str
    """API group and version: `apps/v1`; `v1` for the core."""
    plural: str
    item: type[Struct]
    kind: str = ""
    """Set on each item: items of a list do not carry it."""
    keep: Callable[[Any], bool] = _all
    trim: Callable[[Any], Any] = _as_is
    page: int = PAGE
    """Objects that are asked for at a time."""

    @property
    def verb(self) -> str:
        """The permission that reading it takes, in the words of kubectl and of a role: `list deployments.apps`."""
        group = self.group.rpartition("/")[0]
        return f"list {self.plural}" + (f".{group}" if group else "")

    def path(self, namespace: str) -> str:
        """Its API path in one namespace; over all namespaces when empty."""
        root = f"/apis/{self.group}" if "/" in self.group else f"/api/{self.group}"
        return f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"

    def decode(self, raw: bytes | msgspec.Raw) -> Struct | None:
        """One item as the snapshot keeps it, or None when it is none of the snapshot's.

        Raises:
            msgspec.DecodeError: it is no such object.
        """
        item = msgspec.json.decode(raw, type=self.item)
        if not self.keep(item):
            return None
        changes: dict[str, Any] = {"kind": self.kind} if self.kind else {}
        metadata: Metadata = cast("Any", item).metadata
        if LAST_APPLIED in metadata.annotations:
            annotations = {key: value for key, value in metadata.annotations.items() if key != LAST_APPLIED}
            changes["metadata"] = msgspec.structs.replace(metadata, annotations=annotations)
        trimmed = cast("Struct", self.trim(item))
        return msgspec.structs.replace(trimmed, **changes) if changes else trimmed


def _container(container: Container, *, files: bool, ports: bool) -> Container:
    """The container with what checks read."""
    return msgspec.structs.replace(
        container,
        env=tuple(e for e in container.env if e.name.upper() in ENVIRONMENT or (files and e.value)),
        volume_mounts=container.volume_mounts if files else (),
        ports=container.ports if ports else (),
    )


def _spec(spec: PodSpec, *, files: bool, ports: bool) -> PodSpec:
    containers = tuple(_container(c, files=files, ports=ports) for c in spec.containers)
    volumes = tuple(v for v in spec.volumes if v.config_map) if files else ()
    policy = spec.dns_policy if files else ""
    return msgspec.structs.replace(spec, containers=containers, volumes=volumes, dns_policy=policy)


@lru_cache(maxsize=1 << 12)
def _shared(same: Hashable) -> Any:
    """The first of all that are the same: thousands of pods of one DaemonSet differ in little."""
    return same


def _pod(pod: Pod) -> Pod:
    """The pod with those variables alone that checks read, sharing with others what they have in common."""
    spec, status, meta = _spec(pod.spec, files=False, ports=False), pod.status, pod.metadata
    return msgspec.structs.replace(
        pod,
        metadata=msgspec.structs.replace(meta, owner_references=_shared(meta.owner_references), creation_timestamp=""),
        spec=msgspec.structs.replace(spec, containers=_shared(spec.containers)),
        status=msgspec.structs.replace(
            status,
            conditions=_shared(status.conditions),
            container_statuses=_shared(status.container_statuses),
        ),
    )


def _workload(workload: Workload) -> Workload:
    """The workload without what checks do not read; of a DNS server also where its files are, and its variables."""
    files = part_of(workload) in (Part.DNS, Part.DNS_CACHE)
    template = msgspec.structs.replace(workload.makes, spec=_spec(workload.makes.spec, files=files, ports=True))
    return msgspec.structs.replace(workload, spec=WorkloadSpec(replicas=workload.spec.replicas, template=template))


def behind_services(workload: Workload) -> Workload:
    """What tells of a workload which Services are its: labels, ports, and how many pods it has."""
    ports = tuple(Container(name=c.name, ports=c.ports) for c in workload.makes.spec.containers)
    template = PodTemplate(
        metadata=Metadata(labels=workload.makes.metadata.labels), spec=PodSpec(containers=_shared(ports))
    )
    meta = Metadata(name=workload.metadata.name, namespace=workload.metadata.namespace)
    spec = WorkloadSpec(replicas=workload.spec.replicas, template=template)
    return msgspec.structs.replace(workload, metadata=meta, spec=spec)


def _slice(endpoint_slice: EndpointSlice) -> EndpointSlice:
    """The slice with what checks read: there is one for every Service, and an endpoint for every pod behind it."""
    meta = endpoint_slice.metadata
    labels = {key: value for key, value in meta.labels.items() if key == SERVICE_NAME}
    return msgspec.structs.replace(
        endpoint_slice,
        metadata=Metadata(name=meta.name, namespace=sys.intern(meta.namespace), labels=labels),
        endpoints=tuple(map(_endpoint, endpoint_slice.endpoints or ())),
        ports=_shared(endpoint_slice.ports),
    )


def _endpoint(endpoint: Endpoint) -> Endpoint:
    return msgspec.structs.replace(
        endpoint, conditions=_shared(endpoint.conditions), node_name=sys.intern(endpoint.node_name)
    )


def _has_server(service: APIService) -> bool:
    return service.spec.service is not None


def _is_read(config_map: ConfigMap) -> bool:
    name = config_map.metadata.name
    return name in CONFIG_MAPS or not FILES.isdisjoint(config_map.data) or name.startswith(KUBELET)


def _config_map(config_map: ConfigMap) -> ConfigMap:
    """The ConfigMap as it is; of the kubelet's the lines about DNS alone."""
    if not config_map.metadata.name.startswith(KUBELET):
        return config_map
    return msgspec.structs.replace(config_map, data={key: dns_lines(text) for key, text in config_map.data.items()})


def _without_password(peer: CustomObject) -> CustomObject:
    """The BGPPeer without its password, of which only matters that there is one."""
    if not peer.spec.get("password"):
        return peer
    return msgspec.structs.replace(peer, spec=peer.spec | {"password": HIDDEN})


def _converts(definition: Definition) -> bool:
    return definition.configuration is not None


def _conversion(definition: Definition) -> WebhookConfiguration | None:
    return definition.configuration


CORE, APPS, METALLB, FRR = "v1", "apps/v1", "metallb.io/v1beta1", "frrk8s.metallb.io/v1beta1"
ADMISSION, DISCOVERY = "admissionregistration.k8s.io/v1", "discovery.k8s.io/v1"
EXTENSIONS, AGGREGATION = "apiextensions.k8s.io/v1", "apiregistration.k8s.io/v1"
VALIDATING, MUTATING = "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"

ENDPOINT_SLICES = Resource("endpoint_slices", DISCOVERY, "endpointslices", EndpointSlice, trim=_slice)
"""Read of the whole cluster; where that is not permitted, where something of the network is.

20,000 endpoints take 8 MiB, and 4,000 workloads of which it is kept what Services are theirs another 4 (measured)."""
PODS = Resource("pods", CORE, "pods", Pod, trim=_pod)
CONFIG = Resource("config_maps", CORE, "configmaps", ConfigMap, keep=_is_read, trim=_config_map)
RESOURCES = (
    Resource("nodes", CORE, "nodes", Node),
    Resource("namespaces", CORE, "namespaces", Namespace),
    Resource("services", CORE, "services", Service),
    Resource("webhook_configurations", ADMISSION, f"{VALIDATING.lower()}s", WebhookConfiguration, VALIDATING),
    Resource("webhook_configurations", ADMISSION, f"{MUTATING.lower()}s", WebhookConfiguration, MUTATING),
    # Their schemas are large: a page of 500 would be tens of megabytes.
    Resource(
        "webhook_configurations",
        EXTENSIONS,
        f"{CONVERSION.lower()}s",
        Definition,
        keep=_converts,
        trim=_conversion,
        page=50,
    ),
    Resource("workloads", APPS, "deployments", Workload, "Deployment", trim=_workload),
    Resource("workloads", APPS, "daemonsets", Workload, "DaemonSet", trim=_workload),
    Resource("workloads", APPS, "statefulsets", Workload, "StatefulSet", trim=_workload),
    Resource("api_services", AGGREGATION, "apiservices", APIService, keep=_has_server),
    Resource("network_policies", "networking.k8s.io/v1", "networkpolicies", CustomObject, "NetworkPolicy"),
    ENDPOINT_SLICES,
    Resource("metallb", METALLB, "ipaddresspools", CustomObject, "IPAddressPool"),
    Resource("metallb", METALLB, "l2advertisements", CustomObject, "L2Advertisement"),
    Resource("metallb", METALLB, "bgpadvertisements", CustomObject, "BGPAdvertisement"),
    Resource("metallb", "metallb.io/v1beta2", "bgppeers", CustomObject, "BGPPeer", trim=_without_password),
    Resource("metallb", METALLB, "bfdprofiles", CustomObject, "BFDProfile"),
    Resource("metallb", METALLB, "communities", CustomObject, "Community"),
    Resource("metallb", METALLB, "servicel2statuses", CustomObject, "ServiceL2Status"),
    Resource("metallb", METALLB, "servicebgpstatuses", CustomObject, "ServiceBGPStatus"),
    Resource("metallb", METALLB, "configurationstates", CustomObject, "ConfigurationState"),
    Resource("metallb", FRR, "bgpsessionstates", CustomObject, "BGPSessionState"),
)
"""The lists that are read of the whole cluster. What is in them tells where to look further."""
