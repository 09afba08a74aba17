"""Whether the nodes' MTUs agree, and whether the tunnel's packets fit them. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from checks.code import Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.nic import model
from checks.nic.model import Data
from checks.nic.nodes import Observed, evidence, silent, unless_seen
from checks.place import Node
from checks.text import Text, Unit, listed, say, size

MTU = Code(
    name="nic.mtu",
    meaning="The nodes' MTUs agree, and the tunnel's packets fit them",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("differs", Severity.DEGRADED, "the adapter's or a tunnel's MTU is not the one that most nodes have"),
        Outcome("no-room", Severity.DEGRADED, "a tunnel's MTU leaves no room for the tunnel's own headers"),
    ),
    role=Role.RISK,
    measures={"mtu": Unit.BYTES, "tunnel": Unit.BYTES},
)
VXLAN_BYTES, VXLAN_IPV6_BYTES = 50, 70
"""What VXLAN adds to a packet: Ethernet 14, VXLAN 8, UDP 8, and IPv4's 20 or IPv6's 40 (RFC 7348)."""
WIREGUARD_BYTES = 60
"""What WireGuard adds over IPv4: 32 of its own, UDP 8, IPv4 20 (wireguard.com/papers). Its peers, which may be at IPv6
addresses, are told to nobody but root."""

Tunnels = dict[str, model.Interface]
"""By their names."""


def judge_mtu(gathered: Observed) -> Finding:
    """Each node against its own tunnels, and against what most nodes have."""
    own = {h.node: _own(h.data) for h in gathered.heard}
    tunnels = {h.node: _tunnels(h.data) for h in gathered.heard}
    odd = {*_minority({node: mtu for node, mtu in own.items() if mtu}), *_odd_tunnels(tunnels)}
    seen = [_seen(node, own[node], tunnels[node], differs=node in odd) for node in own]
    lines = [_line(node, own[node], tunnels[node]) for node in own if own[node]]
    unread = say("No node's MTU could be read.")
    return unless_seen(MTU, unread, gathered, seen, lines) or MTU.found(
        _summary(seen, own), [*seen, *silent(gathered)], evidence=evidence(gathered, lines)
    )


def _own(data: Data) -> int:
    """The MTU of the interface with the node's address, the largest where there are several; 0 when none is known."""
    return max((i.mtu for i in data.interfaces if i.role is model.Role.NODE), default=0)


def _tunnels(data: Data) -> Tunnels:
    """The tunnels whose own MTU binds what is sent through them, and that are in use as far as can be seen."""
    return {
        i.name: i
        for i in data.interfaces
        if i.role is model.Role.TUNNEL and i.mtu and not i.down and not i.collects_metadata
    }


def _outer(tunnel: model.Interface) -> int:
    """The size of a full packet of a tunnel's, headers and all."""
    if tunnel.wireguard:
        return tunnel.mtu + WIREGUARD_BYTES
    return tunnel.mtu + (VXLAN_IPV6_BYTES if tunnel.over_ipv6 else VXLAN_BYTES)


def _seen(node: str, own: int, tunnels: Tunnels, *, differs: bool) -> Seen:
    if not own:
        return Seen(Node(node), UNSEEN)
    measures = {"mtu": float(own)}
    if tunnels:
        measures["tunnel"] = float(max(tunnel.mtu for tunnel in tunnels.values()))
    if any(_outer(tunnel) > own for tunnel in tunnels.values()):
        return Seen(Node(node), "no-room", measures)
    return Seen(Node(node), "differs" if differs else "pass", measures)


def _odd_tunnels(tunnels: Mapping[str, Tunnels]) -> Iterator[str]:
    """The nodes on which a tunnel's MTU is not what most nodes give the tunnel of that name."""
    for name in sorted({name for own in tunnels.values() for name in own}):
        yield from _minority({node: own[name].mtu for node, own in tunnels.items() if name in own})


def _minority(mtus: Mapping[str, int]) -> list[str]:
    """The nodes whose MTU is not the one that most have."""
    usual = Counter(mtus.values()).most_common(1)
    return [node for node, mtu in mtus.items() if mtu != usual[0][0]]


def _summary(seen: list[Seen], own: Mapping[str, int]) -> Text:
    outcomes = {s.outcome for s in seen}
    if "no-room" in outcomes:
        return say("The tunnel's MTU leaves no room for its own headers: full packets do not fit the adapter.")
    if "differs" in outcomes:
        return say("The nodes' MTUs differ: large packets may get lost between them.")
    return say("All nodes seen have an MTU of {mtu}.", mtu=size(max(own.values())))


def _line(node: str, own: int, tunnels: Tunnels) -> Text:
    if not tunnels:
        return say("{node}: {mtu}", node=node, mtu=size(own))
    inner = [say("{tunnel} {mtu}", tunnel=name, mtu=size(tunnels[name].mtu)) for name in sorted(tunnels)]
    return say("{node}: {mtu}, tunnels {tunnels}", node=node, mtu=size(own), tunnels=listed(inner))
