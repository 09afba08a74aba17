"""What CoreDNS is told, what its pods and counters tell, and look-ups as pods make them."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from checks.cluster.pods import Container, ContainerState, ContainerStatus, Terminated, Waiting
from checks.cluster.snapshot import Condition, EndpointConditions, Pod, Snapshot
from checks.dns import CHECK
from checks.dns.model import CACHE as CACHE_NAME
from checks.dns.model import Asked, Counted, Data, Parameters, Target
from checks.finding import Finding, Severity
from checks.kernel.resolver import Resolver
from checks.observation import Network, Observation
from checks.place import Node, Replica
from checks.probes.dns.counted import Pairs
from tests.checks import judged, objects
from tests.checks.dns.askers import CACHE, COREFILE, FORWARDING, cluster, lose, observe, server
from tests.checks.words import words

LOCAL_STUB = Resolver(nameservers=("127.0.0.53",))


def judge(snapshot: Snapshot, change: Callable[[Observation, Data], Data] = lambda _, data: data) -> dict[str, Finding]:
    """The findings where every agent told something else."""
    observations = []
    for observation in observe(snapshot):
        data = change(observation, msgspec.convert(observation.data, Data))
        observations.append(msgspec.structs.replace(observation, data=data))
    return judged.judged(CHECK, snapshot, observations)


def on_hosts(resolver: Resolver | None, *nodes: str) -> Callable[[Observation, Data], Data]:
    """Nodes whose own resolver is told something else; all of them when none is named."""
    return lambda o, data: (
        msgspec.structs.replace(data, resolver=resolver)
        if o.network is Network.HOST and (not nodes or o.node in nodes)
        else data
    )


@pytest.mark.parametrize(
    ("forward", "pods", "change", "outcome"),
    [
        ("", {}, None, "not-used"),
        ("/etc/resolv.conf", {}, None, "pass"),
        ("/etc/resolv.conf", {}, LOCAL_STUB, "itself"),
        ("/etc/resolv.conf", {"host_network": True}, LOCAL_STUB, "pass"),
        ("/etc/resolv.conf", {"dns_policy": "ClusterFirst"}, None, "itself"),
        ("/etc/resolv.conf", {"dns_policy": "None"}, LOCAL_STUB, ""),
        ("/etc/coredns/upstream.conf", {}, LOCAL_STUB, ""),
        ("192.0.2.1 tls://192.0.2.2", {}, LOCAL_STUB, "pass"),
        ("192.0.2.1 10.96.0.10", {}, None, "itself"),
        ("127.0.0.1:53", {}, None, "itself"),
        ("[::1]:53", {}, None, "itself"),
        ("::1", {}, None, "itself"),
        ("127.0.0.1:5353", {}, None, "pass"),
        ("tls://127.0.0.1", {}, None, "pass"),
    ],
)
def test_whether_coredns_asks_itself(forward: str, pods: dict[str, Any], change: Resolver | None, outcome: str) -> None:
    """By its Corefile, or by the resolv.conf that its pods are given."""
    corefile = COREFILE.replace("    errors", f"    forward . {forward}") if forward else COREFILE
    snapshot = msgspec.structs.replace(cluster(corefile=corefile), workloads=(server(**pods),))

    finding = judge(snapshot, on_hosts(change) if change else lambda _, data: data)["upstreams"]

    assert outcome == finding.outcome
    assert (Severity.FAILED if outcome == "itself" else finding.severity) == finding.severity


@pytest.mark.parametrize(("resolver", "outcome"), [(LOCAL_STUB, "asks-itself"), (None, "no-answer")])
def test_who_does_not_answer_for_other_names(resolver: Resolver | None, outcome: str) -> None:
    """Where CoreDNS asks itself, no upstream is to blame."""

    def silent(observation: Observation, data: Data) -> Data:
        asked = tuple(msgspec.structs.replace(a, external="timeout") for a in data.asked)
        told = msgspec.structs.replace(data, asked=asked)
        return on_hosts(resolver)(observation, told) if resolver else told

    assert outcome == judge(cluster(corefile=FORWARDING), silent)["external"].outcome


def test_a_stub_on_a_node_without_coredns_is_no_loop() -> None:
    """Nobody there inherits it."""
    assert "pass" == judge(cluster(corefile=FORWARDING), on_hosts(LOCAL_STUB, "cp"))["upstreams"].outcome
    finding = judge(cluster(corefile=FORWARDING), on_hosts(LOCAL_STUB, "w2"))["upstreams"]
    assert "CoreDNS asks itself for names outside the cluster: 127.0.0.53." == words(finding.text)
    assert "w2 /etc/resolv.conf: 127.0.0.53" in map(words, finding.evidence)


def test_what_the_corefile_catches_is_quoted() -> None:
    """A risk, until an answer is wrong."""
    corefile = COREFILE.replace("    errors", "    template ANY ANY cluster.local {\n rcode NXDOMAIN\n }")
    finding = judge(cluster(corefile=corefile))["corefile"]

    assert ("caught", Severity.DEGRADED) == (finding.outcome, finding.severity)
    assert "In the Corefile `template ANY ANY cluster.local` answers for names of the cluster." == words(finding.text)
    hides = COREFILE.replace("    errors", "    template IN AAAA . {\n rcode NXDOMAIN\n }")
    assert "hides-ipv6" == judge(cluster(corefile=hides))["corefile"].outcome


def own(rcode: str, zone: str = "cluster.local", *nodes: str) -> Callable[[Observation, Data], Data]:
    """What the ClusterIP says of the pods' own zone."""
    resolver = Resolver(search=(f"default.svc.{zone}", f"svc.{zone}", zone))
    return lambda o, data: (
        msgspec.structs.replace(data, resolver=resolver, own_rcode=rcode)
        if o.network is Network.POD and (not nodes or o.node in nodes)
        else data
    )


