"""Read the kernel's IPv6 configuration of this network namespace; probe peers and CoreDNS over IPv6."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from checks.ipv6.model import Address, Aim, Data, Probe, Request, Target
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
THREADS = 16
NAME = "kubernetes.default.svc.cluster.local"
"""Any answer to it will do: also that it does not exist, where the cluster's domain is another."""


def observe(request: Request, context: Context) -> Data:
    """The configuration, and how the probes went."""
    procfs = Path(context.procfs)
    before = read_snmp6(procfs)
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(lambda aim: list(_probes(aim, request.timeout_s)), request.aims))
    after = read_snmp6(procfs)
    return Data(
        addresses=_settled(procfs, Path(context.sysfs)),
        disabled=_interfaces_with(procfs, disable_ipv6="1"),
        default_routes=tuple(sorted(set(_default_routes(procfs)))),
        ignores_advertisements=_interfaces_with(procfs, forwarding="1", accept_ra="1"),
        probes=tuple(probe for result in results for probe in result),
        rises={name: rise for name in FAULTS if (rise := after.get(name, 0) - before.get(name, 0)) > 0},
    )


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
            duplicate=duplicate,
        )


def _default_routes(procfs: Path) -> Iterator[str]:
    # Each line of ipv6_route: destination, its length, source, its length, next hop, metric, two counts, flags, name.
    for fields in read_table(procfs / "net" / "ipv6_route"):
        try:
            destination, length, _, _, _, _, _, _, flags, interface = fields
            default = not int(length, 16) and not int(destination, 16) and not int(flags, 16) & REJECT
        except ValueError:
            continue
        if default:
            yield as_shown(interface)


def _interfaces_with(procfs: Path, **settings: str) -> tuple[str, ...]:
    """The interfaces of which all these settings have these values."""
    return tuple(
        as_shown(folder.name)
        for folder in entries(procfs / "sys" / "net" / "ipv6" / "conf")
        if folder.name not in ("all", "default")
        and all(read_text(folder / name) == value for name, value in settings.items())
    )
