"""The whole check on a real kernel: two nodes, a real tunnel, and links that carry less."""

from checks.place import Pair
from tests.checks.paths.matrix import at, lines, outcomes
from tests.checks.paths.nodes import TwoNodes
from tests.checks.words import words

HEALTHY = {"path": "pass", "pods": "pass"}


def test_a_healthy_tunnel_carries_what_the_interfaces_take(nodes: TwoNodes) -> None:
    """Between the nodes and between their pods, measured by a user without any right."""
    found = nodes.diagnose("mtu")
    assert HEALTHY == outcomes(found)
    assert (
        "Packets as large as the interfaces allow (1450 bytes, 1500 bytes) arrive on all 4 paths that were measured."
        == words(found["path"].text)
    )
    assert ["w1: pods 1450 bytes, node 1500 bytes", "w2: pods 1450 bytes, node 1500 bytes"] == lines(found["pods"])


def test_a_black_hole_is_measured_to_the_byte(nodes: TwoNodes) -> None:
    """A smaller MTU in the middle swallows large frames; small TCP lives, bulk TCP hangs."""
    nodes.ip(nodes.underlay, "link set w2 mtu 1396")  # a bridge leaves 4 bytes for a VLAN tag
    try:
        found = nodes.diagnose("mtu")
        carried = nodes.diagnose()
    finally:
        nodes.ip(nodes.underlay, "link set w2 mtu 1500")
    assert HEALTHY | {"path": "black-hole"} == outcomes(found)
    assert ("pass", "lost") == (carried["cross-tcp"].outcome, carried["cross-tcp-bulk"].outcome)
    line = "w1 → w2 {}: {} bytes is the largest that arrives, the route allows {} bytes, the interface {} bytes, {}"
    assert [
        line.format("from the pod to the pod", 1350, 1450, 1450, "no router says anything"),
        line.format("between hosts", 1400, 1500, 1500, "no router says anything"),
    ] == [line for line in lines(found["path"]) if line.startswith("w1 → w2")]
    # The pods' path and the nodes' are one place, and of two that are black holes the smaller stands for it.
    assert [{"mtu": 1350, "limit": 1450, "device": 1450}] * 2 == [seen.measures for seen in found["path"].seen]


def test_a_size_that_a_router_refuses_aloud_is_advice(nodes: TwoNodes) -> None:
    """The node tells the pod that its tunnel takes less; TCP adapts, and E passes."""
    nodes.ip(nodes.node("w1"), "link set tunnel mtu 1300")
    try:
        found = nodes.diagnose("mtu")
        carried = nodes.diagnose()
    finally:
        nodes.ip(nodes.node("w1"), "link set tunnel mtu 1450")
    assert HEALTHY | {"path": "small"} == outcomes(found)
    assert "pass" == carried["cross-tcp-bulk"].outcome
    assert (
        "w1 → w2 from the pod to the pod: 1300 bytes is the largest that arrives, the route allows 1300 bytes, "
        "the interface 1450 bytes, a router says 1300 bytes" == lines(found["path"])[0]
    )
    assert {Pair("w1", "w2")} == at(found["path"], "small")
