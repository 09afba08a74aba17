"""What configuration and probes over IPv6 mean."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Gap, Metadata, Service, ServiceSpec, Snapshot
from checks.finding import UNSEEN, Finding, Severity
from checks.ipv6 import CHECK
from checks.ipv6.model import Address, Data, Parameters, Probe, Target
from checks.ipv6.plan import plan
from checks.observation import Network, Observation, State
from checks.place import Cluster, Node, Pair, Place, ReplicaPath
from checks.probes.outcome import Result
from tests.checks.judged import judged, outcomes
from tests.checks.objects import cluster, endpoint, endpoint_slice, node, pod
from tests.checks.words import words

NODES = ("cp", "w1", "w2")
WHERE_USED = (
    "in-use",
    "pod-networks",
    "service-families",
    "default-route",
    "advertisements",
    "host-reach",
    "reach",
    "dns",
    "steady",
)
"""The codes that say `not-used` where the cluster has no IPv6."""
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
        slices.append(endpoint_slice("kube-dns", sixth, namespace="kube-system", port=53))
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


def silent(name: str, network: Network = Network.HOST) -> Observation:
    """An agent that did not answer."""
    return Observation(check="ipv6", network=network, node=name, state=State.NO_ANSWER)


def findings(snapshot: Snapshot, *observations: Observation) -> dict[str, Finding]:
    """The findings of the check."""
    return judged(CHECK, snapshot, observations)


def places(finding: Finding) -> dict[Place, str]:
    """The outcome at each place; no place is there twice."""
    assert len(finding.seen) == len({seen.place for seen in finding.seen})
    return {seen.place: seen.outcome for seen in finding.seen}


def evidence(finding: Finding) -> list[str]:
    """Its lines in words."""
    return [words(line) for line in finding.evidence]


def test_not_used() -> None:
    """On a cluster of IPv4 alone only duplicate addresses are looked for; the rest is not used, and it is said once."""
    found = findings(cluster(), silent("cp"), seen("w1"), silent("w2"))

    unused = dict.fromkeys(WHERE_USED, "not-used")
    assert unused | {"dad": "pass"} == outcomes(found)
    assert {Severity.OK} == {finding.severity for finding in found.values()}
    assert {Cluster(): "not-used"} == places(found["in-use"])
    assert {Node("w1"): "pass", Node("cp"): UNSEEN, Node("w2"): UNSEEN} == places(found["dad"])
    assert [f"not measured from {name} (host): no-answer" for name in ("cp", "w2")] == evidence(found["dad"])
    sentences = [words(finding.text) for finding in found.values()]
    assert 1 == sum("The cluster does not use IPv6." in sentence for sentence in sentences)


def test_all_well() -> None:
    """On a dual-stack cluster every code is answered, at each place."""
    probes = tuple(
        Probe(target=target, name="w2", protocol=protocol, result=Result.OK, rtt_s=rtt_s)
        for target, protocol, rtt_s in ((Target.POD, "tcp", 0.001), (Target.NODE, "udp", 0.003))
    )
    asked = probe(Target.DNS, name="dns")
    found = findings(dual_stack(), *(seen(name, probes=(*probes, asked)) for name in NODES))

    passing = dict.fromkeys((*WHERE_USED, "dad"), "pass")
    assert passing | {"in-use": "dual-stack", "steady": "not-used"} == outcomes(found)
    every = {Node(name): "pass" for name in NODES}
    assert every == places(found["pod-networks"]) == places(found["dad"]) == places(found["default-route"])
    assert {Pair(name, "w2"): "pass" for name in NODES} == places(found["reach"]) == places(found["host-reach"])
    assert [{"sent": 1, "lost": 0, "rtt_s": 0.001}] * 3 == [s.measures for s in found["reach"].seen]
    assert [{"sent": 1, "lost": 0, "rtt_s": 0.003}] * 3 == [s.measures for s in found["host-reach"].seen]
    assert {ReplicaPath(name, "dns", "w1"): "pass" for name in NODES} == places(found["dns"])
    assert {"dual-stack"} == set(places(found["in-use"]).values())
    assert "3 of 3 nodes have an IPv6 InternalIP" in evidence(found["in-use"])


def test_nothing_seen() -> None:
    """Without observations, or without a snapshot, nothing is concluded."""
    unknown = dict.fromkeys(("dad", "default-route", "advertisements", "host-reach", "reach", "dns"), "")
    read = {"pod-networks": "pass", "service-families": "pass"}
    for observations in ((), (silent("w1"),)):
        found = findings(dual_stack(), *observations)
        assert unknown | read | {"in-use": "dual-stack", "steady": "not-used"} == outcomes(found)
        assert {Severity.UNKNOWN} == {found[code].severity for code in unknown}
    nothing = findings(Snapshot())
    assert dict.fromkeys(("in-use", *read, *unknown, "steady"), "") == outcomes(nothing)
    assert {Severity.UNKNOWN} == {finding.severity for finding in nothing.values()}


def test_places_of_silent_nodes_are_listed_as_unseen() -> None:
    """What w1 should have told and probed is there, and is neither well nor unwell."""
    probes = (probe(), probe(Target.DNS, name="dns"))
    found = findings(dual_stack(), seen("cp", probes=probes), silent("w1"), silent("w1", Network.POD))

    assert {Node("cp"): "pass", Node("w1"): UNSEEN} == places(found["dad"]) == places(found["default-route"])
    to = dict.fromkeys((Pair("w1", "cp"), Pair("w1", "w2")), UNSEEN)
    assert {Pair("cp", "w2"): "pass"} | to == places(found["reach"])
    assert {ReplicaPath("cp", "dns", "w1"): "pass", ReplicaPath("w1", "dns", "w1"): UNSEEN} == places(found["dns"])


def test_unreadable_objects_are_named() -> None:
    """With the verb that is missing."""
    gap = Gap(verb="list nodes", reason="forbidden")
    found = findings(Snapshot(gaps=(gap,)))["in-use"]

    assert (Severity.UNKNOWN, ["cannot list nodes: forbidden"]) == (found.severity, evidence(found))


def test_families() -> None:
    """The families are those of pods and Services, whatever the nodes have."""
    only = dual_stack(
        nodes=(node("w1", "fd00:30::11", pod_cidrs=("fd00:10:244:1::/64",)),), services=(), endpoint_slices=()
    )
    assert "ipv6-only" == findings(only)["in-use"].outcome
    services_alone = findings(cluster(services=dual_stack().services))
    assert ("dual-stack", "not-used") == (services_alone["in-use"].outcome, services_alone["pod-networks"].outcome)
    own_ipam = cluster(nodes=(node("w1", "172.30.0.11"),), pods=(pod("a", "w1", "10.0.0.1", "fd00::1"),))
    assert "dual-stack" == findings(own_ipam)["in-use"].outcome
    on_nodes_alone = cluster(nodes=(node("w1", "172.30.0.11", "fd00:30::11", pod_cidrs=("10.244.1.0/24",)),))
    assert "not-used" == findings(on_nodes_alone)["in-use"].outcome


def test_nodes_without_a_pod_network_of_ipv6_are_named() -> None:
    """Where others have one."""
    nodes = dual_stack().nodes
    lacking = msgspec.structs.replace(nodes[2], spec=msgspec.structs.replace(nodes[2].spec, pod_cidrs=("10.9.0.0/24",)))
    found = findings(dual_stack(nodes=(*nodes[:2], lacking)))

    assert ("dual-stack", Severity.OK) == (found["in-use"].outcome, found["in-use"].severity)
    assert Severity.DEGRADED is found["pod-networks"].severity
    assert {Node("w2"): "missing", Node("cp"): "pass", Node("w1"): "pass"} == places(found["pod-networks"])
    assert "w2 has no IPv6 network for its pods, although others do." == words(found["pod-networks"].text)


def test_pod_networks_that_the_cni_keeps_are_read_from_pods() -> None:
    """A node of which no pod is seen is left open; pods in the host's network say nothing."""
    pods = (pod("a", "cp", "10.0.0.1", "fd00::1"), pod("b", "w1", "10.0.1.1"), pod("c", "w2", "fd00:30::12"))
    host = msgspec.structs.replace(pods[2], spec=msgspec.structs.replace(pods[2].spec, host_network=True))
    nodes = tuple(node(name, f"172.30.0.1{i}") for i, name in enumerate(NODES))
    found = findings(dual_stack(nodes=nodes, pods=(*pods[:2], host)))

    assert {Node("w1"): "missing", Node("cp"): "pass", Node("w2"): UNSEEN} == places(found["pod-networks"])


