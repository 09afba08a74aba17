"""Whether the nodes' kernels send what is for other nodes' pods where the network plugin says. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import UNSEEN, Finding, Severity
from checks.node.flannel import Lease, leases
from checks.node.looks import Look, Observed, Words, finding
from checks.node.model import Data, Way
from checks.place import Node
from checks.text import Text, names, say

OVERLAY = Code(
    name="node.overlay",
    meaning="Routes, neighbours and tunnel entries for other nodes' pods are as the network plugin (Flannel) says",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "they are, for all peers that were looked at"),
        Outcome("not-used", Severity.OK, "the network plugin does not say, or is another one"),
        Outcome("fdb", Severity.FAILED, "the tunnel sends what is for a peer to another address, or nowhere"),
        Outcome("neighbour", Severity.FAILED, "a peer's MAC inside the tunnel is not known, or another one"),
        Outcome("route", Severity.FAILED, "no route leads to a peer's pods, or another one"),
        Outcome("vtep", Severity.FAILED, "the node's own tunnel device is not there, down, or has another MAC"),
    ),
)
CODES = (OVERLAY,)

_WORDS = Words(
    well=say("The nodes send what is for other nodes' pods where the network plugin says."),
    unread=say("No node told where it sends what is for other nodes' pods."),
    bad={
        "vtep": say("The tunnel device of {nodes} is not what the network plugin says."),
        "route": say("{nodes}: the route to some node's pods is missing or wrong."),
        "neighbour": say("{nodes}: the MAC of some node inside the tunnel is missing or wrong."),
        "fdb": say("{nodes}: the tunnel sends what is for some node elsewhere, or nowhere (FDB)."),
    },
)

_Wrong = tuple[str, Text]
"""An outcome, and a line of evidence for it."""


def judge_overlay(gathered: Observed) -> list[Finding]:
    """Each node against what Flannel wrote on the Nodes."""
    written = leases(gathered.snapshot)
    if not written and gathered.snapshot.nodes:
        looks = {node.name: Look("not-used") for node in gathered.snapshot.nodes}
        return [finding(OVERLAY, _NOT_USED, looks)]
    looks = {heard.node: _look(heard.node, heard.data, written) for heard in gathered.heard}
    looks |= {silent.node: Look(UNSEEN) for silent in gathered.silent if silent.node}
    return [finding(OVERLAY, _WORDS, looks, gathered.unheard())]


_NOT_USED = Words(
    well=say("The network plugin does not say on the Nodes where it sends pods' packets, so that is not compared."),
    unread=_WORDS.unread,
    bad={},
)


def _look(node: str, data: Data, written: Mapping[str, tuple[Lease, ...]]) -> Look:
    own = written.get(node, ())
    if not own:
        return Look("not-used")
    if data.ways is None:
        return Look(UNSEEN, [say("{node}: {error}", node=node, error=data.ways_error)])
    by_subnet = {lease.subnet: lease for each in written.values() for lease in each}
    compared = ((way, by_subnet[way.subnet]) for way in data.ways if way.subnet in by_subnet)
    wrong = [*_devices(node, data, own), *(found for way, peer in compared for found in _way(node, way, peer))]
    words = {word for word, _ in wrong}
    return Look(max(words, key=OVERLAY.words.index, default="pass"), [line for _, line in wrong])


def _devices(node: str, data: Data, own: Iterable[Lease]) -> Iterator[_Wrong]:
    devices = {device.name: device for device in data.devices}
    for lease in own:
        if not lease.device:
            continue
        device = devices.get(lease.device)
        if device is None or not device.mac:
            yield "vtep", say("{node}: there is no {device}", node=node, device=lease.device)
        elif not device.up:
            yield "vtep", say("{node}: {device} is down", node=node, device=lease.device)
        elif device.mac.lower() != lease.mac:
            yield (
                "vtep",
                say(
                    "{node}: {device} has the MAC {mac}, and the others are told {told}",
                    node=node,
                    device=lease.device,
                    mac=device.mac,
                    told=lease.mac,
                ),
            )


def _way(node: str, way: Way, peer: Lease) -> Iterator[_Wrong]:
    if _direct(way, peer):
        return
    shown = {"node": node, "peer": peer.node, "subnet": peer.subnet}
    if not way.network or way.network != peer.subnet:
        yield "route", say("{node} → {peer}: there is no route to {subnet}", **shown)
    elif not peer.device or way.interface != peer.device or way.gateway != peer.gateway:
        there = {"gateway": way.gateway or say("none"), "interface": way.interface}
        yield "route", say("{node} → {peer}: the route to {subnet} leads to {gateway} on {interface}", **shown, **there)
    elif way.neighbour.lower() != peer.mac:
        yield (
            "neighbour",
            say(
                "{node} → {peer}: {gateway} has the MAC {mac} on {interface}, and should have {told}",
                node=node,
                peer=peer.node,
                gateway=way.gateway,
                mac=way.neighbour or say("none"),
                interface=way.interface,
                told=peer.mac,
            ),
        )
    elif way.machines != (peer.address,):
        yield (
            "fdb",
            say(
                "{node} → {peer}: {interface} sends what is for {mac} to {machines}, and should to {told}",
                node=node,
                peer=peer.node,
                interface=way.interface,
                mac=peer.mac,
                machines=names(way.machines) if way.machines else say("nobody"),
                told=peer.address,
            ),
        )


def _direct(way: Way, peer: Lease) -> bool:
    """Whether the route goes to the peer's own address: without a tunnel, or past it (Flannel's `DirectRouting`)."""
    return way.network == peer.subnet and way.gateway == peer.address
