"""Who may announce an address and who does, as MetalLB's speakers decide (speaker/{layer2,bgp}_controller.go)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import (
    Condition,
    Container,
    CustomObject,
    Endpoint,
    EndpointConditions,
    Gap,
    Node,
    PodSpec,
    PodTemplate,
    Service,
    Snapshot,
    WorkloadSpec,
)
from checks.diagnosis import diagnose
from checks.finding import Severity
from checks.judgement import judge_run
from checks.metallb.announcers import EXCLUDED_LABEL
from checks.metallb.model import Announced, Data, Metrics
from checks.observation import Task
from tests.checks import objects
from tests.checks.diagnosis.worlds import snapshot as whole
from tests.checks.metallb.objects import announced, balanced, item, judged, peer, pool, seen, told
from tests.checks.metallb.sound import OPEN, sound
from tests.checks.objects import cluster
from tests.checks.words import words

L2 = item("L2Advertisement", "l2")
BGP = item("BGPAdvertisement", "bgp")
WEB = balanced("web", "192.0.2.10")
ON_W1 = objects.endpoint_slice("web", objects.endpoint("10.244.1.9", "w1"), namespace="shop", port=80)
GONE = Endpoint(addresses=("10.244.1.9",), node_name="w1", conditions=EndpointConditions(ready=False))
NOBODY = objects.endpoint_slice("web", GONE, namespace="shop", port=80)
OLDER = tuple(
    Gap(verb=f"list {kind}.metallb.io", reason="not-installed") for kind in ("servicel2statuses", "servicebgpstatuses")
)


def labelled(node: Node, **labels: str) -> Node:
    """The node with labels beside its own."""
    return msgspec.structs.replace(
        node, metadata=msgspec.structs.replace(node.metadata, labels=node.metadata.labels | labels)
    )


def nodes(*excluded: str, without_network: str = "") -> tuple[Node, ...]:
    """The three nodes, each with its name as a label, some of them excluded from load balancers."""
    made = []
    for node in cluster().nodes:
        labels = {"name": node.name} | ({EXCLUDED_LABEL: ""} if node.name in excluded else {})
        conditions = (Condition(type="NetworkUnavailable", status=str(node.name == without_network)),)
        status = msgspec.structs.replace(node.status, conditions=conditions)
        made.append(msgspec.structs.replace(labelled(node, **labels), status=status))
    return tuple(made)


def world(
    *told_of: CustomObject, services: tuple[Service, ...] = (WEB,), slices: Any = (ON_W1,), **changes: Any
) -> Snapshot:
    """A pool, what announces it, and a Service that has an address."""
    return cluster(
        metallb=(pool(), *told_of), services=services, endpoint_slices=slices, **{"nodes": nodes(), **changes}
    )


def named(name: str) -> list[dict[str, Any]]:
    """Node selectors for one node."""
    return [{"matchLabels": {"name": name}}]


ALL = ("cp", "w1", "w2")
CASES: dict[str, tuple[Snapshot, str, str]] = {
    "told": (world(L2, announced()), "pass", "shop/web is announced by w1"),
    "told by BGP": (world(BGP, peer(), announced(kind="ServiceBGPStatus")), "pass", "announced by w1"),
    "nobody": (world(L2), "nobody", "no speaker says that it does"),
    "older": (world(L2, gaps=OLDER), "not-told", ""),
    "not announced": (world(), "not-announced", "no advertisement"),
    "for another pool": (world(item("L2Advertisement", ipAddressPools=["b"])), "not-announced", "no advertisement"),
    "for other Services": (
        world(item("L2Advertisement", serviceSelectors=[{"matchLabels": {"app": "x"}}])),
        "not-announced",
        "no advertisement",
    ),
    "no endpoint": (world(L2, slices=(NOBODY,)), "idle", ""),
    "endpoints that nobody read": (world(L2, announced(), slices=()), "pass", ""),
    "excluded": (world(L2, nodes=nodes(*ALL)), "excluded", "a label excludes all"),
    "excluded, but one": (world(L2, announced("web", "w2"), nodes=nodes("cp", "w1")), "pass", "by w2"),
    "chosen alone, and excluded": (
        world(item("L2Advertisement", nodeSelectors=named("w1")), nodes=nodes("w1")),
        "excluded",
        "a label",
    ),
    "no such node": (world(item("L2Advertisement", nodeSelectors=named("w9"))), "no-node", "selectors"),
    "no network": (
        world(item("L2Advertisement", nodeSelectors=named("w1")), nodes=nodes(without_network="w1")),
        "no-node",
        "networks",
    ),
    "no speaker there": (
        world(item("L2Advertisement", nodeSelectors=named("w1")), pods=cluster().pods[:1]),
        "no-node",
        "speakers",
    ),
    "BGP without a peer": (world(BGP), "no-peer", "no BGPPeer"),
    "BGP without the named peer": (world(item("BGPAdvertisement", peers=["x"]), peer()), "no-peer", "no BGPPeer"),
    "BGP with a peer for another node": (
        world(item("BGPAdvertisement", nodeSelectors=named("w1")), peer(nodeSelectors=named("w2"))),
        "no-peer",
        "no BGPPeer",
    ),
    "of nobody's pool": (world(L2, services=(balanced("web", "203.0.113.1"),)), "foreign", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_who_announces_an_address(case: str) -> None:
    """What is known, and why nobody may."""
    snapshot, outcome, why = CASES[case]
    finding = judged(snapshot)["announced"]
    assert {"shop/web": outcome} == seen(finding)
    assert why in "\n".join(told(finding))


def having(*nodes: str) -> Callable[[Task], Data]:
    """Only these nodes have the interface that is asked about."""

    def answer(task: Task) -> Data:
        interfaces = tuple(task.request.interfaces) if task.node in nodes else ()
        return msgspec.structs.replace(sound(task), interfaces=interfaces)

    return answer


@pytest.mark.parametrize(
    ("nodes_with", "by", "outcome", "announcers"),
    [
        (ALL, "w1", "pass", "pass"),
        (("w2",), "w1", "no-interface", "pass"),
        (("w1",), "w1", "pass", "pass"),
        ((), "w1", "no-node", "no-node"),
    ],
)
def test_a_node_without_the_named_interface_answers_nobody(
    nodes_with: tuple[str, ...], by: str, outcome: str, announcers: str
) -> None:
    """MetalLB chooses it all the same; where no node has one, none may announce."""
    snapshot = world(item("L2Advertisement", interfaces=["bond0"]), announced("web", by))
    found = judged(snapshot, having(*nodes_with))
    assert ({"shop/web": outcome}, announcers) == (seen(found["announced"]), found["announcers"].outcome)
    broken = judged(snapshot, having(*nodes_with), service="shop/web")["service"]
    assert ("pass" if outcome == "pass" else "broken") == broken.outcome


@pytest.mark.parametrize("other", [L2, BGP])
def test_an_advertisement_for_all_interfaces_announces_on_them(other: CustomObject) -> None:
    """Beside one that names some; what is told by BGP needs no interface."""
    snapshot = world(item("L2Advertisement", interfaces=["bond0"]), other, peer(), announced())
    assert {"shop/web": "pass"} == seen(judged(snapshot, having())["announced"])


@pytest.mark.parametrize(("chosen", "outcome"), [("w1", "pass"), ("w2", "no-local")])
def test_local_traffic_wants_an_endpoint_where_it_is_announced(chosen: str, outcome: str) -> None:
    """Only a node with a ready endpoint may announce then."""
    local = balanced("web", "192.0.2.10", external_traffic_policy="Local")
    made = world(item("L2Advertisement", nodeSelectors=named(chosen)), announced(), services=(local,))
    assert outcome == judged(made)["announced"].outcome


def test_speakers_may_be_told_to_ignore_the_label() -> None:
    """`--ignore-exclude-lb`."""
    template = PodTemplate(spec=PodSpec(containers=(Container(name="speaker", args=("--ignore-exclude-lb",)),)))
    speaker = msgspec.structs.replace(cluster().workloads[1], spec=WorkloadSpec(template=template))
    made = world(L2, announced(), nodes=nodes(*ALL), workloads=(cluster().workloads[0], speaker))
    assert "pass" == judged(made)["announcers"].outcome


def test_what_speakers_figures_tell_of_older_versions() -> None:
    """Where there are no statuses."""

    def answer(task: Task) -> Data:
        figures = Metrics(
            outcome=OPEN, status=200, announced=(Announced("shop/web", "layer2"),) if task.node == "w2" else ()
        )
        return msgspec.structs.replace(sound(task), metrics=figures)

    finding = judged(world(L2, gaps=OLDER), answer)["announced"]
    assert ({"shop/web": "pass"}, ["shop/web is announced by w2"]) == (seen(finding), told(finding))


def test_each_node_that_may_not_announce_says_why() -> None:
    """For the pool, also where no Service has an address of it."""
    made = world(
        item("L2Advertisement", nodeSelectors=[*named("w1"), *named("w2")]), services=(), nodes=nodes("w1", "w2")
    )
    finding = judged(made)["announcers"]
    assert ({"a": "excluded"}, Severity.FAILED) == (seen(finding), finding.severity)
    assert [
        "not cp: no advertisement of the pool chooses it",
        "not w1: the label node.kubernetes.io/exclude-from-external-load-balancers excludes it",
        "not w2: the label node.kubernetes.io/exclude-from-external-load-balancers excludes it",
    ] == told(finding)


def test_a_pool_that_was_made_just_now_need_not_be_announced_yet() -> None:
    """Its advertisement comes after it."""
    young = msgspec.structs.replace(
        pool(), metadata=msgspec.structs.replace(pool().metadata, creation_timestamp="2026-01-01T00:00:50Z")
    )
    made = cluster(metallb=(young,), taken_at=1767225660.0)
    assert {"a": "young"} == seen(judged(made)["pools"])
    assert {"a": "not-announced"} == seen(judged(msgspec.structs.replace(made, taken_at=1767225760.0))["pools"])


DIAGNOSED: dict[str, tuple[Snapshot, str, str]] = {
    "excluded": (world(L2, nodes=nodes(*ALL)), "excluded-nodes", "a"),
    "not announced": (world(), "pool-not-announced", "a"),
    "no peer": (world(BGP), "bgp-no-peer", "a"),
    "no node": (world(item("L2Advertisement", nodeSelectors=named("w9"))), "no-announcer", "a"),
    "no local endpoint": (
        world(
            item("L2Advertisement", nodeSelectors=named("w2")),
            services=(balanced("web", "192.0.2.10", external_traffic_policy="Local"),),
        ),
        "local-traffic-policy",
        "shop/web",
    ),
}


@pytest.mark.parametrize("case", DIAGNOSED)
def test_the_cause_is_named_at_its_place(case: str) -> None:
    """And nothing is left unexplained."""
    snapshot, slug, place = DIAGNOSED[case]
    diagnosis = diagnose(judge_run(snapshot, ("metallb",), {}, ()))
    assert (slug, [place], ()) == (diagnosis.verdict, [str(at) for at in diagnosis.causes[0].at], diagnosis.unexplained)


HEALTHY: dict[str, Snapshot] = {
    "a pool of its own for those that name it": msgspec.structs.replace(
        whole(), metallb=(*whole().metallb, pool("b", "198.51.100.0/24", autoAssign=False))
    ),
    "scaled to zero": msgspec.structs.replace(
        whole(), endpoint_slices=(NOBODY, *whole().endpoint_slices[1:]), metallb=(pool(), L2, peer())
    ),
    "control plane excluded, as kubeadm has it": msgspec.structs.replace(
        whole(), nodes=(labelled(whole().nodes[0], **{EXCLUDED_LABEL: ""}), *whole().nodes[1:])
    ),
    "a Service of another class": msgspec.structs.replace(
        whole(), services=(*whole().services, balanced("other", load_balancer_class="example.org/lb"))
    ),
    "a full pool that nobody waits for": msgspec.structs.replace(
        whole(), metallb=(pool("a", "192.0.2.10/32"), L2, peer(), announced())
    ),
}


@pytest.mark.parametrize("case", HEALTHY)
def test_what_is_well_is_called_well(case: str) -> None:
    """No finding of MetalLB is unwell, however odd it looks."""
    assert [] == [code for code, finding in judged(HEALTHY[case]).items() if not finding.severity.well]


def test_the_sentence_names_the_services() -> None:
    """At night nobody opens the evidence first."""
    assert "No node announces the addresses of shop/web." == words(judged(world())["announced"].text)
