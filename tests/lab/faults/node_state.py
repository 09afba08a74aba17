"""Faults of what a node's own kernel is told: where pods of other nodes are, what it forwards, what it filters.

Two causes of the kind are not staged. The limits of neighbours are the machine's alone, and that of connections is read
only in a node's network namespace: both would be changed for everything that runs on the machine.
"""

from tests.lab import addons
from tests.lab.faults.model import Values
from tests.lab.faults.network import NOBODY, VXLAN_DEVICE
from tests.lab.layout import BRIDGE, CONTROL_PLANE, UNDERLAY, Node, nodes
from tests.lab.network import switched_on
from tests.lab.process import run

WHAT = ("fdb", "neighbour", "route", "vtep")
WRONG_MAC = "7a:00:00:00:00:ee"
SECOND = "eth1"
SECOND_NETWORK = "192.0.2"
"""The second adapter's addresses: nobody else is there."""


def _in_node(target: Node, *command: str) -> None:
    run("ip", "netns", "exec", target.name, *command)


def inject_overlay_state(values: Values) -> None:
    """Spoil what the nodes know of some peers' pods: one link of the way there."""
    for target in values["node"]:
        if values["what"] == "vtep":
            _in_node(target, "ip", "link", "set", VXLAN_DEVICE, "address", WRONG_MAC)
            continue
        for peer in values["peer"]:
            if peer != target and peer.name in values["macs"]:
                _spoil(target, peer, values)


def _spoil(target: Node, peer: Node, values: Values) -> None:
    if values["what"] == "fdb":
        _write_entry(target, values["macs"][peer.name], NOBODY)
    elif values["what"] == "neighbour":
        _write_neighbour(target, peer, WRONG_MAC)
    else:
        _in_node(target, "ip", "route", "delete", peer.pod_subnet)


def remember_overlay_state() -> Values:
    """Read the tunnel devices' own MACs, which flannel's daemon chooses by itself."""
    return {"macs": {each.name: _mac(each) for each in switched_on()}}


def _mac(target: Node) -> str:
    return run("ip", "netns", "exec", target.name, "cat", f"/sys/class/net/{VXLAN_DEVICE}/address").strip()


def undo_overlay_state(values: Values) -> None:
    """Write everything as Flannel does."""
    macs = values["macs"]
    for target in switched_on(values["node"]):
        _in_node(target, "ip", "link", "set", VXLAN_DEVICE, "address", macs[target.name])
        for peer in nodes():
            if peer != target and peer.name in macs:
                _write_entry(target, macs[peer.name], peer.address)
                _write_neighbour(target, peer, macs[peer.name])
                way = ("via", peer.vtep, "dev", VXLAN_DEVICE, "onlink")
                _in_node(target, "ip", "route", "replace", peer.pod_subnet, *way)


def _write_entry(target: Node, mac: str, address: str) -> None:
    entry = (mac, "dev", VXLAN_DEVICE, "dst", address, "self", "permanent")
    _in_node(target, "bridge", "fdb", "replace", *entry)


def _write_neighbour(target: Node, peer: Node, mac: str) -> None:
    entry = (peer.vtep, "lladdr", mac, "dev", VXLAN_DEVICE, "nud", "permanent")
    _in_node(target, "ip", "neighbour", "replace", *entry)


def inject_no_forwarding(values: Values) -> None:
    """Let the nodes' kernels forward no IPv4. A pod that starts there switches it on again: its plugin does."""
    for target in values["node"]:
        _in_node(target, "sysctl", "-qw", "net.ipv4.ip_forward=0")


def undo_no_forwarding(values: Values) -> None:
    """Let them forward."""
    for target in switched_on(values["node"]):
        _in_node(target, "sysctl", "-qw", "net.ipv4.ip_forward=1")


def inject_no_bridge_filter(values: Values) -> None:
    """Let what pods of the nodes send each other pass by iptables."""
    _filter_bridges(values["node"], 0)


def undo_no_bridge_filter(values: Values) -> None:
    """Let it pass iptables."""
    _filter_bridges(switched_on(values["node"]), 1)


def _filter_bridges(targets: list[Node], value: int) -> None:
    for target in targets:
        _in_node(target, "sysctl", "-qw", f"net.bridge.bridge-nf-call-iptables={value}")


def inject_reverse_path(values: Values) -> None:
    """Give the nodes a second adapter in the same network, with a strict filter, and let the peers send to that one.

    What comes in there would be answered by the first one, so that the node drops it.
    """
    for target in values["node"]:
        mac = _second_mac(target)
        port = _second_port(target)
        run("ip", "-n", UNDERLAY, "link", "add", port, "type", "veth", "peer", "name", SECOND, "netns", target.name)
        run("ip", "-n", UNDERLAY, "link", "set", port, "master", BRIDGE, "up")
        # It answers for its own address alone: the gateway too would send to its MAC, also for a while when it is gone.
        _in_node(target, "sysctl", "-qw", f"net.ipv4.conf.{SECOND}.arp_ignore=1")
        _in_node(target, "ip", "link", "set", SECOND, "address", mac, "up")
        _in_node(target, "ip", "address", "add", f"{SECOND_NETWORK}.{target.index + 1}/24", "dev", SECOND)
        _in_node(target, "sysctl", "-qw", f"net.ipv4.conf.{SECOND}.rp_filter=1")
        for peer in values["peer"]:
            if peer != target:
                entry = (target.address, "lladdr", mac, "dev", "eth0", "nud", "permanent")
                _in_node(peer, "ip", "neighbour", "replace", *entry)


def undo_reverse_path(values: Values) -> None:
    """Take the second adapters away, and let the peers ask for the first ones again."""
    ports = run("ip", "-n", UNDERLAY, "-o", "link", "show", "type", "veth")
    for target in values["node"]:
        if _second_port(target) in ports:
            run("ip", "-n", UNDERLAY, "link", "delete", _second_port(target))
        for peer in switched_on(values["peer"]):
            if peer != target:
                entry = (target.address, "lladdr", target.mac, "dev", "eth0", "nud", "reachable")
                _in_node(peer, "ip", "neighbour", "replace", *entry)
    if CONTROL_PLANE in (*values["node"], *values["peer"]) and switched_on([CONTROL_PLANE]):
        addons.wait_for_kubelets()


def _second_port(target: Node) -> str:
    return f"{target.port}-{SECOND}"


def _second_mac(target: Node) -> str:
    return target.mac.replace("00:50:56:00:00:", "00:50:56:00:01:")
