"""Read interfaces from sysfs and by ioctl, and watch their error counters."""

import contextlib
import ipaddress
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.kernel.addresses import ipv4_addresses, ipv6_addresses
from checks.kernel.ethtool import Ethtool, ethtool
from checks.kernel.sysfs import as_shown, entries, read_number, read_text
from checks.kernel.vxlan import Vxlan, vxlan
from checks.nic.model import Data, Feature, Interface, Request, Role
from checks.observation import Context

FEATURES = (
    "tx-udp_tnl-segmentation",
    "tx-udp_tnl-csum-segmentation",
    "tx-checksum-ip-generic",
    "tx-checksum-ipv4",
    "tx-checksum-ipv6",
    "rx-checksum",
    "tx-tcp-segmentation",
    "tx-generic-segmentation",
    "rx-gro",
    "rx-lro",
)
"""The offloads that matter to tunnels."""
OVS = "ovs-system"
"""The interface under which the kernel shows all that Open vSwitch switches (`net/openvswitch/vport-netdev.c`). Which
of it carries the node's address is in flows that are root's alone, so that all adapters there count."""
VXLAN, WIREGUARD = "DEVTYPE=vxlan", "DEVTYPE=wireguard"
"""What the kernel writes into `uevent` of these devices (`drivers/net/vxlan`, `drivers/net/wireguard/device.c`)."""
COUNTERS = ("rx_packets", "tx_packets", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped")
"""Of `statistics/` in sysfs."""


def observe(request: Request, context: Context) -> Data:
    """The node's interfaces: what holds its address, what that stands on, and its VXLAN and WireGuard devices."""
    net = Path(context.sysfs, "class", "net")
    with ethtool() as asked:
        roles = dict(_roles(net, request.addresses, Path(context.procfs), asked))
        before = {name: _counters(net / name) for name in roles}
        time.sleep(request.window_s)
        interfaces = [_interface(net / name, role, before[name], asked) for name, role in roles.items()]
    dmi = Path(context.sysfs, "class", "dmi", "id")
    return Data(
        system_vendor=read_text(dmi / "sys_vendor"),
        product=read_text(dmi / "product_name"),
        interfaces=tuple(interfaces),
        window_s=request.window_s,
    )


def _roles(net: Path, addresses: Sequence[str], procfs: Path, asked: Ethtool) -> Iterator[tuple[str, Role]]:
    """Every interface of interest, the physical ones below the one with the address first."""
    wanted = set(_valid(addresses))
    holders = {a.interface for a in (*ipv4_addresses(), *ipv6_addresses(procfs)) if a.address in wanted}
    for holder in sorted(holders):
        for lower in lowers(net / (OVS if _of_ovs(holder, asked) else holder)):
            yield lower, Role.LOWER
        yield holder, Role.NODE
    for path in entries(net):
        if not {VXLAN, WIREGUARD}.isdisjoint(_uevent(path)):
            yield path.name, Role.TUNNEL


def _uevent(path: Path) -> list[str]:
    return read_text(path / "uevent").split()


def _of_ovs(interface: str, asked: Ethtool) -> bool:
    """Whether it is a port of Open vSwitch's own (`br-ex`), which shows nothing below it."""
    try:
        return asked.driver(interface).name == "openvswitch"
    except OSError:
        return False


def _valid(addresses: Sequence[str]) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses that are some. The Node object has them, and whoever runs the kubelet may have set any words."""
    for address in addresses:
        with contextlib.suppress(ValueError):
            yield ipaddress.ip_address(address)


def lowers(path: Path, depth: int = 4) -> Iterator[str]:
    """The interfaces that a bond, team, VLAN or bridge stands on. Pods' ends of a bridge are none of them."""
    for link in entries(path):
        if not link.name.startswith("lower_"):
            continue
        lower = path.parent / link.name.removeprefix("lower_")
        if depth and (lower / "device").exists():
            yield lower.name
        elif depth:
            yield from lowers(lower, depth - 1)


def _interface(path: Path, role: Role, before: dict[str, int], asked: Ethtool) -> Interface:
    """One interface as it stands. The driver is sysfs' where it names one: hardware is there."""
    driver, version = "", ""
    features: tuple[Feature, ...] = ()
    # Interfaces that are no hardware may not tell, and one may vanish while we look.
    with contextlib.suppress(OSError):
        told = asked.driver(path.name)
        driver, version = told.name, told.version
        states = asked.features(path.name)
        features = tuple(Feature(n, states[n].on, states[n].fixed) for n in FEATURES if n in states)
    link = path / "device" / "driver"
    tunnel = _vxlan(path.name) if VXLAN in _uevent(path) else Vxlan()
    return Interface(
        name=as_shown(path.name),
        role=role,
        driver=as_shown(Path(os.path.realpath(link)).name) if link.exists() else driver,
        driver_version=version,
        hardware=(path / "device").exists(),
        pci_id=_pci_id(path / "device"),
        mac=read_text(path / "address"),
        mtu=read_number(path / "mtu") or 0,
        down=read_text(path / "operstate") == "down",
        wireguard=WIREGUARD in _uevent(path),
        collects_metadata=tunnel.collects_metadata,
        over_ipv6=tunnel.over_ipv6,
        carrier_changes=read_number(path / "carrier_changes") or 0,
        features=features,
        rises=_rises(before, _counters(path)),
    )


def _vxlan(name: str) -> Vxlan:
    try:
        return vxlan(name)
    except OSError:
        return Vxlan()


def _pci_id(device: Path) -> str:
    """`15ad:07b0`. A virtio device is one level below its PCI device, and has numbers of its own."""
    pci = device if "PCI_ID=" in read_text(device / "uevent") else Path(os.path.realpath(device)).parent
    own, above = _identity(device), _identity(pci)
    return above if own.startswith("1af4:") and above else own


def _identity(device: Path) -> str:
    vendor, model = read_text(device / "vendor"), read_text(device / "device")
    return f"{vendor.removeprefix('0x')}:{model.removeprefix('0x')}".lower() if vendor and model else ""


def _counters(path: Path) -> dict[str, int]:
    files = {name: path / "statistics" / name for name in COUNTERS} | {"carrier_changes": path / "carrier_changes"}
    counted = {name: value for name, file in files.items() if (value := read_number(file)) is not None}
    hangs = [read_number(queue / "tx_timeout") for queue in entries(path / "queues") if queue.name.startswith("tx-")]
    told = [value for value in hangs if value is not None]
    return counted | ({"tx_timeout": sum(told)} if told else {})


def _rises(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What each counter gained; one that fell began anew meanwhile, with its driver, and tells nothing."""
    return {name: value - before[name] for name, value in after.items() if value >= before.get(name, value + 1)}
