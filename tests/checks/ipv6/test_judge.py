"""What configuration and probes over IPv6 mean."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Metadata, Service, ServiceSpec, Snapshot
from checks.finding import Finding, Severity
from checks.ipv6.judge import FINDINGS, judge
from checks.ipv6.model import Address, Data, Parameters, Probe, Target
from checks.ipv6.plan import plan
from checks.observation import Network, Observation, State
from checks.probes.outcome import Result
from tests.checks.objects import cluster, endpoint, endpoint_slice, node, pod

NODES = ("cp", "w1", "w2")
AGENT = {"app.kubernetes.io/component": "agent-pod"}


def dual_stack(*, families: tuple[str, ...] = ("IPv4", "IPv6"), **changes: Any) -> Snapshot:
    """Three nodes with both families; CoreDNS, of one or both, on w1."""
    dns = Service(
        metadata=Metadata(name="kube-dns", namespace="kube-system"),
        spec=ServiceSpec(cluster_ip="10.96.0.10", ip_families=families),
    )
    slices = [endpoint_slice("kube-dns", endpoint("10.244.1.2", "w1", "dns"), namespace="kube-system", port=53)]
    if "IPv6" in families:
        sixth = endpoint("fd00:10:244:1::2", "w1", "dns")
        slices.append(endpoint_slice("kube-dns", sixth, namespace="kube-system", port=53, family="IPv6"))
    snapshot = cluster(
        nodes=tuple(
            node(name, f"172.30.0.1{i}", f"fd00:30::1{i}", pod_cidrs=(f"10.244.{i}.0/24", f"fd00:10:244:{i}::/64"))
            for i, name in enumerate(NODES)
        ),
        pods=tuple(
            pod(f"agent-{i}", name, f"10.244.{i}.9", f"fd00:10:244:{i}::9", namespace="netcheck", labels=AGENT)
            for i, name in enumerate(NODES)
        ),
        services=(dns,),
        endpoint_slices=tuple(slices),
    )
    return msgspec.structs.replace(snapshot, **changes)


def seen(name: str, network: Network = Network.HOST, **data: Any) -> Observation:
    """What one agent saw: all well, but for the changes."""
    well = {"addresses": (Address(interface="eth0", address="fd00:30::11"),), "default_routes": ("eth0",)}
    return Observation(check="ipv6", network=network, node=name, data=Data(**(well | data)))


def probe(target: Target = Target.POD, result: Result = Result.OK, name: str = "w2", protocol: str = "tcp") -> Probe:
    """One probe."""
    return Probe(target=target, name=name, protocol=protocol, result=result)


def findings(snapshot: Snapshot, *observations: Observation) -> dict[str, Finding]:
    """The findings by code: all of them, each once."""
    found = judge(snapshot, Parameters(), observations)
    assert sorted(FINDINGS) == sorted(f.code for f in found)
    return {f.code.removeprefix("ipv6."): f for f in found}


def signs(found: dict[str, Finding]) -> dict[str, str | None]:
    """The outcomes by code."""
    return {code: finding.sign for code, finding in found.items()}


def test_not_used() -> None:
    """On a cluster of IPv4 alone only duplicate addresses are looked for; the rest is not used, which is well."""
    found = findings(cluster(), seen("w1"))
    assert ("cp: not seen", "w2: not seen") == found["dad"].evidence
    unused = dict.fromkeys(("in-use", "default-route", "reach", "dns"), "not-used")
    assert unused | {"dad": "pass"} == signs(found)
    assert {Severity.OK} == {finding.severity for finding in found.values()}


def test_all_well() -> None:
    """On a dual-stack cluster every code is answered."""
    probes = (probe(), probe(Target.NODE), probe(Target.DNS))
    found = findings(dual_stack(), *(seen(name, probes=probes) for name in NODES))
    assert {
        "in-use": "dual-stack",
        "dad": "pass",
        "default-route": "pass",
        "reach": "pass",
        "dns": "pass",
    } == signs(found)


def test_nothing_seen() -> None:
    """Without observations, or without a snapshot, nothing is concluded."""
    lost = Observation(check="ipv6", network=Network.HOST, node="w1", state=State.NO_ANSWER)
    unknown = dict.fromkeys(("dad", "default-route", "reach", "dns"))
    for observations in ((), (lost,)):
        assert unknown | {"in-use": "dual-stack"} == signs(findings(dual_stack(), *observations))
    assert dict.fromkeys(("in-use", *unknown)) == signs(findings(Snapshot()))


def test_families() -> None:
    """The families are those of pods and Services; where nodes lack a pod network, they are named."""
    only = dual_stack(
        nodes=(node("w1", "fd00:30::11", pod_cidrs=("fd00:10:244:1::/64",)),), services=(), endpoint_slices=()
    )
    assert "ipv6-only" == findings(only)["in-use"].sign
    nodes = dual_stack().nodes
    lacking = msgspec.structs.replace(nodes[2], spec=msgspec.structs.replace(nodes[2].spec, pod_cidrs=("10.9.0.0/24",)))
    finding = findings(dual_stack(nodes=(*nodes[:2], lacking)))["in-use"]
    assert (Severity.DEGRADED, "dual-stack", ("w2",)) == (finding.severity, finding.sign, finding.where)
    services_alone = cluster(services=dual_stack().services)
    assert (Severity.OK, "dual-stack") == (
        (finding := findings(services_alone)["in-use"]).severity,
        finding.sign,
    )
    own_ipam = cluster(nodes=(node("w1", "172.30.0.11"),), pods=(pod("a", "w1", "10.0.0.1", "fd00::1"),))
    assert "dual-stack" == findings(own_ipam)["in-use"].sign
    on_nodes_alone = cluster(nodes=(node("w1", "172.30.0.11", "fd00:30::11", pod_cidrs=("10.244.1.0/24",)),))
    assert "not-used" == findings(on_nodes_alone)["in-use"].sign


@pytest.mark.parametrize(
    ("address", "severity"),
    [
        (Address(interface="eth0", address="fd00::1", duplicate=True), Severity.FAILED),
        (Address(interface="eth0", address="fe80::1", duplicate=True), Severity.FAILED),
        (Address(interface="eth0", address="fd00::1", tentative=True), Severity.DEGRADED),
        (Address(interface="veth7", address="fe80::1", tentative=True), Severity.OK),
    ],
)
def test_dad(address: Address, severity: Severity) -> None:
    """A duplicate has failed; one that stays tentative is degraded, but for pods' interfaces, which come and go."""
    finding = findings(cluster(), seen("w1"), seen("w2", addresses=(address,)))["dad"]
    assert severity == finding.severity
    if severity is not Severity.OK:
        assert (("w2",), True) == (finding.where, address.address in finding.evidence[0])


