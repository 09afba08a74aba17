"""Many small datagrams in flight on raw sockets, until a sequential test of what is lost is decided.

No datagram is ever sent again: who repeats a question hides exactly the loss that is looked for.
"""

import contextlib
import select
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from checks.judging.statistics import Verdict, sprt
from checks.probes.outcome import family

BATCHES = (48, 96, 192)
"""Datagrams between two looks at the test: the first suffices for a way that loses nothing."""
LARGEST = 4096
"""Bytes of an answer that are taken."""
NUMBERS = 1 << 16
"""A datagram's number has 16 bits, as DNS's identifier has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast, and how much."""

    rate: float
    """Datagrams a second."""
    timeout_s: float
    """How long the last answer of a batch is waited for."""
    flows: int = 1
    """Source ports."""
    batches: tuple[int, ...] = BATCHES


class Series(ABC):
    """What is sent to one address, and what came of it."""

    def __init__(self, address: str, port: int, pace: Pace, first: int = 0) -> None:
        """Make the sockets; nothing is sent.

        Args:
            address: A literal of either family.
            port: UDP.
            pace: How fast, and how much.
            first: The number of the first datagram.

        Raises:
            OSError: no socket can be made.
        """
        self.sent = 0
        self.refused = 0
        self.rtts_s: list[float] = []
        self._to = (address, port)
        self._pace = pace
        self._first = first
        self._pending: dict[int, float] = {}
        self._batches = list(pace.batches)
        self._due = self._batches.pop(0)
        self._next_at = 0.0
        self._over_at = 0.0
        self.sockets = [self._socket() for _ in range(pace.flows)]

    @abstractmethod
    def datagram(self, number: int, count: int) -> bytes:
        """The datagram with a number, the `count`th that is sent, from 0."""

    @abstractmethod
    def number_of(self, answer: bytes) -> int:
        """The number of the datagram that something answers.

        Raises:
            ValueError: it answers none.
        """

    def note(self, number: int, answer: bytes) -> None:  # noqa: B027 - most have nothing to take
        """Take something from an answer that was waited for, by the number of the datagram that it answers."""

    def _socket(self) -> socket.socket:
        made = socket.socket(family(self._to[0]), socket.SOCK_DGRAM)
        made.settimeout(0)
        with contextlib.suppress(OSError):  # no route: every send fails, and so every datagram is lost
            made.connect(self._to)
        return made

    def close(self) -> None:
        """Close the sockets."""
        for made in self.sockets:
            made.close()

    def turn(self, now: float) -> float | None:
        """Send what is due, and decide when a batch is over.

        Returns:
            When to be called again at the latest; None when there is nothing more to send.
        """
        while self._due and self._next_at <= now:
            self._send(now)
        if self._due:
            return self._next_at
        if self._pending and now < self._over_at:
            return self._over_at
        self._pending.clear()  # what comes later than the timeout counts as lost
        if not self._batches or sprt(self.sent, self.sent - len(self.rtts_s)) is not Verdict.UNDECIDED:
            return None
        self._due = self._batches.pop(0)
        return now

    def _send(self, now: float) -> None:
        number = (self._first + self.sent) % NUMBERS
        through = self.sockets[self.sent % len(self.sockets)]
        datagram = self.datagram(number, self.sent)
        self._pending[number] = time.monotonic()
        self._due -= 1
        self.sent += 1
        self._next_at = max(self._next_at, now) + 1 / self._pace.rate
        self._over_at = now + self._pace.timeout_s
        for _ in range(2):  # a refusal that an earlier datagram met is raised in place of sending this one
            try:
                through.send(datagram)
            except ConnectionRefusedError:
                self.refused += 1
            except OSError:
                return
            else:
                return

    def receive(self, ready: socket.socket) -> None:
        """Take every answer that waits on a socket."""
        while True:
            try:
                answer = ready.recv(LARGEST)
            except ConnectionRefusedError:
                self.refused += 1
                continue
            except OSError:
                return
            self._take(answer)

    def _take(self, answer: bytes) -> None:
        try:
            number = self.number_of(answer)
            sent_at = self._pending.pop(number)
        except (ValueError, KeyError):
            return
        self.rtts_s.append(time.monotonic() - sent_at)
        self.note(number, answer)


def run_all(series: Sequence[Series]) -> None:
    """Run series side by side until each is decided, and close them."""
    owners = {made.fileno(): (each, made) for each in series for made in each.sockets}
    poll = select.poll()
    for descriptor in owners:
        poll.register(descriptor, select.POLLIN)
    running = list(series)
    try:
        while running:
            wakes = {id(each): each.turn(time.monotonic()) for each in running}
            running = [each for each in running if wakes[id(each)] is not None]
            wait_s = min((wake for wake in wakes.values() if wake is not None), default=0.0) - time.monotonic()
            for descriptor, _ in poll.poll(max(0.0, wait_s) * 1000) if running else ():
                each, made = owners[descriptor]
                each.receive(made)
    finally:
        for each in series:
            each.close()
