"""What the nodes' adapters, their offloads, MTUs and error counters mean."""

from collections import Counter
from collections.abc import Iterator, Sequence

from checks.cluster.snapshot import Snapshot
from checks.finding import Finding, Severity
from checks.nic.model import Data, Interface, Parameters, Role
from checks.observation import Observation

FINDINGS = {
    "nic.adapter": "Which network adapter the virtual machines have",
    "nic.tunnel-offload": "Whether a VMXNET3 adapter may offload checksum and segmentation of UDP tunnels",
    "nic.mtu": "The nodes' MTUs agree, and the tunnel's packets fit them",
    "nic.errors": "Errors, drops or carrier changes rise on an adapter",
}

ADAPTERS = {
    "15ad:07b0": "vmxnet3",
    "8086:10d3": "e1000e",
    "8086:100f": "e1000",
    "1af4:1000": "virtio",
    "1af4:1041": "virtio",
}
"""PCI IDs (pci-ids.ucw.cz): VMXNET3, 82574L, 82545EM, virtio-net of both generations."""
DRIVERS = {"vmxnet3": "vmxnet3", "e1000e": "e1000e", "e1000": "e1000", "virtio_net": "virtio"}
"""What the driver is for, where no PCI ID can be read."""
TUNNEL_OFFLOADS = ("tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation")
"""vmxnet3 stops treating tunnels specially only when both are off (Linux, `vmxnet3_set_features`)."""
VXLAN_OVERHEAD = 50
"""Bytes that VXLAN over IPv4 adds: Ethernet 14, VXLAN 8, UDP 8, IPv4 20 (RFC 7348)."""
DROPPED_SHARE = 0.01
"""Linux counts frames that nobody listens for (LLDP, spanning tree) as dropped, so a few are no fault."""
DROPPED_AT_LEAST = 5
"""Packets; the same."""
FAULTS = ("rx_errors", "tx_errors", "tx_dropped", "carrier_changes")
"""Counters that stand still on a healthy adapter."""

Seen = list[tuple[str, Data]]
"""What was observed, by node."""


def judge(snapshot: Snapshot, parameters: Parameters, observations: Sequence[Observation]) -> list[Finding]:  # noqa: ARG001 - all judges have one shape
    """One finding a code."""
    seen = [(o.node, o.data) for o in observations if isinstance(o.data, Data)]
    unseen = tuple(f"{o.node}: not seen: {o.message or o.state}" for o in observations if not isinstance(o.data, Data))
    return [rule(seen, unseen) for rule in (_adapter, _tunnel_offload, _mtu, _errors)]


def adapter(interface: Interface) -> str:
    """`vmxnet3`, `e1000e` … by PCI ID, else by driver; else the driver's name, or `unknown`."""
    by_driver = DRIVERS.get(interface.driver, interface.driver or "unknown")
    return ADAPTERS.get(interface.pci_id, by_driver)


def _adapters(seen: Seen) -> Iterator[tuple[str, Interface]]:
    """The interfaces that carry the traffic between nodes: the lowest ones, where the address is on a bond or VLAN."""
    for node, data in seen:
        lower = [i for i in data.interfaces if i.role is Role.LOWER]
        for interface in lower or [i for i in data.interfaces if i.role is Role.NODE]:
            yield node, interface


def _unknown(code: str, unseen: tuple[str, ...]) -> Finding:
    return Finding(
        code=code,
        severity=Severity.UNKNOWN,
        summary="No node's network adapter could be looked at.",
        evidence=unseen,
    )


def _adapter(seen: Seen, unseen: tuple[str, ...]) -> Finding:
    code = "nic.adapter"
    found = list(_adapters(seen))
    if not found:
        return _unknown(code, unseen)
    machines = {node: f" ({data.system_vendor} {data.product})".replace("( )", "") for node, data in seen}
    evidence = tuple(
        f"{node}: {i.name} {adapter(i)}, driver {i.driver or '?'}, PCI {i.pci_id or 'none'}, MTU {i.mtu}"
        + machines[node].replace(" ( )", "")
        for node, i in found
    )
    kinds = {adapter(interface) for _, interface in found}
    if "vmxnet3" in kinds:
        where = tuple(sorted({node for node, i in found if adapter(i) == "vmxnet3"}))
        return Finding(
            code=code,
            severity=Severity.ADVICE,
            outcome="vmxnet3",
            summary=f"Nodes with a VMXNET3 adapter: {len(where)} of {len(seen)}.",
            where=where,
            evidence=evidence + unseen,
        )
    return Finding(
        code=code,
        severity=Severity.OK,
        outcome="e1000e" if kinds == {"e1000e"} else "other",
        summary=f"The nodes' adapters are {', '.join(sorted(kinds))}.",
        evidence=evidence + unseen,
    )