@pytest.mark.parametrize(
    ("address", "severity", "outcome"),
    [
        (Address(interface="eth0", address="fd00::1", duplicate=True), Severity.FAILED, "duplicate"),
        (Address(interface="eth0", address="fe80::1", duplicate=True), Severity.FAILED, "duplicate"),
        (Address(interface="eth0", address="fd00::1", tentative=True), Severity.DEGRADED, "tentative"),
        (Address(interface="veth7", address="fe80::1", tentative=True), Severity.OK, "pass"),
    ],
)
def test_dad(address: Address, severity: Severity, outcome: str) -> None:
    """A duplicate has failed; one that stays tentative is degraded, but for pods' interfaces, which come and go."""
    finding = findings(cluster(), seen("w1"), seen("w2", addresses=(address,)))["dad"]

    assert severity is finding.severity
    assert {Node("w1"): "pass", Node("w2"): outcome} == places(finding)
    assert ([] if outcome == "pass" else [f"w2: eth0 {address.address} {outcome}"]) == evidence(finding)


def test_a_duplicate_weighs_more_than_a_tentative_address() -> None:
    """Each node is named by its worse one."""
    both = (
        Address(interface="eth0", address="fd00::1", tentative=True),
        Address(interface="eth0", address="fd00::2", duplicate=True),
    )
    finding = findings(cluster(), seen("w1", addresses=both[:1]), seen("w2", addresses=both))["dad"]

    assert {Node("w2"): "duplicate", Node("w1"): "tentative"} == places(finding)
    assert "Duplicate IPv6 addresses on w2: the kernel does not use them." == words(finding.text)


