"""Faults of the adapters, the nodes' firewalls and the network below."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from tests.lab.faults import bad_nic
from tests.lab.faults.model import VERDICTS, Values, delete_table
from tests.lab.hardware import VMXNET3, adapter
from tests.lab.layout import (
    BRIDGE,
    GATEWAY,
    GATEWAY6,
    POD_CIDR,
    REPOSITORY,
    RUN,
    SERVICE_CIDR,
    UNDERLAY,
    UNDERLAY_MTU,
    LabError,
    Node,
    shape,
)
from tests.lab.network import set_tunnel_offloads, switched_on
from tests.lab.process import pid, run, start
from tests.lab.runtime import wait_for

_FIREWALL = "inet netcheck-lab-firewall"
_FIREWALL6 = "inet netcheck-lab-firewall6"
_FORWARDING = "inet netcheck-lab-forwarding"
_EGRESS = "inet netcheck-lab-egress"
_LOSSY = "bridge netcheck-lab-lossy"
_TAKEN = "bridge netcheck-lab-taken"
_WEBHOOK = "inet netcheck-lab-webhook"
_LARGE = "netdev netcheck-lab-large"
_CHECKSUM = "inet netcheck-lab-checksum"
_NEIGHBOURS = "inet netcheck-lab-neighbours"
_UNTRANSLATED = ("PREROUTING", "OUTPUT")
WEBHOOK_PORT = 9443
"""Of the pod of MetalLB's controller."""
LARGE = 1000
"""Bytes of a datagram of the tunnel: what the adapter would have merged."""
VXLAN_DEVICE = "flannel.1"
NOBODY = "172.30.0.250"
"""An address of the underlay that no node has."""


def require_vmxnet3(values: Values) -> None:
    """Refuse nodes with another adapter: they offload no tunnel."""
    if others := [each.name for each in values["node"] if adapter(each) != VMXNET3]:
        raise LabError(f"no vmxnet3 adapter in {', '.join(others)}: `adapter NODE vmxnet3` while it is off")


def inject_tunnel_offload(values: Values) -> None:
    """Switch the tunnel offloads on and let an adapter that is bad with them follow."""
    for bad in values["node"]:
        set_tunnel_offloads(bad, "on")
    _follow_offloads(values["node"])


def undo_tunnel_offload(values: Values) -> None:
    """Switch the offloads off, as they are in the healthy lab, and take the bad adapter away."""
    _follow_offloads_no_more(values["node"])
    for bad in switched_on(values["node"]):
        set_tunnel_offloads(bad, "off")
    _verify_checksums("on")


def boot_with_tunnel_offload(values: Values, changed: Node) -> None:
    """Let the adapters that are left be bad, at all nodes that are left; a vmxnet3 boots with its offloads on."""
    _follow_offloads_no_more(values["node"])
    bad = [each for each in switched_on(values["node"]) if adapter(each) == VMXNET3]
    if changed in bad:
        set_tunnel_offloads(changed, "on")
    _follow_offloads(bad)


def _follow_offloads(bad: list[Node]) -> None:
    _verify_checksums("off")
    for each in bad:
        follower = ["nsenter", f"--net=/run/netns/{each.name}", "env", f"--chdir={REPOSITORY}"]
        command = [*follower, sys.executable, "-m", "tests.lab.faults.bad_nic", each.name]
        start(f"nic-{each.name}", f"{each.name}/system", command)
    wait_for("the bad adapters", lambda: all(map(bad_nic.is_damaging, filter(bad_nic.offloads, bad))))


def _follow_offloads_no_more(bad: list[Node]) -> None:
    for each in bad:
        with contextlib.suppress(LabError, ProcessLookupError):
            os.kill(pid(f"nic-{each.name}"), signal.SIGKILL)
        (RUN / "pids" / f"nic-{each.name}").unlink(missing_ok=True)
        bad_nic.stop_damage(each)


def _verify_checksums(value: str) -> None:
    """Let connection tracking verify checksums or not.

    While it does, kube-proxy's rule against INVALID packets drops the damaged ones before the pod can count them.
    """
    for receiver in switched_on():
        _in_node(receiver, "sysctl", "-qw", f"net.netfilter.nf_conntrack_checksum={int(value == 'on')}")


def inject_firewall(values: Values) -> None:
    """Drop or reject what arrives on the VXLAN port in the nodes' own firewalls."""
    rules = f"""
table {_FIREWALL} {{
  chain input {{
    type filter hook input priority filter;
    udp dport {shape().vxlan_port} {VERDICTS[values["verdict"]]}
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_firewall(values: Values) -> None:
    """Remove the rule."""
    for target in switched_on(values["node"]):
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_FIREWALL))


def inject_ipv6_tunnel(values: Values) -> None:
    """Drop what arrives on the VXLAN port over IPv6 alone."""
    rules = f"""
