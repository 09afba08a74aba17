"""What a snapshot is made of: the lists that are read of the API server, and what of their items is kept.

Nothing here talks to anybody; `checks.cluster` does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from checks.cluster.snapshot import (
    ConfigMap,
    CustomObject,
    EndpointSlice,
    Metadata,
    Node,
    Pod,
    Service,
    Struct,
    WebhookConfiguration,
    Workload,
)

SYSTEM_NAMESPACES = ("kube-system", "kube-flannel", "metallb-system")
"""Where DNS, kube-proxy, Flannel and MetalLB run by their own manifests."""
API_SERVERS = "default"
"""Where the API servers keep the EndpointSlice of their own addresses, `kubernetes`."""
CONFIG_MAPS = frozenset({"coredns", "kube-flannel-cfg", "kube-proxy", "node-local-dns", "cilium-config"})
"""The ConfigMaps that checks read. Others may hold what is nobody's business and would end in bundles."""
ENVIRONMENT = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST"})
"""The variables of containers that checks read, in capitals; others may hold passwords."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl repeats the whole object, passwords included."""


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
    namespaced: bool = False
    """Read in the namespaces of interest alone: there are far too many elsewhere."""
    keep: Callable[[Any], bool] = _all
    trim: Callable[[Any], Any] = _as_is

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


def _without_secrets(pod: Pod) -> Pod:
    """The pod with those variables alone that checks read."""
    containers = tuple(
        msgspec.structs.replace(c, env=tuple(e for e in c.env if e.name.upper() in ENVIRONMENT))
        for c in pod.spec.containers
    )
    return msgspec.structs.replace(pod, spec=msgspec.structs.replace(pod.spec, containers=containers))


def _is_read(config_map: ConfigMap) -> bool:
    return config_map.metadata.name in CONFIG_MAPS


CORE, APPS, METALLB = "v1", "apps/v1", "metallb.io/v1beta1"
ADMISSION, DISCOVERY = "admissionregistration.k8s.io/v1", "discovery.k8s.io/v1"
VALIDATING, MUTATING = "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"

ENDPOINT_SLICES = Resource("endpoint_slices", DISCOVERY, "endpointslices", EndpointSlice, namespaced=True)
RESOURCES = (
    Resource("nodes", CORE, "nodes", Node),
    Resource("pods", CORE, "pods", Pod, namespaced=True, trim=_without_secrets),
    Resource("services", CORE, "services", Service),
    ENDPOINT_SLICES,
    Resource("webhook_configurations", ADMISSION, f"{VALIDATING.lower()}s", WebhookConfiguration, VALIDATING),
    Resource("webhook_configurations", ADMISSION, f"{MUTATING.lower()}s", WebhookConfiguration, MUTATING),
    Resource("config_maps", CORE, "configmaps", ConfigMap, namespaced=True, keep=_is_read),
    Resource("workloads", APPS, "deployments", Workload, "Deployment", namespaced=True),
    Resource("workloads", APPS, "daemonsets", Workload, "DaemonSet", namespaced=True),
    Resource("metallb", METALLB, "ipaddresspools", CustomObject, "IPAddressPool"),
    Resource("metallb", METALLB, "l2advertisements", CustomObject, "L2Advertisement"),
    Resource("metallb", METALLB, "bgpadvertisements", CustomObject, "BGPAdvertisement"),
    Resource("metallb", METALLB, "servicel2statuses", CustomObject, "ServiceL2Status"),
)
"""All lists that make up a snapshot."""
