"""What the nodes' agents tell of their kernels."""

from typing import Any

import pytest

from checks.cluster.snapshot import Node, Snapshot
from checks.finding import UNSEEN, Severity
from checks.node.model import Bridge, Connections, Neighbours, Parameters, Wanted
from checks.node.plan import plan
from checks.place import Node as Place
from tests.checks.node.clusters import (
    LOST,
    TAKEN_AT,
    device,
    findings,
    flannel,
    mac,
    node,
    outcomes,
    told,
    way,
)
from tests.checks.words import words

CNI0 = (Bridge(name="cni0", address="10.244.1.1"),)


def arp(**changes: Any) -> dict[str, Any]:
    """A table of neighbours of 1,000."""
    return {"neighbours": (Neighbours(**{"family": 4, "count": 20, "limit": 1000, "overflows": 0} | changes),)}


def conntrack(**changes: Any) -> dict[str, Any]:
    """A table of connections of 10,000."""
    return {"connections": Connections(**{"count": 900, "limit": 10_000, "dropped": 0} | changes)}


@pytest.mark.parametrize(
    ("changes", "code", "outcome"),
    [
        ({"forwards": {"4": False, "6": True}}, "forwarding", "off"),
        ({"forwards": {"4": True, "6": False}}, "forwarding", "pass"),
        ({"forwards": {}}, "forwarding", UNSEEN),
        ({"strict": ("eth0",), "strict_drops": 50}, "reverse-path", "dropping"),
        ({"strict": ("eth0",), "strict_drops": 3}, "reverse-path", "pass"),
        ({"strict": (), "strict_drops": 50}, "reverse-path", "pass"),
        ({"strict": ("eth0",), "strict_drops": None}, "reverse-path", UNSEEN),
        ({"strict": ("eth0",), "strict_drops": 0, "window_s": 0.0}, "reverse-path", UNSEEN),
        ({"bridges": CNI0, "bridge_filter": True}, "bridge-filter", "pass"),
        ({"bridges": CNI0, "bridge_filter": False}, "bridge-filter", "off"),
        ({"bridges": CNI0, "bridge_filter": None}, "bridge-filter", "off"),
        ({"bridges": (Bridge(name="virbr0", address="192.168.122.1"),)}, "bridge-filter", "not-used"),
        (conntrack(), "conntrack", "pass"),
        (conntrack(dropped=4), "conntrack", "pass"),
        (conntrack(insert_failed=4), "conntrack", "races"),
        (conntrack(count=9100), "conntrack", "filling"),
        (conntrack(count=9100, dropped=4), "conntrack", "full"),
        (conntrack(count=10_000), "conntrack", "full"),
        (conntrack(dropped=None), "conntrack", UNSEEN),
        ({"connections": None}, "conntrack", UNSEEN),
        ({"connections": None, "tracks": False}, "conntrack", "not-used"),
        (conntrack() | {"window_s": 0.0}, "conntrack", UNSEEN),
        (arp(), "neighbours", "pass"),
        (arp(count=950), "neighbours", "filling"),
        (arp(count=950, overflows=2), "neighbours", "full"),
        (arp(overflows=None), "neighbours", UNSEEN),
        ({"neighbours": ()}, "neighbours", "not-told"),
        ({"neighbours": None}, "neighbours", UNSEEN),
    ],
)
def test_settings_and_tables(changes: dict[str, Any], code: str, outcome: str) -> None:
    """Each at its node; what could not be read was not seen, and never well."""
    finding = findings((node(1), node(2)), told(1, **changes), told(2))[code]
    assert outcome == outcomes(finding)["w1"]
    bad = (Place("w1"),) if outcome in ("off", "dropping", "full") else ()
    assert bad == finding.where


def test_counters_are_told_in_numbers() -> None:
    """How full, how much was dropped, in which time."""
    finding = findings((node(1),), told(1, **conntrack(count=9500, dropped=4, insert_failed=2)))["conntrack"]
    assert [{"used": 0.95, "dropped": 4, "insert-failed": 2}] == [s.measures for s in finding.seen]
    line = "w1: 9500 of 10000 connections; in 2.0 s 4 packets dropped, 2 entries lost a race"
    assert line == words(finding.evidence[0])


@pytest.mark.parametrize(
    ("offsets", "astray"),
    [
        ((1, 2, 3), ""),
        ((1, 2, 75), ""),
        ((1, 2, 90), "w3"),
        ((1, 2, -90), "w3"),
        ((-3600, 2, 3), "w1"),
        ((-3600, -3600, -3600), ""),
    ],
)
def test_clocks(offsets: tuple[float, ...], astray: str) -> None:
    """A clock is wrong where it is far from most others'; a run itself takes a while; the worker may be wrong too."""
    heard = [told(number, clock_s=TAKEN_AT + offset) for number, offset in enumerate(offsets, 1)]
    finding = findings((node(1), node(2), node(3)), *heard)["clock"]
    assert [astray] * bool(astray) == [str(place) for place in finding.where]


