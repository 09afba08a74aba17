"""What the Node objects say about nodes."""

import pytest

from checks.cluster.snapshot import Gap, Node, NodeCondition, Taint, Workload
from checks.cluster.snapshot import Metadata as ObjectMetadata
from checks.finding import Severity
from checks.node.model import Adapter
from tests.checks.node.clusters import findings, flannel, node, outcomes, told, with_info
from tests.checks.words import words


def condition(kind: str, status: str, message: str = "of this", since: str = "") -> dict[str, object]:
    """A status with one condition."""
    told_of = NodeCondition(type=kind, status=status, reason="Because", message=message, last_transition_time=since)
    return {"conditions": (told_of,)}


@pytest.mark.parametrize(
    ("status", "code", "outcome", "severity"),
    [
        (condition("Ready", "True"), "ready", "pass", Severity.OK),
        (condition("Ready", "False"), "ready", "not-ready", Severity.FAILED),
        (condition("Ready", "False", "cni plugin not initialized"), "ready", "no-network", Severity.FAILED),
        (condition("Ready", "Unknown"), "ready", "silent", Severity.FAILED),
        (condition("DiskPressure", "True"), "ready", "not-told", Severity.OK),
        (condition("NetworkUnavailable", "True"), "network", "unavailable", Severity.FAILED),
        (condition("NetworkUnavailable", "False"), "network", "pass", Severity.OK),
        (condition("DiskPressure", "True"), "pressure", "short", Severity.DEGRADED),
        (condition("MemoryPressure", "False"), "pressure", "pass", Severity.OK),
    ],
)
def test_conditions(status: dict[str, object], code: str, outcome: str, severity: Severity) -> None:
    """Each condition has its outcomes, at its node."""
    finding = findings((node(1, status=status),))[code]
    assert ({"w1": outcome}, severity) == (outcomes(finding), finding.severity)


def test_a_condition_is_told_in_its_own_words_and_since_when() -> None:
    """Who set it and when is half of the answer."""
    status = condition("Ready", "False", "container runtime is down", "2026-11-25T03:04:05Z")
    line = words(findings((node(1, status=status),))["ready"].evidence[0])
    assert line.startswith("w1: Ready since ")
    assert line.endswith(": Because: container runtime is down")


@pytest.mark.parametrize(
    ("spec", "outcome", "severity"),
    [
        ({}, "pass", Severity.OK),
        ({"unschedulable": True}, "cordoned", Severity.ADVICE),
        (
            {"taints": (Taint(key="node.cloudprovider.kubernetes.io/uninitialized", effect="NoSchedule"),)},
            "waits",
            Severity.DEGRADED,
        ),
        ({"taints": (Taint(key="node-role.kubernetes.io/control-plane", effect="NoSchedule"),)}, "pass", Severity.OK),
        ({"taints": (Taint(key="node.cilium.io/agent-not-ready", effect="PreferNoSchedule"),)}, "pass", Severity.OK),
    ],
)
def test_schedulable(spec: dict[str, object], outcome: str, severity: Severity) -> None:
    """A cordon is advice, a taint that waits for somebody is told with who that is, one that is meant is none."""
    finding = findings((node(1, spec=spec),))["schedulable"]
    assert (outcome, severity) == (finding.outcome, finding.severity)


def test_two_nodes_with_one_address() -> None:
    """Both are named, each with the other."""
    twin = node(2, status={"addresses": node(1).status.addresses})
    finding = findings((node(1), twin, node(3)))["address"]
    assert {"w1": "shared", "w2": "shared", "w3": "pass"} == outcomes(finding)
    assert "w1: 172.30.0.11, as w2" == words(finding.evidence[0])


@pytest.mark.parametrize(
    ("info", "outcome"),
    [
        ({"machine_id": "m"}, "machine-id"),
        ({"system_uuid": "4202C0DE-1"}, "system-uuid"),
        ({"machine_id": "m", "system_uuid": "u"}, "system-uuid"),
        ({"machine_id": "m", "boot_id": "b"}, "pass"),
        ({"system_uuid": "03000200-0400-0500-0006-000700080009"}, "pass"),
        ({}, "pass"),
    ],
)
def test_cloned_machines(info: dict[str, str], outcome: str) -> None:
    """What two nodes have in common; containers of one kernel are no clones, and a placeholder is no identity."""
    finding = findings((with_info(1, **info), with_info(2, **info), node(3)))["machine"]
    assert {"w1": outcome, "w2": outcome, "w3": "pass"} == outcomes(finding)


@pytest.mark.parametrize(("mac", "outcome"), [("00:50:56:aa:bb:cc", "mac"), ("00:00:00:00:00:00", "pass")])
def test_one_mac_on_two_nodes(mac: str, outcome: str) -> None:
    """As the agents saw it; `lo` has none."""
    seen = (Adapter(name="eth0", mac=mac),)
    finding = findings((node(1), node(2)), told(1, adapters=seen), told(2, adapters=seen))["machine"]
    assert {"w1": outcome, "w2": outcome} == outcomes(finding)


def cni(image: str) -> Workload:
    """A DaemonSet of a network plugin."""
    labels = {"k8s-app": image}
    return Workload(kind="DaemonSet", metadata=ObjectMetadata(name=image, namespace="kube-system", labels=labels))


