"""How a probe ends.

Probes are plain functions of one shape, `(address, port, timeout_s, ...) -> Outcome`. A probe blocks for at most its
timeout and never raises for what the network does: that is its outcome. Addresses are literals of either family; no
probe resolves a name. None needs a privilege, but for the ping, which needs `net.ipv4.ping_group_range` to hold the
process's group.
"""

import enum
import errno
import socket
import time

import msgspec

SMALL = 64
"""Payload bytes of the small probes: one segment on every path."""


class Result(enum.StrEnum):
    """How one probe ended."""

    OK = "ok"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    """A reset or an ICMP "port unreachable": the way there is open, but nobody listens, or a firewall rejects."""
    UNREACHABLE = "unreachable"
    """No route, or the next hop does not answer."""
    PROHIBITED = "prohibited"
    """A packet filter or a router on the way answered that it may not pass."""
    RESET = "reset"
    """The connection was made, then broken."""
    CLOSED = "closed"
    """The connection was made, then closed before the answer was complete."""
    BLOCKED = "blocked"
    """The sending node's own packet filter refused to send."""
    WRONG_ANSWER = "wrong-answer"
    """Something answered, but not what was asked."""
    NOT_PERMITTED = "not-permitted"
    """This process may not make such a socket: nothing was measured."""
    ERROR = "error"
    """Anything else; the detail has the kernel's words. Nothing was measured."""


UNMEASURED = frozenset({Result.NOT_PERMITTED, Result.ERROR})
"""The results that say nothing."""


ERRORS = {
    errno.ECONNREFUSED: Result.REFUSED,
    errno.ECONNRESET: Result.RESET,
    errno.EPIPE: Result.RESET,
    errno.EHOSTUNREACH: Result.UNREACHABLE,
    errno.ENETUNREACH: Result.UNREACHABLE,
    errno.ENETDOWN: Result.UNREACHABLE,
    errno.EHOSTDOWN: Result.UNREACHABLE,
    errno.EADDRNOTAVAIL: Result.UNREACHABLE,
    errno.EAFNOSUPPORT: Result.UNREACHABLE,
    # ICMPv6 "administratively prohibited", which over IPv4 arrives as EHOSTUNREACH (net/ipv6/icmp.c).
    errno.EACCES: Result.PROHIBITED,
    errno.EPERM: Result.BLOCKED,
}


class Outcome(msgspec.Struct, frozen=True):
    """How one probe ended."""

    result: Result
    rtt_s: float = 0.0
    """Seconds until the answer was complete or the failure was told; 0 when nothing came."""
    detail: str = ""
    """For a person, when the result does not say all: how far it came, or the kernel's words."""
    told_by: str = ""
    """Who answered in the place of the peer that it may not pass, or that there is no way: the address of a router's or
    a packet filter's ICMP error; empty where the kernel does not tell."""
    reached: str = ""
    """The node of the echo that answered, where it was asked for its name."""


class ReportedError(OSError):
    """An error that somebody on the way reported by ICMP."""

    def __init__(self, number: int, words: str, told_by: str) -> None:
        """The same as any error of the socket API, and who reported it."""
        super().__init__(number, words)
        self.told_by = told_by


def family(address: str) -> socket.AddressFamily:
    """The address family of a literal."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def failure(error: OSError, begin: float) -> Outcome:
    """What an error of the socket API says about the path.

    Args:
        error: What was raised.
        begin: When the probe began, on the monotonic clock. How soon an error came tells a refusal from the kernel's
            giving up on a next hop (`checks.judging.crossing`).
    """
    if isinstance(error, TimeoutError):
        return Outcome(Result.TIMEOUT)
    result = ERRORS.get(error.errno or 0, Result.ERROR)
    elapsed_s = time.monotonic() - begin
    told_by = error.told_by if isinstance(error, ReportedError) else ""
    if result in (Result.REFUSED, Result.RESET, Result.PROHIBITED):
        return Outcome(result, elapsed_s, told_by=told_by)
    return Outcome(result, elapsed_s, error.strerror or str(error) or type(error).__name__, told_by)
