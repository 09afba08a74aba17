"""What the snapshot says about MetalLB."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import (
    Condition,
    CustomObject,
    Gap,
    Metadata,
    Pod,
    PodStatus,
    Snapshot,
    Workload,
    WorkloadStatus,
)
from checks.finding import Finding, Severity
from checks.metallb import CHECK
from checks.metallb.judge import FINDINGS, judge
from checks.metallb.model import Parameters
from checks.metallb.selectors import selects
from tests.checks.objects import NAMESPACE, cluster, pod

ANNOUNCED = (
    CustomObject(kind="IPAddressPool", metadata=Metadata(name="a"), spec={"addresses": ["192.0.2.0/24"]}),
    CustomObject(kind="L2Advertisement", metadata=Metadata(name="all")),
)
NO_CRDS = tuple(
    Gap(verb=f"list {plural}.metallb.io", reason="not-installed")
    for plural in ("ipaddresspools", "l2advertisements", "bgpadvertisements")
)


def findings(snapshot: Snapshot) -> dict[str, Finding]:
    """The findings by code: all of them, each once."""
    found = judge(snapshot, Parameters(), ())
    assert sorted(FINDINGS) == sorted(f.code for f in found)
    return {f.code.removeprefix("metallb."): f for f in found}


def workloads(*, replicas: int = 1, ready: int = 1, wanted: int = 3, speaking: int = 3, prefix: str = "") -> Any:
    """MetalLB's two workloads."""
    return (
        Workload(
            kind="Deployment",
            metadata=Metadata(name=f"{prefix}controller", namespace=NAMESPACE),
            status=WorkloadStatus(replicas=replicas, ready_replicas=ready),
        ),
        Workload(
            kind="DaemonSet",
            metadata=Metadata(name=f"{prefix}speaker", namespace=NAMESPACE),
            status=WorkloadStatus(desired_number_scheduled=wanted, number_ready=speaking),
        ),
    )


def test_well() -> None:
    """Ready workloads and an announced pool are well; no pool yet is advice."""
    found = findings(cluster(metallb=ANNOUNCED, workloads=workloads(prefix="metallb-")))
    assert {Severity.OK} == {f.severity for f in found.values()}
    assert (Severity.ADVICE, "pass") == ((pools := findings(cluster())["pools"]).severity, pools.sign)


def test_absent() -> None:
    """A cluster without MetalLB is told so, and nothing in it counts as broken."""
    found = findings(Snapshot(gaps=NO_CRDS))
    assert {"installed": "absent", "controller": "not-used", "speaker": "not-used", "pools": "not-used"} == {
        code: f.sign for code, f in found.items()
    }
    assert {Severity.OK} == {f.severity for f in found.values()}


def test_half_installed() -> None:
    """Workloads without resource definitions, or the other way round, are degraded; the rest is unknown."""
    for half, words in ((cluster(gaps=NO_CRDS), "definitions"), (cluster(workloads=()), "workloads")):
        found = findings(half)
        assert words in found["installed"].summary
        assert (Severity.DEGRADED, {None}) == (
            found.pop("installed").severity,
            {f.sign for f in found.values()},
        )


@pytest.mark.parametrize(
    ("resource", "kept"), [("ipaddresspools.metallb.io", {}), ("deployments.apps", {"workloads": ()})]
)
def test_unreadable_is_unknown(resource: str, kept: dict[str, Any]) -> None:
    """A missing permission is never absence, and is named."""
    gap = Gap(verb=f"list {resource}", reason="forbidden")
    found = findings(cluster(gaps=(gap,), **kept))
    assert {None} == {f.sign for f in found.values()}
    assert f"list {resource}" in found["installed"].summary


def test_advertisements_that_cannot_be_read() -> None:
    """Pools are not called silent when nobody could look for what announces them."""
    gap = Gap(verb="list l2advertisements.metallb.io", reason="timeout")
    assert None is findings(cluster(metallb=ANNOUNCED[:1], gaps=(gap,)))["pools"].sign


def waiting(name: str, namespace: str = NAMESPACE) -> Pod:
    """A pod on w1 that is not ready."""
    conditions = (
        Condition(type="PodScheduled", status="True", message="not shown"),
        Condition(type="Ready", status="False", reason="ContainersNotReady", message="image cannot be pulled"),
        Condition(type="Initialized", status="False"),
    )
    return msgspec.structs.replace(
        pod(name, "w1", namespace=namespace), status=PodStatus(phase="Pending", conditions=conditions)
    )


