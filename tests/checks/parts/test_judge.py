"""What is said of the parts of the network."""

import msgspec
import pytest

from checks.cluster.parts import Part, repository, sign_of
from checks.cluster.snapshot import (
    Container,
    Gap,
    Metadata,
    Pod,
    PodSpec,
    PodTemplate,
    Snapshot,
    Workload,
    WorkloadSpec,
    WorkloadStatus,
)
from checks.finding import Severity
from checks.parts import CHECK
from checks.place import Workload as WorkloadPlace
from tests.checks.judged import judged
from tests.checks.objects import pod
from tests.checks.words import words


def made(kind: str = "DaemonSet", image: str = "", ready: int = 3, **labels: str) -> Workload:
    """A workload of three pods."""
    spec = PodSpec(containers=(Container(name="c", image=image),))
    return Workload(
        kind=kind,
        metadata=Metadata(name="x", namespace="n"),
        spec=WorkloadSpec(template=PodTemplate(metadata=Metadata(labels=labels), spec=spec)),
        status=WorkloadStatus(desired_number_scheduled=3, number_ready=ready, replicas=3, ready_replicas=ready),
    )


def test_nothing_found_is_well() -> None:
    """k3s has no pods of kube-proxy and of its CNI, and many clusters no caches."""
    found = judged(CHECK, Snapshot(), ())
    assert {("none", Severity.OK)} == {(f.outcome, f.severity) for f in found.values()}


def test_what_could_not_be_read_is_unknown() -> None:
    """And the permission is named."""
    found = judged(CHECK, Snapshot(gaps=(Gap(verb="list daemonsets.apps", reason="forbidden"),)), ())
    assert {Severity.UNKNOWN} == {f.severity for f in found.values()}
    assert ["cannot list daemonsets.apps: forbidden"] == [words(line) for line in found["cni"].evidence]


def test_ready_and_not_ready() -> None:
    """The product is named, and the nodes on which it is not ready."""
    waiting = pod("x-1", "w1", namespace="n")
    waiting = msgspec.structs.replace(waiting, status=msgspec.structs.replace(waiting.status, conditions=()))
    for ready, outcome, text, on in (
        (3, "pass", "Calico: n/x, 3 of 3 ready.", ()),
        (2, "not-ready", "Not ready: Calico: n/x, 2 of 3 ready; on w1.", ("w1",)),
    ):
        pods = (waiting, pod("x-2", "w2", namespace="n"))[ready == 3 :]
        workload = made(ready=ready, **{"k8s-app": "calico-node"})
        finding = judged(CHECK, Snapshot(workloads=(workload,), pods=pods), ())["cni"]
        assert (outcome, text) == (finding.outcome, words(finding.text))
        assert [WorkloadPlace("n", "x", on)] == [s.place for s in finding.seen]


@pytest.mark.parametrize(
    ("image", "part"),
    [
        ("quay.io/metallb/speaker:v0.15.2", Part.METALLB_SPEAKER),
        ("registry.corp:5000/mirror/quay.io/metallb/controller@sha256:00", Part.METALLB_CONTROLLER),
        ("docker.io/bitnami/metallb-speaker", Part.METALLB_SPEAKER),
        ("registry.k8s.io/coredns/coredns:v1.12.1", Part.DNS),
        ("rancher/mirrored-coredns-coredns:1.12.3", Part.DNS),
        ("k8s.gcr.io/coredns-arm64:1.6.7", Part.DNS),
        ("corp/coredns-autoscaler:1", None),
        ("registry.k8s.io/dns/k8s-dns-node-cache:1.26.4", Part.DNS_CACHE),
        ("602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.33", Part.KUBE_PROXY),
        ("gcr.io/kubebuilder/kube-rbac-proxy:v0.8", None),
        ("quay.io/cilium/cilium:v1.18.2", Part.CNI),
        ("quay.io/cilium/operator-generic:v1.18.2", None),
        ("quay.io/calico/node:v3.30.3", Part.CNI),
        ("quay.io/calico/typha:v3.30.3", None),
        ("docker.io/rancher/mirrored-flannelcni-flannel:v0.17", Part.CNI),
        ("ghcr.io/flannel-io/flannel-cni-plugin:v1", None),
        ("nginx", None),
        ("", None),
    ],
)
def test_images(image: str, part: Part | None) -> None:
    """By the end of an image's repository, whatever mirror it is pulled from."""
    sign = sign_of(made(image=image))
    assert part == (sign.part if sign else None)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("a/b:1@sha256:0", "a/b"),
        ("host:5000/a/b:1", "host:5000/a/b"),
        ("host:5000/a/b", "host:5000/a/b"),
        ("b", "b"),
        ("", ""),
        ("Host/A:x", "host/a"),
    ],
)
def test_repository_of_an_image(image: str, expected: str) -> None:
    """Without tag and digest; a port is no tag."""
    assert expected == repository(image)


def test_deployment_is_no_cni() -> None:
    """A controller of the same image is something else of the same product."""
    assert None is sign_of(made("Deployment", "quay.io/cilium/cilium:v1"))


def test_program_tells_where_the_image_does_not() -> None:
    """OpenShift's images are digests; the first word of the arguments counts where there is no command."""
    digest = "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:00"
    for container, part in (
        (Container(image=digest, command=("/usr/bin/coredns",)), Part.DNS),
        (Container(image=digest, args=("node-cache", "-localip", "x")), Part.DNS_CACHE),
        (Container(image=digest, command=("sh", "-c", "coredns")), None),
    ):
        sign = sign_of(Pod(spec=PodSpec(containers=(container,))))
        assert part == (sign.part if sign else None)
