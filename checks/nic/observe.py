"""Read interfaces from sysfs and by ioctl, and watch their error counters."""

import array
import contextlib
import fcntl
import ipaddress
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from checks.kernel.ethtool import Ethtool, ethtool
from checks.nic.model import Data, Feature, Interface, Request, Role
from checks.observation import Context

SIOCGIFCONF = 0x8912
"""Linux's `include/uapi/linux/sockios.h`: the IPv4 addresses of all interfaces."""
IFREQ = struct.Struct("=16sHH4s16x")
"""One answer of it: name, family, port, address. 40 bytes where pointers have 8."""
INTERFACES = 4096
"""More IPv4 addresses than a node has."""

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
    with ethtool() as asked:
        interfaces = [_interface(net / name, role, asked) for name, role in roles.items()]
    context.progress(f"watching the error counters of {', '.join(roles) or 'no interface'}")
    time.sleep(request.window_s)
    dmi = Path(context.sysfs, "class", "dmi", "id")
    return Data(
        system_vendor=_read(dmi / "sys_vendor"),
        product=_read(dmi / "product_name"),
        interfaces=tuple(_with_rises(interface, net, before[interface.name]) for interface in interfaces),
        window_s=request.window_s,
    )


def _roles(net: Path, addresses: Sequence[str], procfs: Path) -> Iterator[tuple[str, Role]]:
    """Every interface of interest, the physical ones below the one with the address first."""
    wanted = {ipaddress.ip_address(address) for address in addresses}
    holders = {name for name, address in _addresses(procfs) if address in wanted}
    for holder in sorted(holders):
        for lower in _lowers(net / holder):
            yield lower, Role.LOWER
        yield holder, Role.NODE
    for path in sorted(net.iterdir()) if net.is_dir() else ():
        if "DEVTYPE=vxlan" in _read(path / "uevent").split():
            yield path.name, Role.TUNNEL


def _lowers(path: Path, depth: int = 4) -> Iterator[str]:
    """The interfaces that a bond, VLAN or bridge stands on, lowest first. Pods' ends of a bridge are none of them."""
    for link in sorted(path.glob("lower_*")):
        lower = path.parent / link.name.removeprefix("lower_")
        if depth and (lower / "device").exists():
            yield lower.name
        elif depth:
            yield from _lowers(lower, depth - 1)


def _addresses(procfs: Path) -> Iterator[tuple[str, ipaddress.IPv4Address | ipaddress.IPv6Address]]:
    """All addresses of this network namespace, with their interfaces."""
    memory = array.array("B", bytes(IFREQ.size * INTERFACES))
    address, _ = memory.buffer_info()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = fcntl.ioctl(control, SIOCGIFCONF, struct.pack("iP", len(memory), address))
    (size,) = struct.unpack_from("i", answer)
    for name, _, _, ipv4 in IFREQ.iter_unpack(memory[:size].tobytes()):
        label = name.split(b"\0", 1)[0].decode()
        yield label.partition(":")[0], ipaddress.IPv4Address(ipv4)
    # Each line of if_inet6: address, index, prefix length, scope, flags, name.
    for line in _read(procfs / "net" / "if_inet6").splitlines():
        fields = line.split()
        yield fields[-1], ipaddress.IPv6Address(bytes.fromhex(fields[0]))


def _interface(path: Path, role: Role, asked: Ethtool) -> Interface:
    """One interface as it stands, its counters aside. The driver is sysfs' where it names one: hardware is there."""
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
        name=path.name,
        role=role,
        driver=link.resolve().name if link.exists() else driver,
        driver_version=version,
        pci_id=_pci_id(path / "device"),
        mac=_read(path / "address"),
        mtu=_number(path / "mtu"),
        carrier_changes=_number(path / "carrier_changes"),
        features=features,
    )


def _pci_id(device: Path) -> str:
    """`15ad:07b0`. A virtio device is one level below its PCI device, and has numbers of its own."""
    pci = device if "PCI_ID=" in _read(device / "uevent") else device.resolve().parent
    own, above = _identity(device), _identity(pci)
    return above if own.startswith("1af4:") and above else own


def _identity(device: Path) -> str:
    vendor, model = _read(device / "vendor"), _read(device / "device")
    return f"{vendor.removeprefix('0x')}:{model.removeprefix('0x')}".lower() if vendor and model else ""


def _with_rises(interface: Interface, net: Path, before: dict[str, int]) -> Interface:
    after = _counters(net / interface.name)
    rises = {name: after[name] - before[name] for name in after.keys() & before.keys() if after[name] != before[name]}
    return msgspec.structs.replace(interface, rises=rises)


def _counters(path: Path) -> dict[str, int]:
    counters = {name: _number(path / "statistics" / name, -1) for name in COUNTERS}
    counters["carrier_changes"] = _number(path / "carrier_changes", -1)
    return {name: value for name, value in counters.items() if value >= 0}


def _number(path: Path, otherwise: int = 0) -> int:
    text = _read(path)
    return int(text) if text.isdecimal() else otherwise


def _read(path: Path) -> str:
    """A file's text without the newline; empty when it cannot be read, as some files of sysfs cannot at times."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
