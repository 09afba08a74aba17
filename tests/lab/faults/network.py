"""Faults of the adapters, the nodes' firewalls and the network below."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable

from tests.lab.faults import bad_nic
from tests.lab.faults.model import Values, delete_table
from tests.lab.layout import NODES, REPOSITORY, RUN, UNDERLAY, UNDERLAY_MTU, VXLAN_PORT, LabError, Node
from tests.lab.network import TUNNEL_OFFLOADS
from tests.lab.process import pid, run, start
from tests.lab.runtime import wait_for

_FIREWALL = "inet netcheck-lab-firewall"
_FORWARDING = "inet netcheck-lab-forwarding"
_LOSSY = "bridge netcheck-lab-lossy"
_WAYS = ("iifname", "oifname")
VXLAN_DEVICE = "flannel.1"
NOBODY = "172.30.0.250"
"""An address of the underlay that no node has."""


def inject_tunnel_offload(values: Values) -> None:
    """Switch the tunnel offloads on and let an adapter that is bad with them follow."""
    for receiver in NODES:
        # Otherwise kube-proxy's rule against INVALID packets drops the damaged ones before the pod can count them.
        _in_node(receiver, "sysctl", "-qw", "net.netfilter.nf_conntrack_checksum=0")
    for bad in values["node"]:
        _set_tunnel_offloads(bad, "on")
        follower = ["nsenter", f"--net=/run/netns/{bad.name}", "env", f"--chdir={REPOSITORY}"]
        start(
            f"nic-{bad.name}",
            f"{bad.name}/system",
            [*follower, sys.executable, "-m", "tests.lab.faults.bad_nic", bad.name],
        )
    wait_for("the bad adapters", lambda: all(map(bad_nic.is_damaging, values["node"])))


def undo_tunnel_offload(values: Values) -> None:
    """Switch the offloads off, as they are in the healthy lab, and take the bad adapter away."""
    for bad in values["node"]:
        with contextlib.suppress(LabError, ProcessLookupError):
            os.kill(pid(f"nic-{bad.name}"), signal.SIGKILL)
        (RUN / "pids" / f"nic-{bad.name}").unlink(missing_ok=True)
        bad_nic.stop_damage(bad)
        _set_tunnel_offloads(bad, "off")
    for receiver in NODES:
        _in_node(receiver, "sysctl", "-qw", "net.netfilter.nf_conntrack_checksum=1")


def _set_tunnel_offloads(target: Node, value: str) -> None:
    _in_node(target, "ethtool", "-K", "eth0", *(part for name in TUNNEL_OFFLOADS for part in (name, value)))


def inject_firewall(values: Values) -> None:
    """Drop what arrives on the VXLAN port in the nodes' own firewalls."""
    rules = f"""
table {_FIREWALL} {{
  chain input {{
    type filter hook input priority filter;
    udp dport {VXLAN_PORT} counter drop
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_firewall(values: Values) -> None:
    """Remove the rule."""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_FIREWALL))


def inject_mtu(values: Values) -> None:
    """Give the bridge ports of the nodes a smaller MTU: larger frames vanish there, in both directions."""
    _set_port_mtu(values["node"], values["mtu"])


def undo_mtu(values: Values) -> None:
    """Give the ports their MTU back."""
    _set_port_mtu(values["node"], UNDERLAY_MTU)


def _set_port_mtu(targets: list[Node], mtu: int) -> None:
    for target in targets:
        run("ip", "-n", UNDERLAY, "link", "set", target.name, "mtu", str(mtu))


def _in_node(target: Node, *command: str, stdin: str | None = None) -> None:
    run("ip", "netns", "exec", target.name, *command, stdin=stdin)


def inject_forwarding(values: Values) -> None:
    """Refuse or drop in the FORWARD chain what comes out of the tunnel for the nodes' pods."""
    what = {"reject": "meta l4proto tcp counter reject with icmp type host-prohibited", "drop": "counter drop"}
    rules = f"""
table {_FORWARDING} {{
  chain forward {{
    type filter hook forward priority filter;
    iifname "{VXLAN_DEVICE}" {what[values["verdict"]]}
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_forwarding(values: Values) -> None:
    """Remove the rule."""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_FORWARDING))


def inject_wrong_entry(values: Values) -> None:
    """Let the nodes' forwarding entries for all their peers name an address that nobody has."""
    for target in values["node"]:
        _set_entries(target, lambda _: NOBODY)


def undo_wrong_entry(values: Values) -> None:
    """Write the entries as Flannel does."""
    for target in values["node"]:
        _set_entries(target, lambda peer: peer.address)


def _set_entries(target: Node, address: Callable[[Node], str]) -> None:
    for peer in NODES:
        if peer != target:
            entry = ("fdb", "replace", peer.vtep_mac, "dev", VXLAN_DEVICE, "dst", address(peer), "self", "permanent")
            _in_node(target, "bridge", *entry)


def inject_loss(values: Values) -> None:
    """Lose a share of the frames to and from the nodes in the network below."""
    some = "" if values["share"] == 100 else f"numgen random mod 100 < {values['share']} "
    ports = "".join(f'    {way} "{target.name}" {some}counter drop\n' for target in values["node"] for way in _WAYS)
    rules = f"table {_LOSSY} {{\n  chain forward {{\n    type filter hook forward priority filter;\n{ports}  }}\n}}\n"
    run("ip", "netns", "exec", UNDERLAY, "nft", "-f", "-", stdin=rules)


def undo_loss(_: Values) -> None:
    """Remove the rule."""
    run("ip", "netns", "exec", UNDERLAY, "nft", "-f", "-", stdin=delete_table(_LOSSY))
