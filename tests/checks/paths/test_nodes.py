"""The whole check on a real kernel: two nodes, a real tunnel, and faults in it."""

import contextlib
import shutil
from collections.abc import Iterator

import pytest

from checks.judging.statistics import wilson
from checks.place import Node, Pair
from checks.probes.echo import POD_PORT
from tests.checks.paths.matrix import at, lines, outcomes
from tests.checks.paths.nodes import TUNNEL_PORT, TwoNodes
from tests.checks.requirements import need
from tests.checks.words import words

HEALTHY = {
    "host-tcp": "pass",
    "same-node": "pass",
    "cross-ping": "pass",
    "cross-tcp": "pass",
    "cross-tcp-bulk": "pass",
    "host-pod": "pass",
    "host-loss": "pass",
    "pod-loss": "pass",
    "rejections": "pass",
    "reached": "pass",
    "webhook-endpoint": "not-used",
    "webhook-local": "not-used",
    "webhook-service": "not-used",
    "api-service": "not-asked",
    "api-server": "not-asked",
    "kubelet": "not-asked",
    "checksum-errors": "pass",
    "tunnel-arrivals": "pass",
}
TCP_DEAD = {"cross-tcp": "lost", "cross-tcp-bulk": "lost", "host-pod": "lost"}
ALL_DEAD = TCP_DEAD | {"cross-ping": "lost", "pod-loss": "silent"}
BOTH_WAYS = {Pair("w1", "w2"), Pair("w2", "w1")}
INNER_TCP = f"udp dport {TUNNEL_PORT} @th,312,8 6"
"""TCP in IPv4 in Ethernet in VXLAN: the inner protocol field, in bits from the outer UDP header."""


def chain(family: str, hook: str, rule: str) -> str:
    """A table of nftables with one rule."""
    return f"table {family} fault {{\nchain fault {{\ntype filter hook {hook} priority 0\n{rule}\n}}\n}}"


def test_a_healthy_tunnel_passes_unprivileged(nodes: TwoNodes) -> None:
    """Everything is measured by a user without any right, and everything is well."""
    found = nodes.diagnose()
    assert HEALTHY == outcomes(found)


def test_dropped_inner_tcp_leaves_ping_alive(nodes: TwoNodes) -> None:
    """The incident: C and A pass, D and E fail, and the tunnel's packets do arrive."""
    with nodes.nft(nodes.node("w2"), chain("inet", "input", f"{INNER_TCP} drop")):
        found = nodes.diagnose()
    assert HEALTHY | TCP_DEAD == outcomes(found)
    assert BOTH_WAYS == at(found["cross-tcp"], "lost")


def test_damaged_inner_tcp_is_counted_by_its_receiver(nodes: TwoNodes) -> None:
    """A wrong inner checksum passes the tunnel and dies in the pod, whose counters show it."""
    damage = chain("netdev", "ingress device eth0", f"{INNER_TCP} @th,528,16 set 0xdead")
    with finished_checksums(nodes), nodes.nft(nodes.node("w2"), damage):
        found = nodes.diagnose()
    assert HEALTHY | TCP_DEAD | {"checksum-errors": "rising"} == outcomes(found)
    assert (Node("w2"),) == found["checksum-errors"].where


@contextlib.contextmanager
def finished_checksums(nodes: TwoNodes) -> Iterator[None]:
    """Let packets of pods carry checksums: between namespaces they otherwise carry only the promise of one."""
    need(shutil.which("ethtool") is not None, "needs ethtool (Debian: apt-get install ethtool)")
    for name in ("w1", "w2"):
        nodes.execute(nodes.pod(name), "ethtool", "-K", "eth0", "tx", "off")
    try:
        yield
    finally:
        for name in ("w1", "w2"):
            nodes.execute(nodes.pod(name), "ethtool", "-K", "eth0", "tx", "on", "tso", "on", "gso", "on")


def test_a_host_firewall_is_told_from_the_network(nodes: TwoNodes) -> None:
    """The node takes the tunnel's packets in and drops them: its own kernel's balance shows it."""
    with nodes.nft(nodes.node("w2"), chain("inet", "input", f"udp dport {TUNNEL_PORT} drop")):
        found = nodes.diagnose()
    assert HEALTHY | ALL_DEAD | {"tunnel-arrivals": "dropped-by-host"} == outcomes(found)
    assert {Pair("w1", "w2")} == at(found["tunnel-arrivals"], "dropped-by-host")
    assert {Pair("w2", "w1")} == at(found["tunnel-arrivals"], "pass")


def test_the_network_that_eats_the_tunnel(nodes: TwoNodes) -> None:
    """What goes to w2 is lost between the nodes: it never comes to w2's kernel."""
    with nodes.nft(nodes.underlay, chain("netdev", "ingress device w1", f"udp dport {TUNNEL_PORT} drop")):
        found = nodes.diagnose()
    assert HEALTHY | ALL_DEAD | {"tunnel-arrivals": "not-arriving"} == outcomes(found)
    assert {Pair("w1", "w2")} == at(found["tunnel-arrivals"], "not-arriving")