@pytest.mark.parametrize(
    ("cidrs", "given", "overlap"),
    [
        ((("10.244.1.0/24",), ("10.244.2.0/24",), ("10.244.3.0/24",)), ("pass",) * 3, ("pass",) * 3),
        ((("10.244.1.0/24",), ("10.244.1.0/24",), ("10.244.3.0/24",)), ("pass",) * 3, ("shared", "shared", "pass")),
        ((("10.244.0.0/16",), ("10.244.2.0/24",), ("10.244.3.0/24",)), ("pass",) * 3, ("shared",) * 3),
        (
            (("10.244.1.0/24", "fd00:1::/64"), ("10.1.0.0/16", "fd00:1::/64"), ()),
            ("pass", "pass", "missing"),
            ("shared", "shared", "pass"),
        ),
        (((), ("nonsense",), ("10.244.3.0/24",)), ("missing", "pass", "pass"), ("pass",) * 3),
    ],
)
def test_pod_subnets(cidrs: tuple[tuple[str, ...], ...], given: tuple[str, ...], overlap: tuple[str, ...]) -> None:
    """Missing ones, equal ones, and ones within others, of either family."""
    nodes = tuple(node(number, spec={"pod_cidrs": own}) for number, own in enumerate(cidrs, 1))
    found = findings(nodes, workloads=(cni("flannel"),))
    for code, expected in (("pod-cidr", given), ("pod-cidr-overlap", overlap)):
        assert dict(zip(("w1", "w2", "w3"), expected, strict=True)) == outcomes(found[code])


@pytest.mark.parametrize(
    ("nodes", "workloads", "outcome"),
    [
        ((node(1, spec={"pod_cidrs": ()}),), (cni("flannel"),), "missing"),
        ((node(1, spec={"pod_cidrs": ()}),), (cni("cilium"),), "not-used"),
        ((node(1, spec={"pod_cidrs": ()}),), (), "not-used"),
    ],
)
def test_a_missing_pod_subnet_where_it_is_needed(
    nodes: tuple[Node, ...], workloads: tuple[Workload, ...], outcome: str
) -> None:
    """Cilium, Calico and OVN have ranges of their own."""
    assert outcome == findings(nodes, workloads=workloads)["pod-cidr"].outcome


@pytest.mark.parametrize(
    ("kernel", "kubelet", "server", "outcome"),
    [
        ("6.12.25-talos", "v1.34.4", "v1.34.4", "known-fault"),
        ("6.12.34-talos", "v1.34.4", "v1.34.4", "pass"),
        ("5.8.18", "v1.34.4", "v1.34.4", "known-fault"),
        ("4.19.300", "v1.34.4", "v1.34.4", "pass"),
        ("5.14.0-503.el9.x86_64", "v1.34.4", "v1.34.4", "pass"),
        ("6.8.0-45-generic", "v1.34.4", "v1.34.4", "pass"),
        ("6.11.5-300.fc41.x86_64", "v1.34.4", "v1.34.4", "known-fault"),
        ("6.18.24-talos", "v1.18.5", "v1.18.20", "known-fault"),
        ("6.18.24-talos", "v1.18.6", "v1.18.20", "pass"),
        ("6.18.24-talos", "v1.35.0", "v1.34.9", "skew"),
        ("6.18.24-talos", "v1.31.0+k3s1", "v1.34.9", "pass"),
        ("6.18.24-talos", "v1.30.0", "v1.34.9", "skew"),
        ("6.18.24-talos", "v1.24.0", "v1.27.0", "skew"),
        ("", "", "v1.34.9", "not-told"),
        ("hostile", "v", "", "pass"),
    ],
)
def test_versions(kernel: str, kubelet: str, server: str, outcome: str) -> None:
    """Kernels by their number where it tells, kubelets by theirs and against the API server's."""
    nodes = (with_info(1, kernel_version=kernel, kubelet_version=kubelet),)
    found = findings(nodes, told(1, vendor="VMware, Inc."), server_version=server)["versions"]
    assert outcome == found.outcome


def test_a_fault_of_vmxnet3_is_told_of_machines_that_may_have_one() -> None:
    """The same kernel elsewhere has nothing to fear."""
    nodes = (with_info(1, kernel_version="6.12.25-talos", kubelet_version="v1.34.4"),)
    assert "pass" == findings(nodes, told(1, vendor="QEMU"))["versions"].outcome


def test_nodes_that_may_not_be_read_are_unknown() -> None:
    """A missing permission is named, and nothing is concluded."""
    found = findings((), gaps=(Gap(verb="list nodes", reason="forbidden", message="no"),))
    assert {Severity.UNKNOWN} == {f.severity for f in found.values()}
    assert "cannot list nodes: forbidden" == words(found["ready"].evidence[0])


def test_k3s_has_flannel_inside() -> None:
    """No workload shows it there, but what it wrote on the Nodes does."""
    bare = (flannel(1), node(2, spec={"pod_cidrs": ()}))
    assert {"w1": "pass", "w2": "missing"} == outcomes(findings(bare)["pod-cidr"])
