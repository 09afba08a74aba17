"""The parts of a cluster's network, known by what they are: image, labels, command; never by name or namespace. Pure.

Distributions name and place them as they like, mirror and rename images, and give images without any name (OpenShift
gives digests). So each part has several signs, and one is enough. What is sure of them is in the manifests and charts
of `tests/checks/distributions`.
"""

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from checks.cluster.pods import Container, Pod, PodTemplate, Workload


class Part(enum.StrEnum):
    """What something in the cluster does for its network."""

    METALLB_CONTROLLER = "MetalLB's controller"
    METALLB_SPEAKER = "MetalLB's speaker"
    DNS = "cluster DNS"
    DNS_CACHE = "node-local DNS cache"
    KUBE_PROXY = "kube-proxy"
    CNI = "CNI"
    API_SERVER = "API server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How one product of one part is known."""

    part: Part
    product: str
    labels: tuple[Mapping[str, str], ...] = ()
    """Any of these sets, each of them whole."""
    image: str = ""
    """A regular expression for the end of an image's repository, registry and tag apart."""
    command: str = ""
    """The program that a container starts: the one sign of an image that is a digest alone."""


def _named(name: str) -> Mapping[str, str]:
    return {"app.kubernetes.io/name": name}


_MACHINE = r"(-(amd64|arm64|arm|ppc64le|s390x|riscv64))?"
"""What images of one machine's kind have behind their name."""
SIGNS = (
    Sign(
        part=Part.METALLB_CONTROLLER,
        product="MetalLB",
        labels=(
            {"app": "metallb", "component": "controller"},
            {**_named("metallb"), "app.kubernetes.io/component": "controller"},
        ),
        image=r"metallb[/-]controller",
    ),
    Sign(
        part=Part.METALLB_SPEAKER,
        product="MetalLB",
        labels=(
            {"app": "metallb", "component": "speaker"},
            {**_named("metallb"), "app.kubernetes.io/component": "speaker"},
        ),
        image=r"metallb[/-]speaker",
    ),
    Sign(
        part=Part.DNS_CACHE,
        product="NodeLocal DNSCache",
        labels=({"k8s-app": "node-local-dns"}, _named("node-local-dns")),
        image=rf"(k8s-|hardened-)?dns-node-cache{_MACHINE}",
        command="node-cache",
    ),
    Sign(
        part=Part.DNS,
        product="CoreDNS",
        labels=({"k8s-app": "kube-dns"}, {"dns.operator.openshift.io/daemonset-dns": "default"}),
        image=rf"(\S*[/-])?coredns{_MACHINE}",
        command="coredns",
    ),
    Sign(
        part=Part.KUBE_PROXY,
        product="kube-proxy",
        labels=(
            {"k8s-app": "kube-proxy"},
            {"component": "kube-proxy"},
            {"app": "kube-proxy", "component": "network"},
        ),
        image=rf"(\S*[/-])?kube-proxy{_MACHINE}",
        command="kube-proxy",
    ),
    # Before Calico and Flannel, of whose images Canal is made.
    Sign(part=Part.CNI, product="Canal", labels=({"k8s-app": "canal"}, {"k8s-app": "canal-node"})),
    Sign(
        part=Part.CNI,
        product="Calico",
        labels=({"k8s-app": "calico-node"},),
        image=r"calico[/-]node|hardened-calico",
    ),
    Sign(
        part=Part.CNI,
        product="Flannel",
        labels=({"app": "flannel"}, {"k8s-app": "flannel"}),
        image=r"(\S*[/-])?flannel",
        command="flanneld",
    ),
    Sign(
        part=Part.CNI,
        product="Cilium",
        labels=({"k8s-app": "cilium"}, _named("cilium-agent")),
        image=r"cilium[/-]cilium(-ci|-dev)?",
        command="cilium-agent",
    ),
    Sign(
        part=Part.CNI,
        product="Antrea",
        labels=({"app": "antrea", "component": "antrea-agent"},),
        image=r"antrea[/-](antrea-)?agent(-\w+)?|antrea/antrea-(ubuntu|ubi|debian)",
    ),
    Sign(
        part=Part.CNI,
        product="OVN-Kubernetes",
        labels=({"app": "ovnkube-node"}, {"name": "ovnkube-node"}),
        image=r"ovn-(daemonset|kube|kubernetes)(-\w+)*",
    ),
    Sign(part=Part.CNI, product="OpenShift SDN", labels=({"app": "sdn", "component": "network"},)),
    Sign(part=Part.CNI, product="Weave Net", labels=({"name": "weave-net"},), image=r"weave-kube"),
    # Its image is that of its database and of its monitor as well, so that the label alone tells.
    Sign(part=Part.CNI, product="Kube-OVN", labels=({"app": "kube-ovn-cni"},)),
    Sign(part=Part.CNI, product="kube-router", labels=({"k8s-app": "kube-router"},), image=r"kube-router"),
    Sign(part=Part.CNI, product="Amazon VPC CNI", labels=({"k8s-app": "aws-node"},), image=r"amazon-k8s-cni"),
    Sign(part=Part.CNI, product="Azure CNI", labels=({"k8s-app": "azure-cns"},), image=r"azure-cns"),
    Sign(
        part=Part.API_SERVER,
        product="kube-apiserver",
        labels=(
            {"component": "kube-apiserver"},
            {"k8s-app": "kube-apiserver"},
            {"app": "openshift-kube-apiserver"},
        ),
        command="kube-apiserver",
    ),
)
"""All signs, the more telling first: the first that holds counts."""
_IMAGES = {
    (sign.part, sign.product): re.compile(rf"(\S*/)?(\S*mirrored-)?({sign.image})") for sign in SIGNS if sign.image
}
_ONE_A_NODE = frozenset({Part.CNI, Part.METALLB_SPEAKER})
"""What runs on every node, so that a Deployment of the same image is something else of the same product."""


def repository(image: str) -> str:
    """The repository of an image, without tag and digest: `quay.io/metallb/speaker`."""
    path, _, last = image.partition("@")[0].rpartition("/")
    return f"{path}/{last.partition(':')[0]}".strip("/").lower()


def sign_of(item: Pod | Workload) -> Sign | None:
    """What a pod or a workload is; None for whatever is no part of the network."""
    template = item.makes if isinstance(item, Workload) else PodTemplate(metadata=item.metadata, spec=item.spec)
    of_a_deployment = isinstance(item, Workload) and item.kind not in ("", "DaemonSet")
    signs = (s for s in SIGNS if not (of_a_deployment and s.part in _ONE_A_NODE))
    found = tuple(signs)
    labels = dict(item.metadata.labels) | dict(template.metadata.labels)
    by_label = next((s for s in found if any(wanted.items() <= labels.items() for wanted in s.labels)), None)
    return by_label or next((s for c in template.spec.containers for s in found if _is(s, c)), None)


def part_of(item: Pod | Workload) -> Part | None:
    """Which part of the network a pod or a workload is."""
    sign = sign_of(item)
    return sign.part if sign else None


def _is(sign: Sign, container: Container) -> bool:
    image = _IMAGES.get((sign.part, sign.product))
    if image and image.fullmatch(repository(container.image)):
        return True
    return bool(sign.command) and sign.command in map(_program, _words(container))


def _words(container: Container) -> Iterator[str]:
    """What a container starts, where it says so; the first word of its arguments is the program of some images."""
    yield from container.command[:1]
    yield from () if container.command else container.args[:1]


def _program(word: str) -> str:
    return word.rpartition("/")[2]
