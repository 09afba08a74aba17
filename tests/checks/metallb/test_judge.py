"""What the snapshot says about MetalLB."""

from typing import Any

import msgspec
import pytest

from checks.cluster.selectors import selects
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
from checks.metallb.judge import CODES
from checks.place import Cluster, Node, Pool
from checks.place import Service as ServicePlace
from checks.place import Workload as WorkloadPlace
from tests.checks.metallb.objects import balanced, judged
from tests.checks.objects import NAMESPACE, SERVICE, cluster, pod
from tests.checks.words import words

ANNOUNCED = (
    CustomObject(kind="IPAddressPool", metadata=Metadata(name="a"), spec={"addresses": ["192.0.2.0/24"]}),
    CustomObject(kind="L2Advertisement", metadata=Metadata(name="all")),
)
NO_CRDS = tuple(
    Gap(verb=f"list {plural}.metallb.io", reason="not-installed")
    for plural in ("ipaddresspools", "l2advertisements", "bgpadvertisements")
)
SERVES = (f"{NAMESPACE}/{SERVICE}",)
"""What the controller answers for: the webhook's Service."""


def seen(finding: Finding) -> list[tuple[object, str]]:
    """The outcome at each place, the worst first."""
    return [(s.place, s.outcome) for s in finding.seen]


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
    """Ready workloads and an announced pool are well, each at its place; no pool yet is advice."""
    pods = (
        pod("metallb-controller-x", "w1", namespace=NAMESPACE),
        pod("metallb-controller-y", "", namespace=NAMESPACE),
        pod("metallb-speaker-x", "w1", namespace=NAMESPACE),
    )
    found = judged(cluster(metallb=ANNOUNCED, workloads=workloads(prefix="metallb-"), pods=pods))
    assert {Severity.OK} == {f.severity for f in found.values()}
    nobody: dict[str, list[object]] = {code: [] for code in ("addresses", "announced", "bgp", "service")}
    of_pools = {code: [(Pool("a"), "pass")] for code in ("pools", "overlap", "room", "announcers")}
    assert {
        "installed": [(Cluster(), "pass")],
        "controller": [(WorkloadPlace(NAMESPACE, "metallb-controller", ("w1",), SERVES), "pass")],
        "speaker": [(WorkloadPlace(NAMESPACE, "metallb-speaker", ("w1",)), "pass")],
        "lives": [(Node("w1"), "pass")],
        "memberlist": [],
        "objects": [(Cluster(), "pass")],
        "configuration": [(Cluster(), "pass")],
        **of_pools,
        **nobody,
    } == {code: seen(f) for code, f in found.items()}
    pools = judged(cluster())["pools"]
    assert (Severity.ADVICE, "none", ()) == (pools.severity, pools.outcome, pools.seen)


def test_absent() -> None:
    """A cluster without MetalLB is told so, and nothing in it counts as broken."""
    found = judged(Snapshot(gaps=NO_CRDS))
    rest = {code.name.removeprefix("metallb."): "not-used" for code in CODES}
    assert rest | {"installed": "absent"} == {code: f.outcome for code, f in found.items()}
    assert {Severity.OK} == {f.severity for f in found.values()}


def test_half_installed() -> None:
    """Workloads without resource definitions, or the other way round, are degraded; the rest is unknown."""
    for half, what in ((cluster(gaps=NO_CRDS), "definitions"), (cluster(workloads=()), "workloads")):
        found = judged(half)
        installed = found.pop("installed")
        assert what in words(installed.text)
        assert (Severity.DEGRADED, (Cluster(),)) == (installed.severity, installed.where)
        assert {Severity.UNKNOWN} == {f.severity for f in found.values()}


@pytest.mark.parametrize(
    ("resource", "kept"), [("ipaddresspools.metallb.io", {}), ("deployments.apps", {"workloads": ()})]
)
def test_unreadable_is_unknown(resource: str, kept: dict[str, Any]) -> None:
    """A missing permission is never absence, and is named."""
    gap = Gap(verb=f"list {resource}", reason="forbidden")
    found = judged(cluster(gaps=(gap,), **kept))
    assert {Severity.UNKNOWN} == {f.severity for f in found.values()}
    assert f"list {resource}" in words(found["installed"].text)


@pytest.mark.parametrize(
    ("resource", "code", "left"), [("deployments.apps", "controller", 1), ("daemonsets.apps", "speaker", 0)]
)
def test_workload_that_cannot_be_read_is_not_missing(resource: str, code: str, left: int) -> None:
    """The other of the two shows that MetalLB is there; of this one nothing is known."""
    gap = Gap(verb=f"list {resource}", reason="forbidden")
    found = judged(cluster(workloads=(workloads()[left],), gaps=(gap,)))
    assert ("pass", Severity.UNKNOWN) == (found["installed"].outcome, found[code].severity)
    assert f"list {resource}" in words(found[code].text)