def test_default_route() -> None:
    """Missing on some nodes is degraded; missing on all is how a closed network is made."""
    some = findings(dual_stack(), seen("cp"), seen("w1", default_routes=(), ignores_advertisements=("eth0",)))
    assert Severity.DEGRADED is some["default-route"].severity
    assert {Node("w1"): "missing", Node("cp"): "pass"} == places(some["default-route"])
    assert any("ignores router advertisements on eth0" in line for line in evidence(some["default-route"]))
    none = findings(dual_stack(), *(seen(name, default_routes=()) for name in NODES))["default-route"]
    assert (Severity.ADVICE, {Node(name): "none" for name in NODES}) == (none.severity, places(none))
    one_of_three = findings(dual_stack(), seen("w1", default_routes=()))["default-route"]
    assert (Severity.DEGRADED, "missing") == (one_of_three.severity, one_of_three.outcome)
    assert "w1 has no IPv6 default route; other nodes were not seen." == words(one_of_three.text)
    routed = findings(dual_stack(), seen("w1", ignores_advertisements=("eth0",)))["default-route"]
    assert ["w1: default route through eth0"] == evidence(routed)
    disabled = findings(dual_stack(), seen("w1", disabled=("eth1",)))["default-route"]
    assert "w1: IPv6 is switched off on eth1" in evidence(disabled)


@pytest.mark.parametrize(
    ("target", "result", "rtt_s", "outcome"),
    [
        (Target.POD, Result.TIMEOUT, 0.0, "lost"),
        (Target.POD, Result.WRONG_ANSWER, 0.0, "lost"),
        (Target.NODE, Result.UNREACHABLE, 1.2, "lost"),
        (Target.NODE, Result.UNREACHABLE, 0.001, "rejected"),
        (Target.POD, Result.BLOCKED, 0.0, "rejected"),
        (Target.POD, Result.REFUSED, 0.001, "rejected"),
        (Target.NODE, Result.REFUSED, 0.001, "pass"),
        (Target.POD, Result.ERROR, 0.0, ""),
        (Target.POD, Result.OK, 0.001, "pass"),
    ],
)
def test_reach(target: Target, result: Result, rtt_s: float, outcome: str) -> None:
    """Silence is lost, an answer at once in the peer's place is a rejection; what was not measured says nothing.

    A pod is aimed at when its agent is ready to answer; on a node perhaps no agent listens, so a refusal is an answer.
    """
    one = Probe(target=target, name="w2", protocol="tcp", result=result, rtt_s=rtt_s)
    code, other = ("host-reach", "reach") if target is Target.NODE else ("reach", "host-reach")
    found = findings(dual_stack(), seen("w1", probes=(one,)))
    finding = found[code]

    assert (outcome, "") == (finding.outcome, found[other].outcome)
    assert {Pair("w1", "w2"): outcome or UNSEEN} == places(finding)
    if outcome in ("lost", "rejected"):
        assert (Severity.FAILED, {"sent": 1, "lost": 1}) == (finding.severity, finding.seen[0].measures)
        assert ["0 of 1 probes answered", f"w1 (host) → {target} w2 tcp: {result}"] == evidence(finding)


