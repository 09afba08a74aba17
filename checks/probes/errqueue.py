"""What the kernel was told about a socket's packets, and by whom: its error queue (ip(7), `IP_RECVERR`).

The constants are those of `linux/in.h`, `linux/in6.h` and `linux/errqueue.h`; `socket` does not name them.
"""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from checks.probes.outcome import family

RECEIVE_ERRORS = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
LOCAL, ICMP, ICMP6 = 1, 2, 3
"""Who reports an error: `SO_EE_ORIGIN_*`."""
_OFFENDER = 16
"""Bytes of `struct sock_extended_err`, behind which the address of the reporter stands."""
PROHIBITED = {(ICMP, 3): {9, 10, 13}, (ICMP6, 1): {1, 5, 6}}
"""Codes of "destination unreachable" by which a router or a packet filter says that something may not pass (RFC 1812,
RFC 4443): a REJECT of iptables or nftables. The others say that there is no way."""


@dataclass(frozen=True, slots=True)
class Report:
    """One error."""

    errno: int
    origin: int
    type: int
    """Of the ICMP message."""
    code: int
    mtu: int
    """That the reporter names, in bytes; 0 where it is about something else."""
    offender: str = ""
    """The address of whoever sent the ICMP message; empty where the kernel itself reports."""

    @property
    def prohibited(self) -> bool:
        """Whether somebody on the way does not let it pass."""
        return self.code in PROHIBITED.get((self.origin, self.type), ())


def watch(watched: socket.socket, address: str) -> None:
    """Have the kernel queue the errors of a socket that is to talk to an address."""
    watched.setsockopt(*RECEIVE_ERRORS[family(address)], 1)


def forget(watched: socket.socket, address: str) -> None:
    """No longer, and drop what is queued."""
    watched.setsockopt(*RECEIVE_ERRORS[family(address)], 0)


def reports(watched: socket.socket) -> Iterator[Report]:
    """Take what is queued. The socket must be watched and not block."""
    while True:
        try:
            _, ancillary, _, _ = watched.recvmsg(1, 512, socket.MSG_ERRQUEUE)
        except OSError:
            return
        for level, kind, data in ancillary:
            if (level, kind) in RECEIVE_ERRORS.values():
                number, origin, icmp_type, code, _, info = struct.unpack_from("@IBBBBI", data)
                yield Report(number, origin, icmp_type, code, info, _offender(data[_OFFENDER:]))


def _offender(address: bytes) -> str:
    """The address in the `sockaddr` that stands behind an error (`SO_EE_OFFENDER`); empty for one without a family."""
    (kind,) = struct.unpack_from("@H", address) if len(address) > 1 else (socket.AF_UNSPEC,)
    if kind == socket.AF_INET:
        return socket.inet_ntop(kind, address[4:8])
    return socket.inet_ntop(kind, address[8:24]) if kind == socket.AF_INET6 else ""
