"""The path MTU by UDP: which sizes arrive, not which the kernel believes in.

`IP_MTU_DISCOVER=PROBE` sends with "don't fragment" and ignores what the kernel has learnt of the path, so a packet is
either carried whole or lost. A router that drops it may say so ("fragmentation needed"); that reaches the socket's
error queue. If nobody says so, the path is a black hole: TCP then hangs as soon as a segment is full.
The constants are those of `linux/in.h` and `linux/in6.h`; `socket` does not name them all.
"""

import contextlib
import errno
import os
import select
import socket
import time

import msgspec

from checks.probes import echo, errqueue
from checks.probes.outcome import SMALL, Outcome, Result, failure, family
from checks.probes.udp import udp_echo

DISCOVER = {socket.AF_INET: (socket.IPPROTO_IP, 10), socket.AF_INET6: (socket.IPPROTO_IPV6, 23)}
PROBE = 3
ROUTE_MTU = {socket.AF_INET: (socket.IPPROTO_IP, 14), socket.AF_INET6: (socket.IPPROTO_IPV6, 24)}
HEADERS = {socket.AF_INET: 28, socket.AF_INET6: 48}
"""Bytes of the IP and UDP headers."""
SMALLEST = {socket.AF_INET: 576, socket.AF_INET6: 1280}
"""The packet that every path must carry (RFC 791, RFC 8200); the search does not go below."""
LARGEST = 65535
"""The largest IPv4 packet, in bytes."""
COPIES = 3
"""A size counts as lost when all its copies are."""
RUNGS = 8
"""Sizes tried at once; each round divides the search by seven."""
PATIENCE_S = 0.25
"""Least time to wait for the answers to one round, in seconds."""


class PathMtu(msgspec.Struct, frozen=True):
    """What a path carries, in bytes of IP packet."""

    outcome: Outcome
    mtu: int = 0
    """The largest size that arrived; 0 when nothing did."""
    limit: int = 0
    """What the sender's kernel holds possible: its route's MTU, or less if it was told so before."""
    device: int = 0
    """The MTU of the sender's interface."""
    signalled: int = 0
    """The MTU that a router on the way named; 0 when none did."""


def path_mtu(address: str, port: int, timeout_s: float) -> PathMtu:
    """Find the largest packet that reaches an echo (`checks.probes.echo`) at an address.

    On a sound path this takes two round trips; on a black hole about a second.
    """
    begin = time.monotonic()
    small = udp_echo(address, port, timeout_s, SMALL)
    if small.result is not Result.OK:
        return PathMtu(small)
    try:
        with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams:
            return _Search(datagrams, address, port, max(PATIENCE_S, 4 * small.rtt_s)).run()
    except OSError as error:
        return PathMtu(failure(error, begin))


class _Search:
    """One search on one socket."""

    def __init__(self, datagrams: socket.socket, address: str, port: int, patience_s: float) -> None:
        self._socket = datagrams
        self._family = family(address)
        self._patience_s = patience_s
        self._token = os.urandom(echo.NONCE - 2)
        self._arrived: set[int] = set()
        self._signalled = 0
        self._device = 0
        datagrams.setsockopt(*DISCOVER[self._family], PROBE)
        errqueue.watch(datagrams, address)
        datagrams.connect((address, port))
        datagrams.settimeout(0)

    def run(self) -> PathMtu:
        begin = time.monotonic()
        self._send(LARGEST)  # too large for any interface but loopback, whose kernel then names the interface's MTU
        self._read_errors()
        largest = min(self._device or self._route_mtu(), LARGEST)
        low, high = 0, largest
        sizes = [largest]
        while sizes:
            self._round(sizes)
            low = max(self._arrived, default=0)
            high = min([high, *(s - 1 for s in sizes if s > low)])
            sizes = _rungs(max(low + 1, SMALLEST[self._family]), high, largest) if low < high else []
        outcome = Outcome(Result.OK, time.monotonic() - begin) if low else Outcome(Result.TIMEOUT)
        return PathMtu(outcome, low, min(self._route_mtu(), largest), largest, self._signalled)

    def _route_mtu(self) -> int:
        return self._socket.getsockopt(*ROUTE_MTU[self._family])

    def _round(self, sizes: list[int]) -> None:
        """Try the sizes; late answers to earlier rounds count too, so that a slow echo is not taken for a loss."""
        for _ in range(COPIES):
            for size in sizes:
                self._send(size)
        deadline = time.monotonic() + self._patience_s
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        while not self._arrived.issuperset(sizes) and (left := deadline - time.monotonic()) > 0:
            if poll.poll(left * 1000):
                self._read_errors()
                with contextlib.suppress(OSError):
                    nonce = echo.nonce_of(self._socket.recv(2048))
                    if nonce.startswith(self._token):
                        self._arrived.add(int.from_bytes(nonce[-2:], "big"))

    def _send(self, size: int) -> None:
        packet = echo.request(self._token + size.to_bytes(2, "big"), size - HEADERS[self._family])
        for _ in range(2):  # an error that an earlier packet met is raised in place of sending this one
            try:
                self._socket.send(packet)
            except OSError:
                self._read_errors()
            else:
                return

    def _read_errors(self) -> None:
        """Note who said that a packet was too large."""
        for report in errqueue.reports(self._socket):
            if report.errno == errno.EMSGSIZE and report.origin == errqueue.LOCAL:
                self._device = report.mtu
            elif report.errno == errno.EMSGSIZE:
                self._signalled = report.mtu


def _rungs(low: int, high: int, largest: int) -> list[int]:
    """Sizes from low to high, evenly spread and both ends included.

    The first round of a search tries the largest size once more, so that six copies must be lost, not three.
    """
    if low > high:
        return []
    count = min(RUNGS, high - low + 1)
    step = (high - low) / max(1, count - 1)
    rungs = {low + round(step * i) for i in range(count)}
    return sorted(rungs | ({largest} if high == largest - 1 else set()))