def test_the_worst_probe_stands_for_a_pair() -> None:
    """Silence weighs more than a rejection, which weighs more than an answer; the numbers are of all of them."""
    probes = (probe(), probe(result=Result.REFUSED), probe(result=Result.TIMEOUT), probe(result=Result.ERROR))
    finding = findings(dual_stack(), seen("w1", probes=probes, rises={"Ip6OutNoRoutes": 3}))["reach"]

    assert {Pair("w1", "w2"): "lost"} == places(finding)
    assert {"sent": 3, "lost": 2, "rtt_s": 0.0} == finding.seen[0].measures
    assert "Over IPv6 pods do not reach each other on 1 of 1 pairs of nodes: w1 → w2." == words(finding.text)
    assert "w1 (host): Ip6OutNoRoutes +3" in evidence(finding)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (Result.TIMEOUT, "unanswered"),
        (Result.REFUSED, "unanswered"),
        (Result.CLOSED, "unanswered"),
        (Result.ERROR, ""),
        (Result.OK, "pass"),
    ],
)
def test_coredns_over_ipv6(result: Result, outcome: str) -> None:
    """CoreDNS should not refuse either; one transport of two is not enough."""
    probes = (probe(Target.DNS, result, "dns", "udp"), probe(Target.DNS, result, "dns", "tcp"))
    finding = findings(dual_stack(), seen("w1", probes=probes))["dns"]

    assert (outcome, {ReplicaPath("w1", "dns", "w1"): outcome or UNSEEN}) == (finding.outcome, places(finding))
    half = findings(dual_stack(), seen("w1", probes=(probes[0], probe(Target.DNS, name="dns"))))["dns"]
    assert (outcome or "pass") == half.outcome


def test_a_probers_own_words_are_shown() -> None:
    """How far it came."""
    one = Probe(target=Target.POD, name="w2", protocol="tcp", result=Result.TIMEOUT, detail="connected, but late")
    finding = findings(dual_stack(), seen("w1", Network.POD, probes=(one,)))["reach"]

    assert "w1 (pod) → pod w2 tcp: timeout: connected, but late" in evidence(finding)


def test_coredns_of_one_family() -> None:
    """A Service for IPv4 alone is not asked over IPv6."""
    finding = findings(dual_stack(families=("IPv4",)), seen("w1"))["dns"]

    assert ("not-used", Severity.OK) == (finding.outcome, finding.severity)


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


LEASED = Address(interface="eth0", address="fd00:30::11", leased=True)
IGNORING = {"addresses": (LEASED,), "ignores_advertisements": ("eth0",)}


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (IGNORING | {"default_routes": ()}, "ignored"),
        (IGNORING | {"default_routes": (), "addresses": (Address(interface="eth0", address="fd00:30::11"),)}, "pass"),
        (IGNORING | {"default_routes": (), "addresses": (msgspec.structs.replace(LEASED, interface="eth1"),)}, "pass"),
        (IGNORING | {"default_routes": (), "addresses": (msgspec.structs.replace(LEASED, address="fe80::1"),)}, "pass"),
        ({"addresses": (LEASED,), "default_routes": ()}, "pass"),
        (IGNORING | {"default_routes": ("eth0",), "learned_routes": ("eth0",)}, "ends"),
        (IGNORING | {"default_routes": ("eth0",)}, "pass"),
        (IGNORING | {"default_routes": ("eth0", "eth1"), "learned_routes": ("eth0",)}, "pass"),
    ],
    ids=["gone", "by-hand", "other-interface", "link-local", "accepts", "ends", "given", "another"],
)
def test_a_node_that_forwards_and_ignores_its_router(told: dict[str, Any], outcome: str) -> None:
    """An address with a lifetime tells that there is a router: without one, a missing route is nobody's fault."""
    finding = findings(dual_stack(), seen("w1", **told), silent("w2"))["advertisements"]

    assert {Node("w1"): outcome, Node("w2"): UNSEEN} == places(finding)
    if outcome == "ignored":
        text = "w1 has no IPv6 default route: it forwards, and so ignores its router (accept_ra is 1, not 2)."
        assert (Severity.FAILED, text) == (finding.severity, words(finding.text))


def test_services_of_a_family_that_no_pod_has() -> None:
    """Their addresses answer nobody."""
    four = tuple(node(name, f"172.30.0.1{i}", pod_cidrs=(f"10.244.{i}.0/24",)) for i, name in enumerate(NODES))
    finding = findings(dual_stack(nodes=four, pods=()), seen("w1"))["service-families"]

    assert ("without-pods", Severity.DEGRADED) == (finding.outcome, finding.severity)
    assert "Services have addresses of IPv6, and pods have none: nothing answers there." == words(finding.text)


def test_nodes_without_ipv6_addresses_need_not_reach_each_other() -> None:
    """Pods of both families may be tunnelled over IPv4."""
    four = tuple(
        node(name, f"172.30.0.1{i}", pod_cidrs=(f"10.244.{i}.0/24", f"fd00:10:244:{i}::/64"))
        for i, name in enumerate(NODES)
    )
    assert "not-used" == findings(dual_stack(nodes=four), seen("w1"))["host-reach"].outcome
