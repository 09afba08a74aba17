"""Questions with EDNS and large answers, against real servers, and what becomes of them over all askers."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Metadata, Service, ServiceSpec, Snapshot
from checks.dns import CHECK
from checks.dns.model import SERVICE, Asked, Data, Parameters, Request, Target
from checks.dns.plan import large_name
from checks.finding import Finding
from checks.observation import Context, Network
from checks.place import Replica, ReplicaPath
from checks.probes.dns import wire
from checks.probes.dns.single import ask_for_much
from tests.checks import objects
from tests.checks.dns.askers import cluster, observe
from tests.checks.judged import judged
from tests.checks.paths.matrix import at
from tests.checks.probes.dns_server import EXISTS, Faults, dns_server

NAME = "many.shop.svc.cluster.local"


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(), "whole"),
        (Faults(addresses=60), "whole"),
        (Faults(addresses=200), "whole"),
        (Faults(addresses=200, tcp=False), "cut"),
        (Faults(addresses=60, tcp=False), "whole"),
        (Faults(edns="timeout"), "timeout"),
        (Faults(edns="FORMERR"), "FORMERR"),
    ],
)
def test_a_large_answer_is_fetched_as_resolvers_do(faults: Faults, expected: str) -> None:
    """60 addresses fit into what EDNS offers to take, 200 do not: they come over TCP, or not at all."""
    with dns_server(faults) as server:
        assert expected == ask_for_much("127.0.0.1", server.udp_port, server.tcp_port, 0.4, EXISTS)


def test_a_question_offers_what_it_can_take() -> None:
    """A server that is asked without EDNS cuts short what is over 512 bytes."""
    with dns_server(Faults(addresses=60)) as server:
        ask_for_much("127.0.0.1", server.udp_port, server.tcp_port, 1.0, EXISTS)
        assert [(0, wire.EDNS_BYTES)] == [(query.edns, query.payload) for query in server.seen]


@pytest.mark.parametrize(
    ("edns", "inside", "outside"),
    [("", "NOERROR", "NXDOMAIN"), ("FORMERR", "FORMERR", "FORMERR"), ("timeout", "timeout", "timeout")],
)
def test_a_server_is_asked_with_edns_too(edns: str, inside: str, outside: str) -> None:
    """For the name that it knows, and for the one that others have to answer."""
    with dns_server(Faults(edns=edns)) as server:
        target = Target(name="a", node="w1", address="127.0.0.1", udp_port=server.udp_port, tcp_port=server.tcp_port)
        request = Request(targets=(target,), external="nobody.invalid", timeout_s=0.3)
        data = CHECK.observe(request, Context(network=Network.HOST, node="w1"))
    assert isinstance(data, Data)
    (asked,) = data.asked
    assert ("NXDOMAIN", inside, outside) == (asked.external, asked.edns, asked.external_edns)


def test_a_server_that_answers_nothing_is_not_asked_further() -> None:
    """Nobody waits for it twice."""
    with dns_server(Faults(lose=lambda _: True)) as server:
        target = Target(name="a", node="w1", address="127.0.0.1", udp_port=server.udp_port, tcp_port=server.tcp_port)
        data = CHECK.observe(Request(targets=(target,), timeout_s=0.2), Context(network=Network.HOST, node="w1"))
        assert isinstance(data, Data)
        assert ("", []) == (data.asked[0].edns, [query for query in server.seen if query.edns >= 0])


def headless(count: int, name: str = "many") -> Snapshot:
    """A cluster with a headless Service of so many addresses."""
    service = Service(metadata=Metadata(name=name, namespace="shop"), spec=ServiceSpec(cluster_ip="None"))
    endpoints = [objects.endpoint(f"10.244.9.{i}", "w1", f"{name}-{i}") for i in range(count)]
    base = cluster()
    more = objects.endpoint_slice(name, *endpoints, namespace="shop", port=80)
    return msgspec.structs.replace(
        base, services=(*base.services, service), endpoint_slices=(*base.endpoint_slices, more)
    )


def test_the_largest_name_is_asked_for() -> None:
    """Only where one has more addresses than a small answer holds; nothing is made for the sake of it."""
    assert (NAME, "", "") == tuple(
        large_name(snapshot, "cluster.local") for snapshot in (headless(60), headless(20), cluster())
    )
    (request, *_) = (task.request for task in CHECK.plan(headless(60), Parameters()))
    assert NAME == request.large


Change = Callable[[str, Target, Asked], Asked]


def found(change: Change, snapshot: Snapshot | None = None) -> dict[str, Finding]:
    """The findings after a change to what each asker was answered."""
    snapshot = snapshot or headless(60)
    return judged(CHECK, snapshot, observe(snapshot, lambda node, _network, target, asked: change(node, target, asked)))


def of(name: str, **fields: Any) -> Change:
    """Whoever asks a replica is answered so."""
    return lambda _node, target, asked: msgspec.structs.replace(asked, **fields) if target.name == name else asked


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"edns": "timeout"}, "silent"),
        ({"edns": "FORMERR"}, "refused"),
        ({"external": "NXDOMAIN", "external_edns": "timeout"}, "outside"),
        ({"external": "NOERROR", "external_edns": "FORMERR"}, "outside"),
        ({"external": "NOERROR", "external_edns": "NXDOMAIN"}, "pass"),
        ({"external": "SERVFAIL", "external_edns": "timeout"}, "pass"),
    ],
)
def test_a_replica_that_does_not_take_edns(fields: dict[str, str], outcome: str) -> None:
    """It is named, and what an upstream that answers nobody says is not about EDNS."""
    edns = found(of("coredns-w2", **fields))["edns"]
    assert {Replica("coredns-w2", "w2")} <= at(edns, outcome)
    assert (outcome == "pass") is edns.severity.well


def test_one_asker_alone_does_not_accuse_a_replica() -> None:
    """What it sees may be the way; and where nobody asked with EDNS, nothing is said."""

    def change(node: str, _target: Target, asked: Asked) -> Asked:
        return msgspec.structs.replace(asked, edns="timeout") if node == "cp" else asked

    assert "pass" == found(change)["edns"].outcome
    assert "not-asked" == found(lambda _n, _t, asked: msgspec.structs.replace(asked, edns=""))["edns"].outcome


@pytest.mark.parametrize(("large", "outcome"), [("whole", "pass"), ("cut", "cut"), ("timeout", "lost")])
def test_large_answers_are_told_for_each_way(large: str, outcome: str) -> None:
    """From a node to a replica of another."""

    def change(node: str, target: Target, asked: Asked) -> Asked:
        if target.name == SERVICE:
            return asked
        mine = (node, target.name) == ("w1", "coredns-w2")
        return msgspec.structs.replace(asked, large=large if mine else "whole")

    answers = found(change)["large-answers"]
    assert ReplicaPath("w1", "coredns-w2", "w2") in at(answers, outcome)
    assert (6 if outcome == "pass" else 1) == len(at(answers, outcome))


def test_a_cluster_without_a_large_name_is_not_asked() -> None:
    """That is no gap."""
    assert "not-asked" == found(lambda _n, _t, asked: asked, cluster())["large-answers"].outcome