@pytest.mark.parametrize(
    ("changes", "outcome", "says"),
    [
        ({}, "pass", ""),
        ({"machines": ("172.30.0.250",)}, "fdb", "sends what is for 7a:00:00:00:00:02 to 172.30.0.250"),
        ({"machines": ()}, "fdb", "to nobody, and should to 172.30.0.12"),
        ({"neighbour": ""}, "neighbour", "10.244.2.0 has the MAC none on flannel.1"),
        ({"neighbour": mac(3)}, "neighbour", "and should have 7a:00:00:00:00:02"),
        ({"network": ""}, "route", "there is no route to 10.244.2.0/24"),
        ({"network": "0.0.0.0/0", "gateway": "172.30.0.1", "interface": "eth0"}, "route", "there is no route"),
        ({"interface": "eth0"}, "route", "leads to 10.244.2.0 on eth0"),
        ({"gateway": "172.30.0.12", "interface": "eth0", "neighbour": "", "machines": ()}, "pass", ""),
    ],
)
def test_ways_through_the_overlay(changes: dict[str, Any], outcome: str, says: str) -> None:
    """Each link of the way to a peer's pods against what Flannel wrote of the peer; past the tunnel is well too."""
    heard = (
        told(1, devices=(device(1),), ways=(way(2, **changes), way(3))),
        told(2, devices=(device(2),), ways=(way(1), way(3))),
        told(3, devices=(device(3),), ways=(way(1), way(2))),
    )
    finding = findings((flannel(1), flannel(2), flannel(3)), *heard)["overlay"]
    assert {"w1": outcome, "w2": "pass", "w3": "pass"} == outcomes(finding)
    assert says in " ".join(words(line) for line in finding.evidence)


@pytest.mark.parametrize(
    ("devices", "says"),
    [
        ((), "w1: there is no flannel.1"),
        ((device(1, mac=""),), "w1: there is no flannel.1"),
        ((device(1, up=False),), "w1: flannel.1 is down"),
        ((device(1, mac=mac(9)),), "w1: flannel.1 has the MAC 7a:00:00:00:00:09"),
    ],
)
def test_the_nodes_own_tunnel_device(devices: tuple[Any, ...], says: str) -> None:
    """It has to be there, up, and have the MAC that the others are told."""
    finding = findings((flannel(1), flannel(2)), told(1, devices=devices, ways=(way(2),)))["overlay"]
    assert (Severity.FAILED, "vtep") == (finding.severity, finding.outcome)
    assert words(finding.evidence[0]).startswith(says)


def test_without_a_tunnel_the_route_leads_to_the_peers_own_address() -> None:
    """Flannel's `host-gw`."""
    nodes = (flannel(1, "host-gw"), flannel(2, "host-gw"))
    direct = way(2, gateway="172.30.0.12", interface="eth0", neighbour="", machines=())
    assert "pass" == findings(nodes, told(1, ways=(direct,)))["overlay"].outcome
    assert "route" == findings(nodes, told(1, ways=(way(2, gateway="172.30.0.13"),)))["overlay"].outcome


@pytest.mark.parametrize(
    "nodes",
    [
        (node(1), node(2)),
        (flannel(1, "wireguard"), flannel(2, "wireguard")),
        (flannel(1, backend_data="null"), flannel(2, backend_data="{")),
    ],
)
def test_what_is_not_written_is_not_compared(nodes: tuple[Node, ...]) -> None:
    """Other network plugins and backends do not say what their entries should be."""
    finding = findings(nodes, told(1), told(2))["overlay"]
    assert (Severity.OK, "not-used") == (finding.severity, finding.outcome)


def test_entries_that_were_not_told() -> None:
    """A kernel that refuses, and a node that is silent, were not seen; nothing at all is unknown."""
    refused = told(1, ways=None, ways_error="no netlink here")
    finding = findings((flannel(1), flannel(2)), refused, LOST)["overlay"]
    assert (Severity.UNKNOWN, {"w1": UNSEEN, "w2": UNSEEN}) == (finding.severity, outcomes(finding))
    assert {UNSEEN} == set(outcomes(findings((node(1), node(2)), LOST)["conntrack"]).values())


def test_each_node_is_asked_for_the_ways_to_its_peers() -> None:
    """With their MACs, and for its own device; nothing of the kind where the plugin says nothing."""
    tasks = plan(Snapshot(nodes=(flannel(1), flannel(2), node(3))), Parameters())
    asked = {task.node: (task.request.devices, task.request.ways) for task in tasks}
    assert (("flannel.1",), (Wanted(subnet="10.244.2.0/24", mac=mac(2)),)) == asked["w1"]
    assert ((), ()) == asked["w3"]


def test_the_work_grows_with_the_nodes_and_not_with_their_square() -> None:
    """In a large cluster each node tells of a few peers."""
    nodes = tuple(flannel(number) for number in range(1, 10))
    many = (*nodes, *(node(number) for number in range(10, 200)))
    assert 11 >= max(len(task.request.ways) for task in plan(Snapshot(nodes=many), Parameters(neighbours=10)))
