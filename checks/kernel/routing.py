"""Where the kernel sends packets: routes, neighbours and the entries of VXLAN devices.

Numbers and structures are those of Linux's `include/uapi/linux/rtnetlink.h`, `neighbour.h` and `if_bridge.h`.
"""

import errno
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from checks.kernel.netlink import ask, attribute, attributes

RTM_GETROUTE, RTM_GETNEIGH = 26, 30
RTMSG = struct.Struct("=BBBBBBBBI")
"""`struct rtmsg`: family, prefix lengths of destination and source, tos, table, protocol, scope, type, flags."""
RTM_F_CLONED, RTM_F_FIB_MATCH = 0x200, 0x2000
RTA_DST, RTA_OIF, RTA_GATEWAY = 1, 4, 5
RTN_UNICAST = 1
NDMSG = struct.Struct("=BxxxiHBB")
"""`struct ndmsg`: family, index of the interface, state, flags, type."""
NDA_DST, NDA_LLADDR = 1, 2
NUD_PERMANENT, NTF_EXT_LEARNED = 0x80, 0x10
NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EINVAL, errno.ESRCH, errno.ENOENT})
"""What the kernel answers where no route leads, or one that says so (unreachable, prohibit, blackhole)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Route:
    """One route, as it was written."""

    network: str
    """`10.244.1.0/24`."""
    gateway: str
    """Empty for what is on the link."""
    interface: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One neighbour, or one machine behind a VXLAN device."""

    index: int
    """Of the interface, as `socket.if_nametoindex` has it."""
    mac: str
    """Empty while it is not known."""
    address: str
    """Of the neighbour; of a VXLAN device's entry the machine that the packets are sent to."""
    collected: bool
    """Whether the kernel takes it away when it wants room: it counts against the limits of the table."""


def route_to(address: str) -> Route | None:
    """The route that is taken to an address, with all rules and tables; None where there is none.

    Raises:
        OSError: the kernel does not tell: before Linux 4.13 it shows no route as it was written.
        ValueError: no address.
    """
    wanted = ipaddress.ip_address(address)
    family = socket.AF_INET if wanted.version == 4 else socket.AF_INET6  # noqa: PLR2004
    question = RTMSG.pack(family, wanted.max_prefixlen, 0, 0, 0, 0, 0, 0, RTM_F_FIB_MATCH)
    try:
        (answer,) = ask(RTM_GETROUTE, question + attribute(RTA_DST, wanted.packed))
    except OSError as error:
        if error.errno in NO_ROUTE:
            return None
        raise
    _, length, _, _, _, _, _, kind, flags = RTMSG.unpack_from(answer)
    if flags & RTM_F_CLONED:
        raise OSError(errno.EOPNOTSUPP, "the kernel does not tell the route as it was written")
    if kind != RTN_UNICAST:
        return None
    found = attributes(answer[RTMSG.size :])
    network = ipaddress.ip_address(found.get(RTA_DST, bytes(len(wanted.packed))))
    gateway = found.get(RTA_GATEWAY)
    return Route(f"{network}/{length}", str(ipaddress.ip_address(gateway)) if gateway else "", _name(found))


def neighbours(family: int) -> Iterator[Entry]:
    """The neighbours of one family: `socket.AF_INET` (ARP), `socket.AF_INET6` (NDP).

    Raises:
        OSError: the kernel does not tell.
    """
    return _entries(family)


def vxlan_entries() -> Iterator[Entry]:
    """Which machine is behind which MAC, of all bridges and VXLAN devices.

    Raises:
        OSError: the kernel does not tell.
    """
    return _entries(socket.AF_BRIDGE)


def _entries(family: int) -> Iterator[Entry]:
    for answer in ask(RTM_GETNEIGH, NDMSG.pack(family, 0, 0, 0, 0), every=True):
        told, index, state, flags, _ = NDMSG.unpack_from(answer)
        if told != family:
            continue
        found = attributes(answer[NDMSG.size :])
        yield Entry(
            index=index,
            mac=found.get(NDA_LLADDR, b"").hex(":"),
            address=_shown(found.get(NDA_DST, b"")),
            collected=not state & NUD_PERMANENT and not flags & NTF_EXT_LEARNED,
        )


def _shown(packed: bytes) -> str:
    try:
        return str(ipaddress.ip_address(packed))
    except ValueError:
        return ""


def _name(found: dict[int, bytes]) -> str:
    try:
        return socket.if_indextoname(int.from_bytes(found.get(RTA_OIF, b""), sys.byteorder))
    except (OSError, OverflowError):
        return ""
