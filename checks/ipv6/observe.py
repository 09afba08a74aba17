"""Read the kernel's IPv6 configuration of this network namespace; probe peers and CoreDNS over IPv6."""

import ipaddress
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from checks.ipv6.model import Address, Aim, Data, Probe, Request, Target
from checks.kernel.snmp import read_snmp6
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
    context.progress(f"probing {len(request.aims)} IPv6 peers" if request.aims else "reading the IPv6 configuration")
    before = read_snmp6(procfs)
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(lambda aim: list(_probes(aim, request.timeout_s)), request.aims))
    after = read_snmp6(procfs)
    return Data(
        addresses=_settled(procfs, Path(context.sysfs)),
        disabled=tuple(_interfaces_with(procfs, "disable_ipv6", "1")),
        default_routes=tuple(sorted(set(_default_routes(procfs)))),
        ignores_advertisements=tuple(
            name for name in _interfaces_with(procfs, "forwarding", "1") if _setting(procfs, name, "accept_ra") == "1"
        ),
        probes=tuple(probe for result in results for probe in result),
        rises={name: after[name] - before[name] for name in FAULTS if after.get(name, 0) > before.get(name, 0)},
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
    # Each line of if_inet6: address, index, prefix length, scope, flags, name; numbers in hexadecimal.
    for line in _read(procfs / "net" / "if_inet6").splitlines():
        address, _, _, _, flags, interface = line.split()
        bits = int(flags, 16)
        # Without a carrier, detection never begins: the bridge of a node without pods is no fault.
        down = _read(sysfs / "class" / "net" / interface / "operstate") in ("down", "lowerlayerdown")
        yield Address(
            interface=interface,
            address=str(ipaddress.IPv6Address(bytes.fromhex(address))),
            tentative=bool(bits & TENTATIVE) and not bits & DUPLICATE and not down,
            duplicate=bool(bits & DUPLICATE),
        )


def _default_routes(procfs: Path) -> Iterator[str]:
    # Each line of ipv6_route: destination, its length, source, its length, next hop, metric, two counts, flags, name.
    for line in _read(procfs / "net" / "ipv6_route").splitlines():
        fields = line.split()
        if fields[1] == "00" and not int(fields[0], 16) and not int(fields[8], 16) & REJECT:
            yield fields[9]


def _interfaces_with(procfs: Path, setting: str, value: str) -> list[str]:
    conf = procfs / "sys" / "net" / "ipv6" / "conf"
    names = sorted(path.name for path in conf.iterdir()) if conf.is_dir() else []
    return [name for name in names if name not in ("all", "default") and _setting(procfs, name, setting) == value]


def _setting(procfs: Path, interface: str, setting: str) -> str:
    return _read(procfs / "sys" / "net" / "ipv6" / "conf" / interface / setting)


def _read(path: Path) -> str:
    """A file's text; empty where the kernel has no IPv6."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
