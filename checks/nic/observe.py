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
from checks.kernel.vxlan import collects_metadata
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
COUNTERS = ("rx_packets", "tx_packets", "rx_errors", "tx_errors", "rx_dropped", "tx_dropped")
"""Of `statistics/` in sysfs."""


def observe(request: Request, context: Context) -> Data:
    """The node's interfaces: what holds its address, what that stands on, and its VXLAN devices."""
    net = Path(context.sysfs, "class", "net")
    roles = dict(_roles(net, request.addresses, Path(context.procfs)))
    before = {name: _counters(net / name) for name in roles}
    time.sleep(request.window_s)
    with ethtool() as asked:
        interfaces = [_interface(net / name, role, before[name], asked) for name, role in roles.items()]
    dmi = Path(context.sysfs, "class", "dmi", "id")
    return Data(
        system_vendor=read_text(dmi / "sys_vendor"),
        product=read_text(dmi / "product_name"),
        interfaces=tuple(interfaces),
        window_s=request.window_s,
    )


def _roles(net: Path, addresses: Sequence[str], procfs: Path) -> Iterator[tuple[str, Role]]:
    """Every interface of interest, the physical ones below the one with the address first."""
    wanted = set(_valid(addresses))
    holders = {a.interface for a in (*ipv4_addresses(), *ipv6_addresses(procfs)) if a.address in wanted}
    for holder in sorted(holders):
        for lower in _lowers(net / holder):
            yield lower, Role.LOWER
        yield holder, Role.NODE
    for path in entries(net):
        if "DEVTYPE=vxlan" in read_text(path / "uevent").split():
            yield path.name, Role.TUNNEL


def _valid(addresses: Sequence[str]) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses that are some. The Node object has them, and whoever runs the kubelet may have set any words."""
    for address in addresses:
        with contextlib.suppress(ValueError):
            yield ipaddress.ip_address(address)


def _lowers(path: Path, depth: int = 4) -> Iterator[str]:
    """The interfaces that a bond, VLAN or bridge stands on, lowest first. Pods' ends of a bridge are none of them."""
    for link in entries(path):
        if not link.name.startswith("lower_"):
            continue
        lower = path.parent / link.name.removeprefix("lower_")
        if depth and (lower / "device").exists():
            yield lower.name
        elif depth:
            yield from _lowers(lower, depth - 1)


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
        collects_metadata=role is Role.TUNNEL and _collects_metadata(path.name),
        carrier_changes=read_number(path / "carrier_changes") or 0,
        features=features,
        rises=_rises(before, _counters(path)),
    )


def _collects_metadata(name: str) -> bool:
    try:
        return collects_metadata(name)
    except OSError:
        return False


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
    return {name: value for name, file in files.items() if (value := read_number(file)) is not None}


def _rises(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What each counter gained; one that fell began anew meanwhile, with its driver, and tells nothing."""
    return {name: value - before[name] for name, value in after.items() if value >= before.get(name, value + 1)}
