"""What stands behind a Service: the product and the workload that answer for it. Pure."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from checks.cluster.parts import repository
from checks.cluster.pods import Workload
from checks.cluster.snapshot import Service, Snapshot

PRODUCTS: Mapping[str, str] = {
    "metallb": "MetalLB",
    "frr-k8s": "FRR-K8s",
    "cert-manager": "cert-manager",
    "trust-manager": "trust-manager",
    "kyverno": "Kyverno",
    "gatekeeper": "Gatekeeper",
    "kubewarden": "Kubewarden",
    "ingress-nginx": "ingress-nginx",
    "istio": "Istio",
    "linkerd": "Linkerd",
    "knative": "Knative",
    "tekton": "Tekton",
    "kubevirt": "KubeVirt",
    "cdi": "Containerized Data Importer",
    "longhorn": "Longhorn",
    "rancher": "Rancher",
    "capi-": "Cluster API",
    "prometheus-operator": "Prometheus Operator",
    "elastic-operator": "Elastic Cloud on Kubernetes",
    "cnpg": "CloudNativePG",
    "external-secrets": "External Secrets",
    "vault": "Vault",
    "keda": "KEDA",
    "aws-load-balancer": "AWS Load Balancer Controller",
    "opentelemetry": "OpenTelemetry Operator",
    "velero": "Velero",
    "calico": "Calico",
    "cilium": "Cilium",
    "antrea": "Antrea",
    "multus": "Multus",
    "ovn": "OVN-Kubernetes",
}
"""By what stands in labels, images and names: how people call a product."""
_PART_OF, _NAME, _CHART, _APP = "app.kubernetes.io/part-of", "app.kubernetes.io/name", "helm.sh/chart", "app"
_CHART_VERSION = re.compile(r"-v?\d+(\.\d+)*.*$")
METALLB, COREDNS = PRODUCTS["metallb"], "CoreDNS"


class Backing(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What answers for a Service."""

    namespace: str
    service: str
    product: str
    """How people call it; where nothing tells, the namespace that it is in."""
    kind: str = ""
    """`Deployment`, `DaemonSet` or `StatefulSet`; empty where no workload was found."""
    workload: str = ""

    @property
    def target(self) -> str:
        """The workload in kubectl's words: `deployment/cert-manager-webhook`; all of them where it was not found."""
        return f"{self.kind.lower()}/{self.workload}" if self.workload else "deployment"


def behind(snapshot: Snapshot, namespace: str, name: str) -> Backing:
    """What answers for a Service, whether or not it does so now."""
    service = snapshot.service(namespace, name)
    workload = workload_behind(snapshot, namespace, service)
    return Backing(
        namespace=namespace,
        service=name,
        product=_product([*_signs(workload), *_words_of(service), name, namespace], namespace),
        kind=workload.kind if workload else "",
        workload=workload.metadata.name if workload else "",
    )


def workload_behind(snapshot: Snapshot, namespace: str, service: Service | None) -> Workload | None:
    """The workload whose pods a Service selects, or the one that is most like those that it would select."""
    near = [w for w in snapshot.workloads if w.metadata.namespace == namespace]
    selector = service.spec.selector if service else {}
    selected = [w for w in near if selector and selector.items() <= w.makes.metadata.labels.items()]
    if selected:
        return selected[0]
    alike = [(_likeness(selector, w), w) for w in near]
    best = max((share for share, _ in alike), default=0)
    likeliest = [w for share, w in alike if share == best]
    return likeliest[0] if len(likeliest) == 1 else None


def _likeness(selector: Mapping[str, str], workload: Workload) -> int:
    """How many of a selector's labels a workload's pods have; keys alone count less than values do."""
    labels = dict(workload.metadata.labels) | dict(workload.makes.metadata.labels)
    return sum(2 * (labels.get(key) == value) + (key in labels) for key, value in selector.items())


def _signs(workload: Workload | None) -> Iterator[str]:
    """What tells of a workload whose it is, the surest first."""
    if workload is None:
        return
    labels = dict(workload.metadata.labels) | dict(workload.makes.metadata.labels)
    yield from _labels(labels)
    yield from (repository(container.image) for container in workload.makes.spec.containers)
    yield workload.metadata.name


def _words_of(service: Service | None) -> Iterator[str]:
    yield from _labels(service.metadata.labels) if service else ()


def _labels(labels: Mapping[str, str]) -> Iterator[str]:
    yield from (_CHART_VERSION.sub("", labels[key]) for key in (_PART_OF, _NAME, _CHART, _APP) if labels.get(key))


def _product(signs: list[str], otherwise: str) -> str:
    known = next((pretty for sign in signs for word, pretty in PRODUCTS.items() if word in sign.lower()), "")
    return known or next(iter(signs[:-2]), otherwise)