@pytest.mark.parametrize("share", [20, 30])
def test_a_network_that_loses_a_share_says_which(nodes: TwoNodes, share: int) -> None:
    """Of what goes to w2 a share is lost, of every kind: the interval holds it, between nodes and between pods.

    Of 60 datagrams in each of two counts: of a tenth, one run in thirty would see too little of it.
    """
    with nodes.nft(nodes.underlay, chain("netdev", "ingress device w1", f"numgen random mod 100 < {share} drop")):
        found = nodes.diagnose()
    for code in ("host-loss", "pod-loss"):
        assert BOTH_WAYS == at(found[code], "lossy")
        sent, lost = (sum(seen.measures[name] for seen in found[code].seen) for name in ("sent", "lost"))
        low, high = wilson(int(lost), int(sent))
        assert low - 0.05 < share / 100 < high + 0.05


def test_two_pods_with_one_address(nodes: TwoNodes) -> None:
    """What w1 sends to the address of w2's pod is answered by a pod of its own: it passes, and is found out."""
    nodes.ip(nodes.pod("w1"), "address add 10.99.2.2/32 dev eth0")
    nodes.ip(nodes.node("w1"), "route replace 10.99.2.2/32 dev pod")
    try:
        with nodes.echo(nodes.pod("w1"), "10.99.2.2", POD_PORT, "w1"):
            found = nodes.diagnose()
    finally:
        nodes.ip(nodes.node("w1"), "route del 10.99.2.2/32 dev pod")
        nodes.ip(nodes.pod("w1"), "address del 10.99.2.2/32 dev eth0")
    assert {Pair("w1", "w2")} == at(found["reached"], "another")
    assert "Another node answers at 10.99.2.2: two have the same address." == words(found["reached"].text)
    assert Pair("w1", "w2") not in at(found["host-pod"], "pass")


@pytest.mark.parametrize("answer", ["icmp type host-prohibited", "icmp type port-unreachable", "tcp reset"])
@pytest.mark.parametrize(("rejecter", "incoming"), [("w2", "tunnel"), ("w1", "pod")], ids=["target", "source"])
def test_a_forward_chain_that_rejects_is_told_from_loss(
    nodes: TwoNodes, rejecter: str, incoming: str, answer: str
) -> None:
    """TCP to the pods of w2 is refused at once, by its node or the sender's; ping and the tunnel's packets pass."""
    rule = f"iifname {incoming} ip protocol tcp tcp flags & (syn | ack) == syn reject with {answer}"
    with nodes.nft(nodes.node(rejecter), chain("ip", "forward", rule)):
        found = nodes.diagnose()
    rejected = {"cross-tcp": "rejected", "cross-tcp-bulk": "rejected", "rejections": "rejects"}
    if rejecter == "w2":  # what a node itself sends is not forwarded there
        rejected["host-pod"] = "rejected"
    assert HEALTHY | rejected == outcomes(found)
    assert {Pair("w1", "w2")} == at(found["cross-tcp"], "rejected")
    assert {Pair("w2", "w1")} == at(found["cross-tcp"], "pass")
    if answer != "tcp reset":  # a reset has no sender of its own, and stands for the node that was asked
        assert {Node(rejecter)} == at(found["rejections"], "rejects")


def test_a_node_that_is_gone_is_lost(nodes: TwoNodes) -> None:
    """Nobody answers for it: A is lost too, whatever the kernel says in the end about the next hop."""
    nodes.ip(nodes.underlay, "link set w2 down")
    try:
        found = nodes.diagnose()
    finally:
        nodes.ip(nodes.underlay, "link set w2 up")
    assert BOTH_WAYS == at(found["host-tcp"], "lost") == at(found["cross-tcp"], "lost")


def test_a_missing_route_is_rejected(nodes: TwoNodes) -> None:
    """The kernel's own refusal speaks against the path as much as silence does.

    The host is told at once. The pod is told by ICMP, of which a kernel sends few: its probes are rejected or lost.
    """
    nodes.ip(nodes.node("w1"), "route replace unreachable 10.99.2.0/24")
    try:
        found = nodes.diagnose()
    finally:
        nodes.ip(nodes.node("w1"), "route del unreachable 10.99.2.0/24")
        nodes.ip(nodes.node("w1"), "route replace 10.99.2.0/24 via 10.99.2.0 dev tunnel onlink")
    assert {Pair("w1", "w2")} == at(found["host-pod"], "rejected")
    assert Pair("w1", "w2") in found["cross-tcp"].where
    assert any("w1 (host) → w2 10.99.2.2:9707: unreachable" in line for line in lines(found["host-pod"]))


def test_a_pod_network_that_is_down_on_its_own_node(nodes: TwoNodes) -> None:
    """B fails on that node alone."""
    with nodes.nft(nodes.node("w1"), chain("inet", "output", "oifname pod tcp dport 9707 drop")):
        found = nodes.diagnose()
    assert HEALTHY | {"same-node": "lost"} == outcomes(found)
    assert (Node("w1"),) == found["same-node"].where


def test_ping_sockets_that_are_not_allowed_are_not_failures(nodes: TwoNodes) -> None:
    """Without the sysctl nothing is known about C."""
    for name in ("w1", "w2"):
        nodes.sysctl(nodes.pod(name), "net.ipv4.ping_group_range=1 0")
    try:
        found = nodes.diagnose()
    finally:
        for name in ("w1", "w2"):
            nodes.sysctl(nodes.pod(name), "net.ipv4.ping_group_range=0 2147483647")
    assert HEALTHY | {"cross-ping": ""} == outcomes(found)