@pytest.mark.parametrize(
    "gaps",
    [
        (Gap(verb="list l2advertisements.metallb.io", reason="timeout"),),
        (
            Gap(verb="list l2advertisements.metallb.io", reason="not-installed"),
            Gap(verb="list bgpadvertisements.metallb.io", reason="forbidden"),
        ),
    ],
)
def test_advertisements_that_cannot_be_read(gaps: tuple[Gap, ...]) -> None:
    """Pools are not called silent when nobody could look for what announces them."""
    assert Severity.UNKNOWN is judged(cluster(metallb=ANNOUNCED[:1], gaps=gaps))["pools"].severity


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


@pytest.mark.parametrize(("replicas", "why"), [(1, "none is ready"), (0, "scaled to zero")])
def test_controller_not_ready(replicas: int, why: str) -> None:
    """A controller that is not ready has failed, with its pods' own words."""
    pods = (waiting("controller-x"), waiting("controller-y", "elsewhere"), waiting("other-x"))
    finding = judged(cluster(workloads=workloads(replicas=replicas, ready=0), pods=pods))["controller"]
    assert (Severity.FAILED, True) == (finding.severity, why in words(finding.text))
    assert [(WorkloadPlace(NAMESPACE, "controller", serves=SERVES), "not-ready")] == seen(finding)
    assert [
        f"0 of {replicas} ready",
        "controller-x on w1: Pending, not ready, ContainersNotReady: image cannot be pulled",
    ] == [words(line) for line in finding.evidence]


def test_speaker_that_waits_names_its_node() -> None:
    """The nodes without a ready speaker are where addresses are not announced."""
    pods = (pod("speaker-a", "w2", namespace=NAMESPACE), waiting("speaker-b"))
    finding = judged(cluster(workloads=workloads(wanted=2, speaking=1), pods=pods))["speaker"]
    assert ((WorkloadPlace(NAMESPACE, "speaker", ("w1",)),), 2) == (finding.where, len(finding.evidence))
    assert "Speakers are not ready: 1 of 2 ready." == words(finding.text)


def test_many_pods_that_wait_are_counted() -> None:
    """Nobody reads a hundred lines."""
    pods = tuple(waiting(f"speaker-{i}") for i in range(100))
    finding = judged(cluster(workloads=workloads(wanted=100, speaking=0), pods=pods))["speaker"]
    assert (14, "and 88 more") == (len(finding.evidence), words(finding.evidence[-1]))


@pytest.mark.parametrize(("code", "left"), [("controller", 1), ("speaker", 0)])
def test_workload_missing(code: str, left: int) -> None:
    """Half of MetalLB's workloads does not make MetalLB."""
    finding = judged(cluster(workloads=(workloads()[left],)))[code]
    serves = SERVES if code == "controller" else ()
    assert ("missing", (WorkloadPlace(NAMESPACE, code, serves=serves),)) == (finding.outcome, finding.where)


@pytest.mark.parametrize(
    ("wanted", "ready", "pods", "outcome", "severity"),
    [
        (3, 3, 3, "pass", Severity.OK),
        (3, 2, 3, "not-ready", Severity.DEGRADED),
        (3, 0, 3, "not-ready", Severity.FAILED),
        (3, 0, 0, "not-created", Severity.FAILED),
        (3, 3, 0, "not-created", Severity.FAILED),
        (0, 0, 0, "not-ready", Severity.FAILED),
    ],
)
def test_speaker(wanted: int, ready: int, pods: int, outcome: str, severity: Severity) -> None:
    """Speakers that were never created are told from ones that are not ready, even if the count is old."""
    there = tuple(pod(f"speaker-{i}", f"w{i}", namespace=NAMESPACE) for i in range(pods))
    finding = judged(cluster(workloads=workloads(wanted=wanted, speaking=ready), pods=there))["speaker"]
    assert (outcome, severity) == (finding.outcome, finding.severity)


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
    finding = judged(cluster(metallb=(pool, advertisement)))["pools"]
    outcome, where = ("pass", ()) if announced else ("not-announced", (Pool("a"),))
    assert (outcome, where) == (finding.outcome, finding.where)
    assert ["a: 192.0.2.0/24"] == [words(line) for line in finding.evidence]


def test_each_pool_by_itself() -> None:
    """One pool that nothing announces is named; the others are announced."""
    pools = tuple(CustomObject(kind="IPAddressPool", metadata=Metadata(name=name)) for name in ("b", "a"))
    advertisement = CustomObject(kind="L2Advertisement", spec={"ipAddressPools": ["a"]})
    finding = judged(cluster(metallb=(*pools, advertisement)))["pools"]
    assert [(Pool("b"), "not-announced"), (Pool("a"), "pass")] == seen(finding)
    assert "No advertisement announces the pool b: its addresses are given but not reached." == words(finding.text)
    assert "b: no addresses" == words(finding.evidence[0])


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ({"key": "zone", "operator": "In", "values": ["x"]}, True),
        ({"key": "zone", "operator": "NotIn", "values": ["x"]}, False),
        ({"key": "zone", "operator": "Exists"}, True),
        ({"key": "zone", "operator": "DoesNotExist"}, False),
        ({"key": "other", "operator": "DoesNotExist"}, True),
        ({"key": "zone", "operator": "Resembles"}, False),
        ({"key": ["zone"], "operator": "Exists"}, False),
        ({"key": "zone", "operator": {}}, False),
        ({"key": "zone", "operator": "In", "values": 7}, False),
        ("nonsense", False),
    ],
)
def test_selectors(expression: Any, holds: bool) -> None:  # noqa: FBT001
    """The operators of the API; what is not known, or not an expression, selects nothing."""
    assert holds == selects({"matchExpressions": [expression]}, {"zone": "x"})