def test_default_route() -> None:
    """Missing on some nodes is degraded; missing on all is how a closed network is made."""
    some = findings(dual_stack(), seen("cp"), seen("w1", default_routes=(), ignores_advertisements=("eth0",)))
    assert (Severity.DEGRADED, ("w1",)) == (some["default-route"].severity, some["default-route"].where)
    assert any("ignores router advertisements on eth0" in line for line in some["default-route"].evidence)
    none = findings(dual_stack(), *(seen(name, default_routes=()) for name in NODES))["default-route"]
    assert (Severity.ADVICE, "none") == (none.severity, none.sign)
    one_of_three = findings(dual_stack(), seen("w1", default_routes=()))["default-route"]
    assert Severity.DEGRADED == one_of_three.severity
    routed = findings(dual_stack(), seen("w1", ignores_advertisements=("eth0",)))["default-route"]
    assert ("w1: eth0",) == routed.evidence


@pytest.mark.parametrize(
    ("target", "result", "code", "sign"),
    [
        (Target.POD, Result.TIMEOUT, "reach", "fail"),
        (Target.NODE, Result.UNREACHABLE, "reach", "fail"),
        (Target.NODE, Result.REFUSED, "reach", "pass"),
        (Target.POD, Result.ERROR, "reach", None),
        (Target.DNS, Result.TIMEOUT, "dns", "fail"),
        (Target.DNS, Result.REFUSED, "dns", "fail"),
        (Target.DNS, Result.OK, "dns", "pass"),
    ],
)
def test_probes(target: Target, result: Result, code: str, sign: str | None) -> None:
    """What got lost speaks against the path; a refusal came back over it; what was not measured says nothing."""
    finding = findings(dual_stack(), seen("w1", probes=(probe(target, result),)))[code]
    assert (sign, "I" if code == "reach" else "") == (finding.sign, finding.probe)
    if sign == "fail":
        assert (("w1->w2",), "0 of 1 probes answered") == (finding.where, finding.evidence[0])


def test_coredns_of_one_family() -> None:
    """A Service for IPv4 alone is not asked over IPv6."""
    assert "not-used" == findings(dual_stack(families=("IPv4",)), seen("w1"))["dns"].sign


def test_plan() -> None:
    """Without IPv6 each node only tells its configuration; with it peers and CoreDNS are probed from both networks."""
    assert [(name, Network.HOST, ()) for name in NODES] == [
        (task.node, task.network, task.request.aims) for task in plan(cluster(), Parameters())
    ]
    planned = {(t.node, t.network): t.request.aims for t in plan(dual_stack(), Parameters())}
    assert {(name, network) for name in NODES for network in (Network.HOST, Network.POD)} == planned.keys()
    assert [
        (Target.NODE, "w2", "fd00:30::12", 9708),
        (Target.NODE, "cp", "fd00:30::10", 9708),
        (Target.DNS, "dns", "fd00:10:244:1::2", 53),
    ] == [(a.target, a.name, a.address, a.port) for a in planned["w1", Network.HOST]]
    assert [("w2", "fd00:10:244:2::9", 9707), ("cp", "fd00:10:244:0::9", 9707)] == [
        (a.name, a.address, a.port) for a in planned["w1", Network.POD] if a.target is Target.POD
    ]
