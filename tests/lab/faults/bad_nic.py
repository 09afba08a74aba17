"""A network adapter that damages what it sends through a VXLAN tunnel while its tunnel offloads are on.

As vmxnet3 does on hosts that get the offload wrong: encapsulated TCP and UDP leave without a valid inner checksum;
ICMP has its checksum from the sender's own stack and passes. It is bad unless both tunnel offloads are off
(Linux, vmxnet3_set_features), so switching both off cures it. The damage is done where the frames arrive, at eth0 of
the other nodes: before that, a frame on a veth carries only the promise of a checksum.
"""

import socket
import sys

from tests.lab.layout import Node, node, shape
from tests.lab.network import TUNNEL_OFFLOADS, switched_on
from tests.lab.process import run

# Offsets in bits from the outer UDP header: VXLAN and UDP headers are 8 bytes each, the inner Ethernet header 14, an
# inner IPv4 header 20, IPv6 40. The outer IP version does not matter.
_ETHERTYPE = 224
_INNER = (
    # (inner EtherType, offset of the protocol field, offset of the TCP checksum, offset of the UDP checksum)
    ("0x0800", 312, 528, 448),
    ("0x86dd", 288, 688, 608),
)

_LINK_EVENTS = 1  # RTMGRP_LINK
_EVENT_SIZE = 65536


def table(bad: Node) -> str:
    """Return the name of the nftables table that damages what `bad` sent."""
    return f"netcheck-lab-nic-{bad.index}"


def main() -> None:
    """Follow the tunnel offloads of one node's eth0; run in that node's network namespace."""
    bad = node(sys.argv[1])
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as changes:
        changes.bind((0, _LINK_EVENTS))
        damages = _follow(bad, damages=False)
        while True:
            # Every change of a feature announces itself; what it says does not matter, the features are read again.
            changes.recv(_EVENT_SIZE)
            damages = _follow(bad, damages=damages)


def offloads(bad: Node) -> bool:
    """Tell whether a tunnel offload of the node's eth0 is on."""
    features = run("ip", "netns", "exec", bad.name, "ethtool", "-k", "eth0")
    return any(f"{name}: on" in features for name in TUNNEL_OFFLOADS)


def is_damaging(bad: Node) -> bool:
    """Tell whether every other node that is on gets what `bad` sends damaged."""
    return all(table(bad) in run("ip", "netns", "exec", other.name, "nft", "list", "tables") for other in _others(bad))


def stop_damage(bad: Node) -> None:
    """Take the damage away, if there is any."""
    for other in _others(bad):
        _nft(other, f"table netdev {table(bad)}\ndelete table netdev {table(bad)}\n")


def _follow(bad: Node, *, damages: bool) -> bool:
    wanted = offloads(bad)
    if wanted and not damages:
        for other in _others(bad):
            _nft(other, _rules(bad))
    elif damages and not wanted:
        stop_damage(bad)
    return wanted


def _others(bad: Node) -> list[Node]:
    return [each for each in switched_on() if each != bad]


def _nft(on: Node, rules: str) -> None:
    run("ip", "netns", "exec", on.name, "nft", "-f", "-", stdin=rules)


def _rules(bad: Node) -> str:
    lines = []
    for source in (f"ip saddr {bad.address}", f"ip6 saddr {bad.address6}"):
        for ethertype, protocol, tcp_checksum, udp_checksum in _INNER:
            match = f"{source} udp dport {shape().vxlan_port} @th,{_ETHERTYPE},16 {ethertype} @th,{protocol},8"
            lines.append(f"    {match} 6 counter @th,{tcp_checksum},16 set 0xdead")
            lines.append(f"    {match} 17 @th,{udp_checksum},16 != 0 counter @th,{udp_checksum},16 set 0xdead")
    rules = "\n".join(lines)
    return f"""
table netdev {table(bad)} {{
  chain ingress {{
    type filter hook ingress device eth0 priority 0;
{rules}
  }}
}}
"""


if __name__ == "__main__":
    main()
