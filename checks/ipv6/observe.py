"""Read the kernel's IPv6 configuration of this network namespace; probe peers and CoreDNS over IPv6."""

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from checks.ipv6.model import Address, Aim, Data, Look, Probe, Request, Target
from checks.kernel.addresses import ipv6_addresses
from checks.kernel.snmp import read_snmp6
from checks.kernel.sysfs import as_shown, entries, read_table, read_text
from checks.observation import Context
from checks.probes.dns.single import ask_tcp, ask_udp
from checks.probes.outcome import Outcome, Result
from checks.probes.tcp import tcp_echo
from checks.probes.udp import udp_echo

TENTATIVE, DUPLICATE = 0x40, 0x08
"""IFA_F_TENTATIVE and IFA_F_DADFAILED of Linux's `include/uapi/linux/if_addr.h`."""
PERMANENT = 0x80
"""IFA_F_PERMANENT: without a lifetime."""
LEARNED = 0x00040000 | 0x00400000
"""RTF_ADDRCONF and RTF_EXPIRES of `include/uapi/linux/ipv6_route.h`: from a router advertisement, with a lifetime."""
REJECT = 0x0200
"""RTF_REJECT of `include/uapi/linux/route.h`: the kernel's own route for what has none."""
DETECTION_S = 1.5
"""Duplicate address detection takes 1 s and a random delay of up to 1 s (RFC 4862), of which some has passed."""
FAULTS = (
    "Ip6InHdrErrors",
    "Ip6InTooBigErrors",
    "Ip6OutNoRoutes",
    "Ip6InDiscards",
    "Udp6InCsumErrors",
    "Udp6RcvbufErrors",
    "Icmp6InDestUnreachs",
    "Icmp6InPktTooBigs",
)
"""Of `/proc/net/snmp6`."""
LOOK_EVERY_S = 5
"""Seconds from one look to the next: what flaps more often is lost in each of them."""
THREADS = 16
NAME = "kubernetes.default.svc.cluster.local"
"""Any answer to it will do: also that it does not exist, where the cluster's domain is another."""


def observe(request: Request, context: Context) -> Data:
    """The configuration, and how the probes went; where it is to be watched, again and again."""
    procfs, sysfs = Path(context.procfs), Path(context.sysfs)
    began = time.monotonic()
    before = read_snmp6(procfs)
    probes = _probed(request)
    after = read_snmp6(procfs)
    routes = list(_default_routes(procfs))
    addresses = _settled(procfs, sysfs)
    return Data(
        addresses=addresses,
        disabled=_interfaces_with(procfs, disable_ipv6="1"),
        default_routes=tuple(sorted({interface for interface, _ in routes})),
        learned_routes=tuple(sorted({interface for interface, flags in routes if flags & LEARNED == LEARNED})),
        ignores_advertisements=_interfaces_with(procfs, forwarding="1", accept_ra="1"),
        probes=probes,
        looks=tuple(_watched(request, context, began, _look(0.0, probes, addresses, procfs))),
        rises={name: rise for name in FAULTS if (rise := after.get(name, 0) - before.get(name, 0)) > 0},
    )


def _watched(request: Request, context: Context, began: float, first: Look) -> Iterator[Look]:
    """The first look and those after it, at even times, until the time is over."""
    if not request.watch_s:
        return
    yield first
    procfs = Path(context.procfs)
    for at_s in itertools.takewhile(lambda s: s < request.watch_s, itertools.count(LOOK_EVERY_S, LOOK_EVERY_S)):
        time.sleep(max(0.0, began + at_s - time.monotonic()))
        looked_s = round(time.monotonic() - began, 1)
        if looked_s > request.watch_s:
            return
        yield _look(looked_s, _probed(request), tuple(_addresses(procfs, Path(context.sysfs))), procfs)


def _look(at_s: float, probes: tuple[Probe, ...], addresses: tuple[Address, ...], procfs: Path) -> Look:
    return Look(
        at_s=at_s,
        failed=tuple(probe for probe in probes if probe.result is not Result.OK),
        unusable=tuple(a.address for a in addresses if a.tentative or a.duplicate),
        default_routes=tuple(sorted({interface for interface, _ in _default_routes(procfs)})),
    )


def _probed(request: Request) -> tuple[Probe, ...]:
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(lambda aim: list(_probes(aim, request.timeout_s)), request.aims))
    return tuple(probe for result in results for probe in result)


def _probes(aim: Aim, timeout_s: float) -> Iterator[Probe]:
    """Both transports: a firewall or an offload may spoil one of them alone."""
    if aim.target is Target.DNS:
        begin = time.monotonic()
        rcode = ask_udp(aim.address, aim.port, timeout_s, NAME)
        result = Result.TIMEOUT if rcode == "timeout" else Result.OK
        outcomes = {
            "udp": Outcome(result, time.monotonic() - begin, rcode if result is Result.OK else ""),
            "tcp": ask_tcp(aim.address, aim.port, timeout_s, NAME),
        }
    else:
        outcomes = {
            "udp": udp_echo(aim.address, aim.port, timeout_s),
            "tcp": tcp_echo(aim.address, aim.port, timeout_s),
        }
    for protocol, outcome in outcomes.items():
        yield Probe(
            target=aim.target,
            name=aim.name,
            protocol=protocol,
            result=outcome.result,
            rtt_s=outcome.rtt_s,
            detail=outcome.detail,
        )


def _settled(procfs: Path, sysfs: Path) -> tuple[Address, ...]:
    """The addresses, after those under detection had their time."""
    addresses = tuple(_addresses(procfs, sysfs))
    if any(address.tentative for address in addresses):
        time.sleep(DETECTION_S)
        addresses = tuple(_addresses(procfs, sysfs))
    return addresses


def _addresses(procfs: Path, sysfs: Path) -> Iterator[Address]:
    for found in ipv6_addresses(procfs):
        # Without a carrier, detection never begins: the bridge of a node without pods is no fault.
        down = read_text(sysfs / "class" / "net" / found.interface / "operstate") in ("down", "lowerlayerdown")
        duplicate = bool(found.flags & DUPLICATE)
        yield Address(
            interface=as_shown(found.interface),
            address=str(found.address),
            tentative=bool(found.flags & TENTATIVE) and not duplicate and not down,
            leased=not found.flags & PERMANENT,
            duplicate=duplicate,
        )


def _default_routes(procfs: Path) -> Iterator[tuple[str, int]]:
    """The interface and the flags of each."""
    # Each line of ipv6_route: destination, its length, source, its length, next hop, metric, two counts, flags, name.
    for fields in read_table(procfs / "net" / "ipv6_route"):
        try:
            destination, length, _, _, _, _, _, _, flags, interface = fields
            default = not int(length, 16) and not int(destination, 16) and not int(flags, 16) & REJECT
            told = int(flags, 16)
        except ValueError:
            continue
        if default:
            yield as_shown(interface), told


def _interfaces_with(procfs: Path, **settings: str) -> tuple[str, ...]:
    """The interfaces of which all these settings have these values."""
    return tuple(
        as_shown(folder.name)
        for folder in entries(procfs / "sys" / "net" / "ipv6" / "conf")
        if folder.name not in ("all", "default")
        and all(read_text(folder / name) == value for name, value in settings.items())
    )
