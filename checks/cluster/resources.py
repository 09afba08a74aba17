"""What a snapshot is made of: the lists that are read of the API server, and what of their items is kept.

Nothing here talks to anybody; `checks.cluster` does.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import msgspec

from checks.cluster.admission import CONVERSION, Definition, WebhookConfiguration
from checks.cluster.kubelet import dns_lines
from checks.cluster.meta import Metadata, Struct
from checks.cluster.parts import Part, part_of
from checks.cluster.pods import Container, Pod, PodSpec, Workload, WorkloadSpec
from checks.cluster.services import EndpointSlice, Service
from checks.cluster.snapshot import ConfigMap, CustomObject, Node

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
ENVIRONMENT = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST"})
"""The variables of containers that checks read, in capitals; others may hold passwords."""
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
    return msgspec.structs.replace(spec, containers=containers, volumes=volumes)


@lru_cache(maxsize=1 << 12)
def _shared(same: Hashable) -> Any:
    """The first of all that are the same: thousands of pods of one DaemonSet differ in little."""
    return same


def _pod(pod: Pod) -> Pod:
    """The pod with those variables alone that checks read, sharing with others what they have in common."""
    spec, status, meta = _spec(pod.spec, files=False, ports=False), pod.status, pod.metadata
    return msgspec.structs.replace(
        pod,
        metadata=msgspec.structs.replace(meta, owner_references=_shared(meta.owner_references)),
        spec=msgspec.structs.replace(spec, containers=_shared(spec.containers)),
        status=msgspec.structs.replace(status, conditions=_shared(status.conditions)),
    )


def _workload(workload: Workload) -> Workload:
    """The workload without what checks do not read; of a DNS server also where its files are, and its variables."""
    files = part_of(workload) in (Part.DNS, Part.DNS_CACHE)
    template = msgspec.structs.replace(workload.makes, spec=_spec(workload.makes.spec, files=files, ports=True))
    return msgspec.structs.replace(workload, spec=WorkloadSpec(template=template))


def _is_read(config_map: ConfigMap) -> bool:
    name = config_map.metadata.name
    return name in CONFIG_MAPS or not FILES.isdisjoint(config_map.data) or name.startswith(KUBELET)


def _config_map(config_map: ConfigMap) -> ConfigMap:
    """The ConfigMap as it is; of the kubelet's the lines about DNS alone."""
    if not config_map.metadata.name.startswith(KUBELET):
        return config_map
    return msgspec.structs.replace(config_map, data={key: dns_lines(text) for key, text in config_map.data.items()})


def _converts(definition: Definition) -> bool:
    return definition.configuration is not None


def _conversion(definition: Definition) -> WebhookConfiguration | None:
    return definition.configuration


CORE, APPS, METALLB = "v1", "apps/v1", "metallb.io/v1beta1"
ADMISSION, DISCOVERY = "admissionregistration.k8s.io/v1", "discovery.k8s.io/v1"
EXTENSIONS = "apiextensions.k8s.io/v1"
VALIDATING, MUTATING = "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"

ENDPOINT_SLICES = Resource("endpoint_slices", DISCOVERY, "endpointslices", EndpointSlice)
PODS = Resource("pods", CORE, "pods", Pod, trim=_pod)
CONFIG = Resource("config_maps", CORE, "configmaps", ConfigMap, keep=_is_read, trim=_config_map)
RESOURCES = (
    Resource("nodes", CORE, "nodes", Node),
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
    Resource("metallb", METALLB, "ipaddresspools", CustomObject, "IPAddressPool"),
    Resource("metallb", METALLB, "l2advertisements", CustomObject, "L2Advertisement"),
    Resource("metallb", METALLB, "bgpadvertisements", CustomObject, "BGPAdvertisement"),
    Resource("metallb", METALLB, "servicel2statuses", CustomObject, "ServiceL2Status"),
)
"""The lists that are read of the whole cluster. What is in them tells where to look further."""
NAMESPACED = (PODS, ENDPOINT_SLICES, CONFIG)
"""The lists that are read where something of the network is: there are far too many elsewhere."""