@pytest.mark.parametrize(("replicas", "words"), [(1, "none is ready"), (0, "scaled to zero")])
def test_controller_not_ready(replicas: int, words: str) -> None:
    """A controller that is not ready has failed, with its pods' own words."""
    pods = (waiting("controller-x"), waiting("controller-y", "elsewhere"), waiting("other-x"))
    finding = findings(cluster(workloads=workloads(replicas=replicas, ready=0), pods=pods))["controller"]
    assert (Severity.FAILED, True) == (finding.severity, words in finding.summary)
    assert (
        f"0 of {replicas} ready",
        "controller-x on w1: Pending, not ready, ContainersNotReady: image cannot be pulled",
    ) == finding.evidence


def test_speaker_that_waits_names_its_node() -> None:
    """The nodes without a ready speaker are where addresses are not announced."""
    pods = (pod("speaker-a", "w2", namespace=NAMESPACE), waiting("speaker-b"))
    finding = findings(cluster(workloads=workloads(wanted=2, speaking=1), pods=pods))["speaker"]
    assert (("w1",), 2) == (finding.where, len(finding.evidence))


def test_controller_missing() -> None:
    """Speakers alone do not make MetalLB."""
    assert "fail" == findings(cluster(workloads=workloads()[1:]))["controller"].sign


@pytest.mark.parametrize(
    ("wanted", "ready", "pods", "sign", "severity"),
    [
        (3, 3, 3, "pass", Severity.OK),
        (3, 2, 3, "fail", Severity.DEGRADED),
        (3, 0, 3, "fail", Severity.FAILED),
        (3, 0, 0, "not-created", Severity.FAILED),
        (0, 0, 0, "fail", Severity.FAILED),
    ],
)
def test_speaker(wanted: int, ready: int, pods: int, sign: str, severity: Severity) -> None:
    """Speakers that were never created are told from ones that are not ready."""
    there = tuple(pod(f"speaker-{i}", f"w{i}", namespace=NAMESPACE) for i in range(pods))
    finding = findings(cluster(workloads=workloads(wanted=wanted, speaking=ready), pods=there))["speaker"]
    assert (sign, severity) == (finding.sign, finding.severity)


@pytest.mark.parametrize(
    ("spec", "announced"),
    [
        ({}, True),
        ({"ipAddressPools": ["a"]}, True),
        ({"ipAddressPools": ["b"]}, False),
        ({"ipAddressPoolSelectors": [{"matchLabels": {"zone": "x"}}]}, True),
        ({"ipAddressPoolSelectors": [{"matchLabels": {"zone": "y"}}]}, False),
        ({"ipAddressPools": None, "ipAddressPoolSelectors": ["nonsense"]}, False),
    ],
)
def test_pools_are_joined_to_advertisements(spec: dict[str, object], announced: bool) -> None:  # noqa: FBT001
    """An advertisement that names and selects nothing is for all pools; else it is for what it names or selects."""
    pool = CustomObject(
        kind="IPAddressPool", metadata=Metadata(name="a", labels={"zone": "x"}), spec={"addresses": ["192.0.2.0/24"]}
    )
    advertisement = CustomObject(kind="BGPAdvertisement", spec=spec)
    finding = findings(cluster(metallb=(pool, advertisement)))["pools"]
    assert ((Severity.OK, ()) if announced else (Severity.FAILED, ("a",))) == (finding.severity, finding.where)
    assert ("a: 192.0.2.0/24",) == finding.evidence


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ({"key": "zone", "operator": "In", "values": ["x"]}, True),
        ({"key": "zone", "operator": "NotIn", "values": ["x"]}, False),
        ({"key": "zone", "operator": "Exists"}, True),
        ({"key": "zone", "operator": "DoesNotExist"}, False),
        ({"key": "other", "operator": "DoesNotExist"}, True),
        ({"key": "zone", "operator": "Resembles"}, False),
    ],
)
def test_selectors(expression: dict[str, Any], holds: bool) -> None:  # noqa: FBT001
    """The operators of the API; one that is not known selects nothing."""
    assert holds == selects({"matchExpressions": [expression]}, {"zone": "x"})


def test_no_job_is_planned() -> None:
    """The snapshot says all, so nothing is asked of anybody."""
    assert [] == CHECK.plan(cluster(), Parameters())
