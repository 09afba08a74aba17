"""The network below the nodes, the nodes' own interfaces, and the VXLAN overlay as flannel sets it up."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.lab.layout import (
    BRIDGE,
    GATEWAY,
    GATEWAY6,
    GATEWAY_MAC,
    HOST_ADDRESS,
    HOST_ADDRESS6,
    HOST_GW,
    HOST_LINK,
    POD_CIDR,
    POD_CIDR6,
    UNDERLAY,
    UNDERLAY_MTU,
    VXLAN_OVERHEAD,
    LabError,
    Node,
    nodes,
    shape,
)
from tests.lab.process import run

TUNNEL_OFFLOADS = ("tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation")

_NODE_SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv6.conf.default.forwarding": "1",
    "net.bridge.bridge-nf-call-iptables": "1",
    "net.bridge.bridge-nf-call-ip6tables": "1",
    # As systemd sets it on the usual distributions: an unprivileged process may open a ping socket.
    "net.ipv4.ping_group_range": "0 2147483647",
}


@dataclass(frozen=True)
class Overlay:
    """One VXLAN overlay: flannel makes one device per IP version."""

    device: str
    family: int
    nft_family: str
    network: str
    multicast: str
    host_prefix: int
    options: str
    address_options: str
    node_address: Callable[[Node], str]
    vtep: Callable[[Node], str]
    pod_subnet: Callable[[Node], str]

    @property
    def mtu(self) -> int:
        """The MTU of the device, in bytes: what the outer headers leave of the underlay's."""
        return UNDERLAY_MTU - VXLAN_OVERHEAD[self.family]


OVERLAYS = (
    Overlay(
        device="flannel.1",
        family=4,
        nft_family="ip",
        network=POD_CIDR,
        multicast="224.0.0.0/4",
        host_prefix=32,
        options="noudpcsum",
        address_options="",
        node_address=lambda node: node.address,
        vtep=lambda node: node.vtep,
        pod_subnet=lambda node: node.pod_subnet,
    ),
    Overlay(
        device="flannel-v6.1",
        family=6,
        nft_family="ip6",
        network=POD_CIDR6,
        multicast="ff00::/8",
        host_prefix=128,
        # A damaged inner packet must not make the outer checksum wrong, or ping would die with the rest.
        options="udp6zerocsumtx udp6zerocsumrx",
        address_options=" nodad",
        node_address=lambda node: node.address6,
        vtep=lambda node: node.vtep6,
        pod_subnet=lambda node: node.pod_subnet6,
    ),
)


def overlays() -> tuple[Overlay, ...]:
    """One for each IP version that there is."""
    return OVERLAYS if shape().dual_stack else OVERLAYS[:1]


def pod_mtu() -> int:
    """The MTU of pods, in bytes: what the way between the nodes leaves of theirs."""
    return UNDERLAY_MTU if shape().flanneld == HOST_GW else min(overlay.mtu for overlay in overlays())


_UNDERLAY_SYSCTLS = {"net.bridge.bridge-nf-call-iptables": "0", "net.bridge.bridge-nf-call-ip6tables": "0"}


def names_in_use(names: Iterable[str]) -> list[str]:
    """Return which network names of a lab with nodes of these names exist on this machine."""
    namespaces = _namespaces()
    found = [f"network namespace {name}" for name in (UNDERLAY, *names) if name in namespaces]
    if HOST_LINK in run("ip", "-o", "link", "show", "type", "veth"):
        found.append(f"interface {HOST_LINK}")
    return found


def create() -> None:
    """Make the underlay, one namespace a node, and the overlay between them."""
    run("ip", "netns", "add", UNDERLAY)
    _create_underlay()
    for node in nodes():
        create_node(node)


def create_node(node: Node) -> None:
    """Make a node's namespace, plug it into the underlay, and give it its share of the overlay."""
    run("ip", "netns", "add", node.name)
    _plug(node)
    _set_up_node(node)


def unplug(node: Node) -> None:
    """Take a node's cable away, if it is there: nobody hears from the node any more, not even that it ends."""
    if switched_on([node]):
        run("ip", "-n", UNDERLAY, "link", "delete", node.port)


def remove_node(node: Node) -> None:
    """Remove a node's namespace, if it is there, with all that the node set in it; no process may be left there."""
    if node.name in _namespaces():
        run("ip", "netns", "delete", node.name)


def switched_on(wanted: Iterable[Node] | None = None) -> list[Node]:
    """Return which of all nodes, or of those that are asked for, are plugged in: power goes with the cable."""
    ports = {line.split()[1] for line in run("ip", "-n", UNDERLAY, "-o", "link", "show", "type", "veth").splitlines()}
    names = {port.split("@")[0] for port in ports}
    return [node for node in (nodes() if wanted is None else wanted) if node.port in names]


def _namespaces() -> set[str]:
    return {line.split()[0] for line in run("ip", "netns", "list").splitlines()}