@pytest.mark.parametrize(
    ("rcode", "outcome"),
    [("NOERROR", "pass"), ("NXDOMAIN", "other"), ("REFUSED", "other"), ("SERVFAIL", ""), ("timeout", ""), ("", "")],
)
def test_the_zone_that_pods_search(rcode: str, outcome: str) -> None:
    """That a name is unknown tells of the zone; a failure and silence tell nothing about it."""
    finding = judge(cluster(), own(rcode, "corp.example"))["zone"]

    assert outcome == finding.outcome
    if outcome == "other":
        text = "Pods are told to search corp.example, and CoreDNS serves cluster.local."
        assert (Severity.FAILED, text) == (finding.severity, words(finding.text))


def test_a_domain_in_which_every_name_has_an_address() -> None:
    """It catches names outside the cluster, and is named; else it is said what a name costs."""
    finding = judge(cluster())["search"]
    assert ("pass", {"questions": 8.0}) == (finding.outcome, finding.seen[0].measures)

    def catches(observation: Observation, data: Data) -> Data:
        on_w1 = (observation.node, observation.network) == ("w1", Network.POD)
        return msgspec.structs.replace(data, wildcards=("corp.example",)) if on_w1 else data

    finding = judge(cluster(), catches)["search"]
    assert ("wildcard", Severity.DEGRADED) == (finding.outcome, finding.severity)


@pytest.mark.parametrize(
    ("one", "two", "outcome"),
    [
        (0, 0, "pass"),
        (1, 0, "pass"),
        (3, 0, "pass"),
        (5, 0, "loses"),
        (12, 11, "pass"),
        (20, 2, "loses"),
        (0, 9, "pass"),
    ],
)
def test_only_what_chance_does_not_make_is_a_race(one: int, two: int, outcome: str) -> None:
    """On each of three nodes 32 pairs of either sort."""
    pairs = Pairs(sent=32, one_lost=one, two_lost=two, answered=64 - one - two)
    finding = judge(cluster(), lambda _, data: msgspec.structs.replace(data, pairs=pairs if data.pairs else None))[
        "one-socket"
    ]

    assert (outcome, {"one": one / 32, "two": two / 32}) == (finding.outcome, finding.seen[0].measures)


@pytest.mark.parametrize(("address", "outcome"), [("10.96.0.1", "pass"), ("192.0.2.80", "other")])
def test_an_upstream_that_has_an_address_for_every_name_is_no_cluster(address: str, outcome: str) -> None:
    """What counts is the address of the API servers' Service, where that is known."""
    snapshot = msgspec.structs.replace(cluster(), services=(*cluster().services, objects.api_service()))

    def tells(observation: Observation, data: Data) -> Data:
        return msgspec.structs.replace(own("NOERROR", "corp.example")(observation, data), own_addresses=(address,))

    assert outcome == judge(snapshot, tells)["zone"].outcome


def test_a_zone_that_is_served_and_not_known() -> None:
    """Something answers before Kubernetes does: the zone is not at fault."""
    assert "no-such-name" == judge(cluster(), own("NXDOMAIN"))["zone"].outcome
    unread = msgspec.structs.replace(cluster(), config_maps=())
    assert "other" == judge(unread, own("NXDOMAIN"))["zone"].outcome


def changed(pod: Pod, *, ready: bool = False, phase: str = "Running", status: ContainerStatus | None = None) -> Pod:
    """A pod of CoreDNS in another state."""
    condition = Condition(type="Ready", status=str(ready))
    statuses = (status or ContainerStatus(),)
    return msgspec.structs.replace(
        pod,
        status=msgspec.structs.replace(pod.status, phase=phase, conditions=(condition,), container_statuses=statuses),
    )