@pytest.mark.parametrize("selector", [{"matchLabels": "zone"}, {"matchExpressions": {"zone": "x"}}])
def test_selectors_of_another_shape(selector: dict[str, Any]) -> None:
    """What MetalLB's own validation would refuse selects nothing, and breaks nothing."""
    assert not selects(selector, {"zone": "x"})


@pytest.mark.parametrize(
    ("given", "pools", "outcome", "severity"),
    [
        (("192.0.2.10",), ANNOUNCED, "pass", Severity.OK),
        ((), ANNOUNCED, "waits", Severity.DEGRADED),
        ((), (), "no-pool", Severity.ADVICE),
    ],
)
def test_addresses(given: tuple[str, ...], pools: Any, outcome: str, severity: Severity) -> None:
    """A Service that waits for an address is degraded; while there is no pool it cannot have one, which is advice."""
    asks = balanced("web", *given)
    finding = judged(cluster(services=(asks,), metallb=pools, workloads=workloads()))["addresses"]
    assert (outcome, severity) == (finding.outcome, finding.severity)
    assert [(ServicePlace("shop", "web"), outcome)] == seen(finding)


STATUS = CustomObject(kind="ServiceL2Status", status={"node": "w1", "serviceName": "web", "serviceNamespace": "shop"})
OLDER = Gap(verb="list servicel2statuses.metallb.io", reason="not-installed")


@pytest.mark.parametrize(
    ("told", "gaps", "outcome"),
    [((STATUS,), (), "pass"), ((), (), "nobody"), ((), (OLDER,), "not-told")],
    ids=["told", "nobody", "older"],
)
def test_who_announces(told: Any, gaps: Any, outcome: str) -> None:
    """The speakers of newer versions tell which node does; of older ones nothing is concluded."""
    has = balanced("web", "192.0.2.10")
    world = cluster(services=(has,), metallb=(*ANNOUNCED, *told), gaps=gaps, workloads=workloads())
    finding = judged(world)["announced"]
    assert outcome == finding.outcome
    assert (
        {"pass": ["shop/web is announced by w1"], "not-told": []}.get(
            outcome, ["shop/web: no speaker says that it does, although some node may"]
        )
    ) == [words(text) for text in finding.evidence]


@pytest.mark.parametrize(
    ("spec", "given", "measures"),
    [
        ({"addresses": ["192.0.2.0/28"]}, ("192.0.2.3", "198.51.100.1"), {"free": 15.0, "assigned": 1.0}),
        ({"addresses": ["192.0.2.10-192.0.2.19", "2001:db8::/126"]}, ("2001:db8::1",), {"free": 13.0, "assigned": 1.0}),
        ({"addresses": ["2001:db8::/64"]}, (), {"free": 2.0**64, "assigned": 0.0}),
        ({"addresses": ["192.0.2.0/23"], "avoidBuggyIPs": True}, (), {"free": 508.0, "assigned": 0.0}),
        ({"addresses": ["192.0.2.1-192.0.2.254"], "avoidBuggyIPs": True}, (), {"free": 254.0, "assigned": 0.0}),
        ({"addresses": ["192.0.2.9-192.0.2.1"]}, (), {}),
        ({"addresses": ["blue"]}, (), {}),
        ({"addresses": ["192.0.2.0/28"]}, ("a.name.of.the.cloud",), {"free": 16.0, "assigned": 0.0}),
    ],
)
def test_a_pool_has_free_and_given_addresses(
    spec: dict[str, object], given: tuple[str, ...], measures: dict[str, float]
) -> None:
    """Of both protocols, without those that are avoided; of what cannot be read there is no number."""
    pool = CustomObject(kind="IPAddressPool", metadata=Metadata(name="a"), spec=spec)
    has = balanced("web", *given)
    assert [measures] == [s.measures for s in judged(cluster(services=(has,), metallb=(pool,)))["pools"].seen]


def test_the_addresses_of_a_pool_are_measured_where_services_can_be_read() -> None:
    """Without them nobody knows which are given."""
    told: dict[str, Any] = {"metallb": ANNOUNCED, "workloads": workloads()}
    unread = told | {"gaps": (Gap(verb="list services", reason="forbidden"),)}

    assert [{"free": 256.0, "assigned": 0.0}] == [s.measures for s in judged(cluster(**told))["pools"].seen]
    assert [{}] == [s.measures for s in judged(cluster(**unread))["pools"].seen]
