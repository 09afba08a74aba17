"""Read the kernel's settings, tables and counters of this network namespace, and where it would send packets."""

import contextlib
import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path

from checks.kernel.addresses import ipv4_addresses, ipv6_addresses
from checks.kernel.sysfs import as_shown, entries, read_number, read_text
from checks.node import tables
from checks.node.model import Adapter, Bridge, Data, Request
from checks.node.ways import devices, ways
from checks.observation import Context

STRICT = 1
"""Of `rp_filter` (Linux ip-sysctl documentation); 2 is the loose one."""


def observe(request: Request, context: Context) -> Data:
    """The node as it stands, and what its counters gained within the window."""
    procfs, sysfs = Path(context.procfs), Path(context.sysfs)
    clock_s = time.time()
    before = tables.read(procfs)
    time.sleep(request.window_s)
    after = tables.read(procfs)
    told, error = None, ""
    try:
        told = ways(request.ways)
    except OSError as failed:
        error = str(failed)
    return Data(
        clock_s=clock_s,
        vendor=read_text(sysfs / "class" / "dmi" / "id" / "sys_vendor"),
        adapters=tuple(_adapters(request, procfs, sysfs)),
        forwards=dict(_forwards(procfs)),
        bridges=tuple(_bridges(sysfs)),
        bridge_filter=_flag(procfs / "sys" / "net" / "bridge" / "bridge-nf-call-iptables"),
        strict=tuple(_strict(procfs)),
        strict_drops=tables.rise(before, after, tables.STRICT_DROPS),
        tracks=(procfs / "sys" / "net" / "netfilter" / "nf_conntrack_max").exists(),
        connections=tables.connections(procfs, before, after),
        neighbours=tables.neighbours(procfs, before, after),
        devices=tuple(devices(sysfs, request.devices)),
        ways=told,
        ways_error=error,
        window_s=request.window_s,
    )


def _adapters(request: Request, procfs: Path, sysfs: Path) -> Iterator[Adapter]:
    wanted = set()
    for address in request.addresses:
        # The Node object has them, and whoever runs the kubelet may have set any words.
        with contextlib.suppress(ValueError):
            wanted.add(ipaddress.ip_address(address))
    held = {a.interface for a in (*ipv4_addresses(), *ipv6_addresses(procfs)) if a.address in wanted}
    for name in sorted(held):
        yield Adapter(name=as_shown(name), mac=read_text(sysfs / "class" / "net" / name / "address"))


def _forwards(procfs: Path) -> Iterator[tuple[str, bool]]:
    for family, name in (("4", "ipv4/ip_forward"), ("6", "ipv6/conf/all/forwarding")):
        value = _flag(procfs / "sys" / "net" / name)
        if value is not None:
            yield family, value


def _flag(path: Path) -> bool | None:
    value = read_number(path)
    return None if value is None else value > 0


def _bridges(sysfs: Path) -> Iterator[Bridge]:
    """The bridges of which a port is no hardware: where pods hang, and not a bridge above the node's adapter alone."""
    net = sysfs / "class" / "net"
    for held in ipv4_addresses():
        ports = entries(net / held.interface / "brif")
        if any(not (net / port.name / "device").exists() for port in ports):
            yield Bridge(name=as_shown(held.interface), address=str(held.address))


def _strict(procfs: Path) -> Iterator[str]:
    """The interfaces with addresses and a strict filter. The larger of their own setting and that of `all` counts.

    Pods' ends have no address, and some plugins mean their filter to be strict.
    """
    conf = procfs / "sys" / "net" / "ipv4" / "conf"
    everywhere = read_number(conf / "all" / "rp_filter") or 0
    for name in sorted({held.interface for held in ipv4_addresses()} - {"lo"}):
        own = read_number(conf / name / "rp_filter")
        if own is not None and max(own, everywhere) == STRICT:
            yield as_shown(name)