def test_a_pod_on_a_node_that_is_not_ready() -> None:
    """The node is what is wrong; how the pod itself fares is not known."""
    snapshot = cluster()
    first, second = snapshot.pods
    finding = judge(objects.lose(msgspec.structs.replace(snapshot, pods=(changed(first), second)), "w1"))["replicas"]

    assert {Replica("coredns-w1", "w1"): "node-not-ready", Replica("coredns-w2", "w2"): "pass"} == {
        seen.place: seen.outcome for seen in finding.seen
    }


ENDED = ContainerState(terminated=Terminated(reason="Error", exit_code=1))


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"ready": True, "status": ContainerStatus(restart_count=90, last_state=ENDED)}, "pass"),
        ({}, "not-ready"),
        ({"phase": "Pending"}, "not-running"),
        (
            {"status": ContainerStatus(state=ContainerState(waiting=Waiting(reason="ImagePullBackOff")))},
            "not-running",
        ),
        ({"status": ContainerStatus(state=ContainerState(waiting=Waiting(reason="CrashLoopBackOff")))}, "crashing"),
        ({"status": ContainerStatus(state=ENDED)}, "crashing"),
        ({"status": ContainerStatus(restart_count=3, last_state=ENDED)}, "crashing"),
    ],
)
def test_how_a_pod_of_coredns_fares(change: dict[str, object], outcome: str) -> None:
    """Restarts of a pod that is ready prove nothing."""
    snapshot = cluster()
    first, second = snapshot.pods
    broken = msgspec.structs.replace(snapshot, pods=(changed(first, **change), second))  # type: ignore[arg-type]

    finding = judge(broken)["replicas"]

    assert outcome == finding.outcome
    assert {Replica("coredns-w1", "w1"): outcome, Replica("coredns-w2", "w2"): "pass"} == {
        seen.place: seen.outcome for seen in finding.seen
    }


def test_no_pod_at_all() -> None:
    """Where the Deployment is there; without it nobody knows what to look for."""
    none = msgspec.structs.replace(cluster(), pods=())

    assert "none" == judge(none)["replicas"].outcome
    assert "" == judge(msgspec.structs.replace(none, workloads=()))["replicas"].outcome


@pytest.mark.parametrize(
    ("counted", "outcome"),
    [
        (Counted(name="coredns-w2", read=True, rcodes={"NOERROR": 97, "SERVFAIL": 3}), "pass"),
        (Counted(name="coredns-w2", read=True, rcodes={"NOERROR": 96, "SERVFAIL": 4}), "server-failures"),
        (Counted(name="coredns-w2", read=True, rcodes={"SERVFAIL": 4}), "pass"),
        (Counted(name="coredns-w2", read=True, rises={"coredns_proxy_healthcheck_failures_total": 1}), "upstream"),
        (Counted(name="coredns-w2", read=True, rises={"coredns_panics_total": 1}), "panics"),
        (Counted(name="coredns-w2", detail="timeout"), ""),
    ],
)
def test_what_replicas_count_of_themselves(counted: Counted, outcome: str) -> None:
    """A share of many answers, or anything that never rises; what could not be read is unknown."""
    finding = judge(
        cluster(), lambda o, data: msgspec.structs.replace(data, counted=(counted,) if o.node == "w2" else ())
    )["counters"]

    assert outcome == finding.outcome


def test_only_the_pod_agent_beside_a_replica_reads_its_counters() -> None:
    """On the port that the slice names."""
    asked = {
        (task.network, task.node, target.name): target.metrics_port
        for task in CHECK.plan(cluster(), Parameters())
        for target in task.request.targets
    }
    assert {(Network.POD, "w1", "coredns-w1"): 9153, (Network.POD, "w2", "coredns-w2"): 9153} == {
        key: port for key, port in asked.items() if port
    }