def _tunnel_offload(seen: Seen, unseen: tuple[str, ...]) -> Finding:
    code = "nic.tunnel-offload"
    found = list(_adapters(seen))
    if not found:
        return _unknown(code, unseen)
    vmxnet3 = [(node, interface) for node, interface in found if adapter(interface) == "vmxnet3"]
    if not vmxnet3:
        return Finding(
            code=code,
            severity=Severity.OK,
            outcome="other-adapter",
            summary="No node has a VMXNET3 adapter, so its tunnel offload cannot be the trouble.",
            evidence=unseen,
        )
    evidence = tuple(f"{node}: {i.name} {_offloads(i)}" for node, i in vmxnet3) + unseen
    at_risk = tuple(sorted({node for node, i in vmxnet3 if _offloading(i)}))
    if at_risk:
        return Finding(
            code=code,
            severity=Severity.ADVICE,
            outcome="on",
            summary="VMXNET3 offloads UDP tunnels: on some hosts that loses the packets inside.",
            where=at_risk,
            evidence=evidence,
        )
    if not all(i.features for _, i in vmxnet3):
        return Finding(
            code=code,
            severity=Severity.UNKNOWN,
            summary="The kernel did not tell what the VMXNET3 adapters offload.",
            evidence=evidence,
        )
    return Finding(
        code=code,
        severity=Severity.OK,
        outcome="off",
        summary="The VMXNET3 adapters do not offload UDP tunnels.",
        evidence=evidence,
    )


def _offloading(interface: Interface) -> bool:
    return any(feature.on for name in TUNNEL_OFFLOADS if (feature := interface.feature(name)))


def _offloads(interface: Interface) -> str:
    """The tunnel offloads as ethtool shows them."""
    if not interface.features:
        return "offloads not told"
    parts = []
    for name in TUNNEL_OFFLOADS:
        feature = interface.feature(name)
        state = "not there" if feature is None else ("on" if feature.on else "off") + " [fixed]" * feature.fixed
        parts.append(f"{name}: {state}")
    return ", ".join(parts)


def _mtu(seen: Seen, unseen: tuple[str, ...]) -> Finding:
    code = "nic.mtu"
    mtus = {
        role: {node: i.mtu for node, data in seen for i in data.interfaces if i.role is role and i.mtu}
        for role in (Role.NODE, Role.TUNNEL)
    }
    node_mtus, tunnel_mtus = mtus[Role.NODE], mtus[Role.TUNNEL]
    if not node_mtus:
        return _unknown(code, unseen)
    evidence = tuple(
        f"{node}: {mtu}" + (f", tunnel {tunnel_mtus[node]}" if node in tunnel_mtus else "")
        for node, mtu in sorted(node_mtus.items())
    )
    too_large = tuple(
        node
        for node, mtu in sorted(tunnel_mtus.items())
        if node in node_mtus and mtu + VXLAN_OVERHEAD > node_mtus[node]
    )
    odd = _minority(node_mtus) or _minority(tunnel_mtus)
    if too_large:
        severity, where = Severity.FAILED, too_large
        summary = "The tunnel's MTU leaves no room for its own headers: full packets do not fit the adapter."
    elif odd:
        severity, where = Severity.DEGRADED, odd
        summary = "The nodes' MTUs differ: large packets may get lost between them."
    else:
        severity, where = Severity.OK, ()
        summary = f"All nodes seen have MTU {next(iter(node_mtus.values()))}."
    return Finding(code=code, severity=severity, summary=summary, where=where, evidence=evidence + unseen)


def _minority(mtus: dict[str, int]) -> tuple[str, ...]:
    """The nodes whose MTU is not the one that most have."""
    usual = Counter(mtus.values()).most_common(1)
    return tuple(sorted(node for node, mtu in mtus.items() if mtu != usual[0][0])) if usual else ()


def _errors(seen: Seen, unseen: tuple[str, ...]) -> Finding:
    code = "nic.errors"
    if not any(data.interfaces for _, data in seen):
        return _unknown(code, unseen)
    lines = {
        node: [f"{node}: {i.name} {line} in {data.window_s:.1f} s" for i in data.interfaces for line in _rising(i)]
        for node, data in seen
    }
    where = tuple(sorted((node for node, found in lines.items() if found), key=lambda node: -len(lines[node])))
    evidence = tuple(line for node in where for line in lines[node])
    if where:
        return Finding(
            code=code,
            severity=Severity.DEGRADED,
            summary="Network adapters count errors right now.",
            where=where,
            evidence=evidence + unseen,
        )
    return Finding(
        code=code, severity=Severity.OK, summary="No adapter counted errors while it was watched.", evidence=unseen
    )


def _rising(interface: Interface) -> Iterator[str]:
    for name in FAULTS:
        if interface.rises.get(name, 0) > 0:
            yield f"{name} +{interface.rises[name]}"
    dropped, received = interface.rises.get("rx_dropped", 0), interface.rises.get("rx_packets", 0)
    if dropped >= max(DROPPED_AT_LEAST, DROPPED_SHARE * received):
        yield f"rx_dropped +{dropped} of {received}"