table {_FIREWALL6} {{
  chain input {{
    type filter hook input priority filter;
    meta nfproto ipv6 udp dport {shape().vxlan_port} counter drop
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_ipv6_tunnel(values: Values) -> None:
    """Remove the rule."""
    for target in switched_on(values["node"]):
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_FIREWALL6))


def inject_mtu(values: Values) -> None:
    """Give the bridge ports of the nodes a smaller MTU: larger frames vanish there, in both directions."""
    _set_port_mtu(values["node"], values["mtu"])


def undo_mtu(values: Values) -> None:
    """Give the ports their MTU back."""
    _set_port_mtu(switched_on(values["node"]), UNDERLAY_MTU)


def _set_port_mtu(targets: list[Node], mtu: int) -> None:
    for target in targets:
        run("ip", "-n", UNDERLAY, "link", "set", target.port, "mtu", str(mtu))


def _in_node(target: Node, *command: str, stdin: str | None = None) -> None:
    run("ip", "netns", "exec", target.name, *command, stdin=stdin)


def inject_forwarding(values: Values) -> None:
    """Refuse or drop in the FORWARD chain what comes out of the tunnel for the nodes' pods."""
    some = "meta l4proto tcp " if values["verdict"] == "reject" else ""
    rules = f"""
table {_FORWARDING} {{
  chain forward {{
    type filter hook forward priority filter;
    iifname "{VXLAN_DEVICE}" {some}{VERDICTS[values["verdict"]]}
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_forwarding(values: Values) -> None:
    """Remove the rule."""
    for target in switched_on(values["node"]):
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_FORWARDING))


def inject_egress(values: Values) -> None:
    """Drop or reject what the nodes' pods send to the network's gateway, and so out of the cluster."""
    rules = f"""
table {_EGRESS} {{
  chain forward {{
    type filter hook forward priority filter;
    ip saddr {POD_CIDR} ip daddr {GATEWAY} {VERDICTS[values["verdict"]]}
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_egress(values: Values) -> None:
    """Remove the rule."""
    for target in switched_on(values["node"]):
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_EGRESS))


def inject_loss(values: Values) -> None:
    """Lose a share of the frames to and from the nodes in the network below."""
    some = "" if values["share"] == 100 else f"numgen random mod 100 < {values['share']} "
    _drop_below(_LOSSY, values, some)


def _drop_below(table: str, values: Values, match: str) -> None:
    """Drop what matches in the network below, on the ways of the nodes: of all of them, or of those to one peer."""
    rules = "".join(f"    {way} {match}counter drop\n" for way in _ways(values))
    rules = f"table {table} {{\n  chain forward {{\n    type filter hook forward priority filter;\n{rules}  }}\n}}\n"
    run("ip", "netns", "exec", UNDERLAY, "nft", "-f", "-", stdin=rules)


def _ways(values: Values) -> Iterator[str]:
    """The ways in nftables' words: the ports of the bridge by which something comes in and goes out."""
    incoming, outgoing = values["direction"] != "from", values["direction"] != "to"
    for target in values["node"]:
        for peer in values["peer"] or [None]:
            here, there = f'"{target.port}"', f'"{peer.port}"' if peer else ""
            if incoming:
                yield f"oifname {here} {f'iifname {there}' if there else ''}"
            if outgoing:
                yield f"iifname {here} {f'oifname {there}' if there else ''}"


def undo_loss(_: Values) -> None:
    """Remove the rule."""
    run("ip", "netns", "exec", UNDERLAY, "nft", "-f", "-", stdin=delete_table(_LOSSY))


def inject_port_conflict(values: Values) -> None:
    """Take the tunnel's datagrams to and from the nodes away in the network below, as a hypervisor's own VXLAN does."""
    _drop_below(_TAKEN, values, f"udp dport {shape().vxlan_port} ")


def undo_port_conflict(_: Values) -> None:
    """Remove the rule."""
    run("ip", "netns", "exec", UNDERLAY, "nft", "-f", "-", stdin=delete_table(_TAKEN))


def inject_webhook_blocked(values: Values) -> None:
    """Drop or reject what comes out of the tunnel for the webhook's port, on every node: the pod may be on any."""
    rules = f"""
table {_WEBHOOK} {{
  chain forward {{
    type filter hook forward priority filter;
    iifname "{VXLAN_DEVICE}" tcp dport {WEBHOOK_PORT} {VERDICTS[values["verdict"]]}
  }}
}}
"""
    for target in switched_on():
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_webhook_blocked(_: Values) -> None:
    """Remove the rule."""
    for target in switched_on():
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_WEBHOOK))


def inject_untranslated(values: Values) -> None:
    """Let the nodes' new connections pass by kube-proxy's rules, and cut those that the nodes themselves keep."""
    for target in values["node"]:
        for chain in _UNTRANSLATED:
            _in_node(target, "iptables", "-w", "-t", "nat", "-I", chain, "-j", "ACCEPT")
        _in_node(target, "ss", "--kill", "dst", SERVICE_CIDR)


def undo_untranslated(values: Values) -> None:
    """Take the rules in front of kube-proxy's away."""
    for target in switched_on(values["node"]):
        for chain in _UNTRANSLATED:
            rule = (chain, "-j", "ACCEPT")
            while f"-A {' '.join(rule)}\n" in run(
                "ip", "netns", "exec", target.name, "iptables", "-t", "nat", "-S", chain
            ):
                _in_node(target, "iptables", "-w", "-t", "nat", "-D", *rule)


def inject_tx_checksum(values: Values) -> None:
    """Damage the checksum of TCP that leaves the nodes through the tunnel with a translated source address."""
    _verify_checksums("off")
    rules = f"""
table {_CHECKSUM} {{
  chain postrouting {{
    type filter hook postrouting priority srcnat + 100;
    oifname "{VXLAN_DEVICE}" ct status snat ct direction original meta l4proto tcp counter @th,128,16 set 0xdead
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)
        _in_node(target, "ss", "--kill", "dst", SERVICE_CIDR)


def undo_tx_checksum(values: Values) -> None:
    """Remove the rule."""
    for target in switched_on(values["node"]):
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_CHECKSUM))
    _verify_checksums("on")


def has_ipv6() -> bool:
    """Tell whether the lab has IPv6."""
    return GATEWAY6 in run("ip", "-n", UNDERLAY, "-6", "address", "show", "dev", BRIDGE)


def inject_duplicate(values: Values) -> None:
    """Give somebody else in the network below the nodes' IPv6 addresses, and let the nodes ask for theirs anew."""
    for target in values["node"]:
        run("ip", "-n", UNDERLAY, "address", "add", f"{target.address6}/128", "dev", BRIDGE, "nodad")
        _take_address(target)
    wait_for("duplicate address detection", lambda: all("dadfailed" in _addresses(each) for each in values["node"]))


def undo_duplicate(values: Values) -> None:
    """Take the addresses from whoever else has them, and let the nodes ask again."""
    for target in values["node"]:
        if target.address6 in run("ip", "-n", UNDERLAY, "-6", "address", "show", "dev", BRIDGE):
            run("ip", "-n", UNDERLAY, "address", "delete", f"{target.address6}/128", "dev", BRIDGE)
    present = switched_on(values["node"])
    for target in present:
        _take_address(target)
    wait_for("the address", lambda: not any("tentative" in _addresses(each) for each in present))


def _take_address(target: Node) -> None:
    if target.address6 in _addresses(target):
        _in_node(target, "ip", "address", "delete", f"{target.address6}/64", "dev", "eth0")
    _in_node(target, "ip", "address", "add", f"{target.address6}/64", "dev", "eth0")


def _addresses(target: Node) -> str:
    return run("ip", "-n", target.name, "-6", "address", "show", "dev", "eth0", "scope", "global")


def inject_no_ipv6_routing(values: Values) -> None:
    """Let the nodes hear no neighbour's or router's answer over IPv6, and lose their default route."""
    kinds = "{ nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert }"
    rules = f"""
table {_NEIGHBOURS} {{
  chain input {{
    type filter hook input priority filter;
    iifname "eth0" icmpv6 type {kinds} counter drop
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)
        _in_node(target, "ip", "-6", "neighbour", "flush", "dev", "eth0")
        _in_node(target, "ip", "-6", "route", "delete", "default")


def undo_no_ipv6_routing(values: Values) -> None:
    """Remove the rule and put the route back."""
    for target in switched_on(values["node"]):
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_NEIGHBOURS))
        _in_node(target, "ip", "-6", "route", "replace", "default", "via", GATEWAY6)


def inject_receive_offload(values: Values) -> None:
    """Drop large encapsulated TCP where it arrives at the nodes' eth0; UDP of the same size passes."""
    inner_tcp = f"udp dport {shape().vxlan_port} @th,224,16 0x0800 @th,312,8 6 udp length > {LARGE} counter drop"
    rules = f"""
table {_LARGE} {{
  chain ingress {{
    type filter hook ingress device eth0 priority 0;
    {inner_tcp}
  }}
}}
"""
    for target in values["node"]:
        _in_node(target, "nft", "-f", "-", stdin=rules)


def undo_receive_offload(values: Values) -> None:
    """Remove the rule."""
    for target in switched_on(values["node"]):
        _in_node(target, "nft", "-f", "-", stdin=delete_table(_LARGE))