def cached(*localip: str) -> Snapshot:
    """A cluster with a cache on two of its nodes."""
    container = Container(image="registry.k8s.io/dns/k8s-dns-node-cache:1.25.0", args=localip)
    labels = {"k8s-app": "node-local-dns"}
    pods = [objects.pod(f"cache-{node}", node, labels=labels) for node in ("w1", "w2")]
    pods = [msgspec.structs.replace(p, spec=msgspec.structs.replace(p.spec, containers=(container,))) for p in pods]
    return msgspec.structs.replace(cluster(), pods=(*cluster().pods, *pods))


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (("-localip", f"{CACHE},10.96.0.10"), CACHE),
        ((f"-localip=10.96.0.10,{CACHE}",), CACHE),
        (("-localip", "fd00:10::a", "-conf", "/etc/Corefile"), "fd00:10::a"),
        (("-localip", "10.96.0.10"), ""),
        (("-localip", "node"), ""),
        ((), ""),
    ],
)
def test_caches_are_asked_where_they_listen(arguments: tuple[str, ...], address: str) -> None:
    """By both agents of their own node, on their own address: the ClusterIP is asked anyway."""
    asked = {
        (task.network, task.node, target.address)
        for task in CHECK.plan(cached(*arguments), Parameters())
        for target in task.request.targets
        if target.name == CACHE_NAME
    }
    assert {(network, node, address) for network in CHECK.networks for node in ("w1", "w2") if address} == asked


def test_a_cache_that_does_not_answer_is_named_by_its_node() -> None:
    """And accuses neither the replicas nor the paths to them."""

    def silent(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        return lose(asked, 1.0) if (node, target.name) == ("w1", CACHE_NAME) else asked

    snapshot = cached("-localip", CACHE)
    found = judged.judged(CHECK, snapshot, observe(snapshot, silent))

    assert {Node("w1"): "unanswered", Node("w2"): "pass"} == {s.place: s.outcome for s in found["node-cache"].seen}
    assert {"node-cache"} == {code for code, finding in found.items() if finding.where}


@pytest.mark.parametrize(("replier", "outcome"), [("10.244.0.3", "other"), ("10.96.0.10", "pass"), ("", "pass")])
def test_replies_from_somebody_else(replier: str, outcome: str) -> None:
    """Named by the node on which they skip the translation back; where none came nobody can tell."""

    def replies(node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        at = (node, target.address) == ("w1", "10.96.0.10")
        return msgspec.structs.replace(lose(asked, 1.0), replier=replier) if at else asked

    finding = judged.judged(CHECK, cluster(), observe(cluster(), replies))["reply-source"]

    assert (outcome, (Node("w1"),) if outcome == "other" else ()) == (finding.outcome, finding.where)


def unready(rcode: str) -> tuple[Snapshot, list[Observation]]:
    """A cluster of which no replica is ready, and what they answer all the same."""
    snapshot = cluster()
    (piece,) = snapshot.endpoint_slices
    ends = tuple(msgspec.structs.replace(e, conditions=EndpointConditions(ready=False)) for e in piece.endpoints or ())
    snapshot = msgspec.structs.replace(snapshot, endpoint_slices=(msgspec.structs.replace(piece, endpoints=ends),))

    def answer(_node: str, _network: Network, _target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, rcodes={rcode: 42}, nx_rcodes={rcode: 6}, addresses=())

    return snapshot, observe(snapshot, answer)


@pytest.mark.parametrize(
    ("rcode", "outcome"), [("SERVFAIL", "server-failure"), ("NXDOMAIN", "no-such-name"), ("REFUSED", "refused")]
)
def test_replicas_that_are_not_ready_say_why(rcode: str, outcome: str) -> None:
    """They are asked where nobody else is; whether they are reached is not judged."""
    found = judged.judged(CHECK, *unready(rcode))

    assert ("none-ready", outcome, Severity.FAILED) == (
        found["replica-local"].outcome,
        found["answers"].outcome,
        found["answers"].severity,
    )
    assert "" == found["replica-remote"].outcome == found["replica-loss"].outcome
    assert {Replica("coredns-w1", "w1"), Replica("coredns-w2", "w2")} == set(found["answers"].where)


def test_an_answer_that_changed_just_then_is_no_difference() -> None:
    """One asker got another address; what a replica gives again and again counts."""

    def once(node: str, network: Network, target: Target, asked: Asked) -> Asked:
        at = (node, network, target.name) == ("w1", Network.POD, "coredns-w2")
        return msgspec.structs.replace(asked, addresses=("10.96.0.7",)) if at else asked

    assert "pass" == judged.judged(CHECK, cluster(), observe(cluster(), once))["answers"].outcome


def test_an_address_for_a_name_that_nobody_has() -> None:
    """A template that answers for all."""

    def wildcard(_node: str, _network: Network, target: Target, asked: Asked) -> Asked:
        answered = {"NOERROR": sum(asked.nx_rcodes.values())}
        return msgspec.structs.replace(asked, nx_rcodes=answered) if target.name == "coredns-w2" else asked

    finding = judged.judged(CHECK, cluster(), observe(cluster(), wildcard))["answers"]

    assert ("invented", Severity.DEGRADED, (Replica("coredns-w2", "w2"),)) == (
        finding.outcome,
        finding.severity,
        finding.where,
    )