def remove() -> None:
    """Remove what `create` made, as far as it is there."""
    for name in _namespaces().intersection((UNDERLAY, *shape().names)):
        run("ip", "netns", "delete", name)
    # The link's other end went with its namespace; the kernel does that after the command has returned.
    try:
        run("ip", "link", "delete", HOST_LINK)
    except LabError as error:
        if "Cannot find device" not in str(error):
            raise


def _batch(namespace: str, lines: list[str]) -> None:
    run("ip", "-n", namespace, "-batch", "-", stdin="\n".join(lines) + "\n")


def _sysctl(namespace: str, values: dict[str, str]) -> None:
    run("ip", "netns", "exec", namespace, "sysctl", "-qw", *(f"{key}={value}" for key, value in values.items()))


def _create_underlay() -> None:
    _sysctl(UNDERLAY, _UNDERLAY_SYSCTLS)
    lines = [
        "link set lo up",
        f"link add {BRIDGE} type bridge",
        # Its own, or it has the lowest of its ports' and another one whenever a port comes or goes: the nodes then sent
        # to a gateway that was not there for up to a minute.
        f"link set {BRIDGE} address {GATEWAY_MAC} mtu {UNDERLAY_MTU} up",
        f"address add {GATEWAY}/24 dev {BRIDGE}",
        f"link add host type veth peer name {HOST_LINK}",
        f"link set host master {BRIDGE} up",
    ]
    if shape().dual_stack:
        lines.append(f"address add {GATEWAY6}/64 dev {BRIDGE} nodad")
    _batch(UNDERLAY, lines)
    run("ip", "-n", UNDERLAY, "link", "set", HOST_LINK, "netns", str(os.getpid()))
    run("ip", "address", "add", f"{HOST_ADDRESS}/24", "dev", HOST_LINK)
    if shape().dual_stack:
        run("ip", "address", "add", f"{HOST_ADDRESS6}/64", "dev", HOST_LINK, "nodad")
    run("ip", "link", "set", HOST_LINK, "up")


def _plug(node: Node) -> None:
    lines = [
        f"link add {node.port} type veth peer name eth0 address {node.mac} netns {node.name}",
        f"link set {node.port} master {BRIDGE} up",
    ]
    _batch(UNDERLAY, lines)
    # A wire carries finished checksums: without this, packets travel with the promise of one.
    run("ip", "netns", "exec", UNDERLAY, "ethtool", "-K", node.port, "tx", "off")


def _set_up_node(node: Node) -> None:
    _sysctl(node.name, _NODE_SYSCTLS)
    # One segment at most: what leaves are frames as a wire has them, so that its MTU and its counters mean something.
    lines = [
        "link set lo up",
        f"link set eth0 mtu {UNDERLAY_MTU} gso_max_segs 1 up",
        f"address add {node.address}/24 dev eth0",
        f"route add default via {GATEWAY}",
    ]
    if shape().dual_stack:
        lines += [f"address add {node.address6}/64 dev eth0 nodad", f"route add ::/0 via {GATEWAY6}"]
    _batch(node.name, lines)
    for overlay in () if shape().flanneld else overlays():
        _create_overlay(node, overlay)
    set_tunnel_offloads(node, "off")


def set_tunnel_offloads(node: Node, value: str) -> None:
    """Switch both tunnel offloads of the node's eth0 `on` or `off`."""
    features = [part for name in TUNNEL_OFFLOADS for part in (name, value)]
    run("ip", "netns", "exec", node.name, "ethtool", "-K", "eth0", *features)


def _create_overlay(node: Node, overlay: Overlay) -> None:
    device = overlay.device
    tunnel = f"local {overlay.node_address(node)} dev eth0 dstport {shape().vxlan_port} nolearning"
    lines = [
        f"link add {device} address {node.vtep_mac} mtu {overlay.mtu} type vxlan id 1 {tunnel} {overlay.options}",
        f"link set {device} up",
        f"address add {overlay.vtep(node)}/{overlay.host_prefix} dev {device}{overlay.address_options}",
    ]
    others = [other for other in nodes() if other != node]
    for other in others:
        lines += [
            f"neighbour add {overlay.vtep(other)} lladdr {other.vtep_mac} dev {device} nud permanent",
            f"route add {overlay.pod_subnet(other)} via {overlay.vtep(other)} dev {device} onlink",
        ]
    _batch(node.name, lines)
    entries = [f"fdb append {each.vtep_mac} dev {device} dst {overlay.node_address(each)}" for each in others]
    run("bridge", "-n", node.name, "-batch", "-", stdin="\n".join(entries) + "\n")
    run("ip", "netns", "exec", node.name, "nft", "-f", "-", stdin=_masquerade(overlay))


def _masquerade(overlay: Overlay) -> str:
    """What leaves the pod network takes the node's address, as with flannel's --ip-masq: pods reach nodes directly."""
    ip = overlay.nft_family
    return f"""
table {ip} flannel-masquerade {{
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    {ip} saddr {overlay.network} {ip} daddr {overlay.network} return
    {ip} saddr {overlay.network} {ip} daddr != {overlay.multicast} masquerade
  }}
}}
"""
