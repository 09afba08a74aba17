"""Look-ups as glibc makes them: A and AAAA at once from one socket, and beside that from two.

Two packets of one flow race for one entry in conntrack where the address is translated, and the loser is dropped
(kubernetes/kubernetes #56903); the resolver asks again after 5 s. Two sockets are two flows, so they lose nothing to
that. Whatever else loses packets takes from both alike. Waiting for the 5 s tells no more.
"""

import contextlib
import os
import select
import socket
import time

from checks.probes.dns import wire
from checks.probes.dns.counted import Pairs
from checks.probes.outcome import family


class _Pair:
    """One A and one AAAA under way."""

    def __init__(self, server: tuple[str, int], sockets: int) -> None:
        self.sockets = [socket.socket(family(server[0]), socket.SOCK_DGRAM) for _ in range(sockets)]
        self.missing: set[int] = set()
        for made in self.sockets:
            made.settimeout(0)
            with contextlib.suppress(OSError):  # no route: both answers will be missing
                made.connect(server)

    def send(self, questions: tuple[bytes, bytes]) -> None:
        first = int.from_bytes(os.urandom(2), "big")
        identifiers = (first, (first + 1) & 0xFFFF)
        self.missing = set(identifiers)
        for identifier, question, through in zip(
            identifiers, questions, (self.sockets[0], self.sockets[-1]), strict=True
        ):
            with contextlib.suppress(OSError):
                through.send(identifier.to_bytes(2, "big") + question[2:])

    def receive(self) -> None:
        for made in self.sockets:
            with contextlib.suppress(OSError, ValueError):
                while True:
                    self.missing.discard(wire.rcode(made.recv(4096))[0])


def ask_pairs(server: tuple[str, int], name: str, count: int, rate_qps: float, timeout_s: float) -> Pairs:
    """Ask so many times from one socket and from two in turns, and wait for the answers of all.

    Args:
        server: A literal of either family, and its UDP port.
        name: Both kinds are asked of it.
        count: Pairs of either sort; 4 questions each.
        rate_qps: Questions a second, at most.
        timeout_s: Seconds after which an answer counts as missing.

    Raises:
        ValueError: the name is no domain name.
        OSError: no socket can be made.
    """
    questions = (wire.query(0, name), wire.query(0, name, wire.AAAA))
    pairs = [_Pair(server, 1 + number % 2) for number in range(2 * count)]
    poll = select.poll()
    owners = {made.fileno(): pair for pair in pairs for made in pair.sockets}
    for descriptor in owners:
        poll.register(descriptor, select.POLLIN)
    begin = time.monotonic()
    over = begin + 2 * len(pairs) / rate_qps + timeout_s
    try:
        for number, pair in enumerate(pairs):
            while (wait_s := begin + 2 * number / rate_qps - time.monotonic()) > 0:
                _take(poll, owners, wait_s)
            pair.send(questions)
        while any(pair.missing for pair in pairs) and (wait_s := over - time.monotonic()) > 0:
            _take(poll, owners, wait_s)
    finally:
        for made in (made for pair in pairs for made in pair.sockets):
            made.close()
    halves = [len(pair.missing) == 1 for pair in pairs]
    return Pairs(
        sent=count,
        one_lost=sum(halves[::2]),
        two_lost=sum(halves[1::2]),
        answered=sum(not pair.missing for pair in pairs),
    )


def _take(poll: select.poll, owners: dict[int, _Pair], wait_s: float) -> None:
    """Take what is there, or comes first within the time."""
    for descriptor, _ in poll.poll(wait_s * 1000):
        owners[descriptor].receive()
