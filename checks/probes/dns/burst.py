"""Many questions in flight on raw sockets, until a sequential test is decided.

No datagram is ever sent again: a resolver that repeats its question hides exactly the loss that is looked for. The
questions are encoded once and only their identifier changes, so that asking costs the agent next to nothing.
"""

import contextlib
import os
import select
import socket
import time
from collections import Counter
from collections.abc import Sequence

import msgspec

from checks.judging.statistics import Verdict, sprt
from checks.probes.dns import wire
from checks.probes.outcome import family

BATCHES = (48, 96, 192)
"""Questions between two looks at the test: the first suffices for a server that loses nothing."""
SERVICE_BATCHES = (16,)
"""The ClusterIP is asked through several flows, each of which may end at another replica: no sequence to test."""
NX_EVERY = 8
"""Every so many questions one is about a name that does not exist, which no cache can answer."""
LARGEST = 4096


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask one server."""

    address: str
    port: int
    exists: str
    """A name that exists."""
    domain: str
    """The domain to make up names in that do not."""
    timeout_s: float
    rate_qps: float
    flows: int = 1
    """Source ports."""
    batches: tuple[int, ...] = BATCHES


class Burst:
    """The questions to one server and what came of them."""

    def __init__(self, plan: Plan) -> None:
        """Make the sockets and encode the questions; nothing is sent.

        Raises:
            ValueError: a name is no domain name.
            OSError: no socket can be made.
        """
        self.sent = 0
        self.refused = 0
        self.rtts_s: list[float] = []
        self.rcodes: Counter[str] = Counter()
        self.nx_rcodes: Counter[str] = Counter()
        self.addresses: tuple[str, ...] = ()
        self._plan = plan
        missing = f"netcheck-{os.urandom(6).hex()}.default.svc.{plan.domain}"
        self._questions = (wire.query(0, plan.exists), wire.query(0, missing))
        self._first = int.from_bytes(os.urandom(2), "big")
        self._pending: dict[int, tuple[float, bool]] = {}
        self._batches = list(plan.batches)
        self._due = self._batches.pop(0)
        self._next_at = 0.0
        self._over_at = 0.0
        self.sockets = [self._socket() for _ in range(plan.flows)]

    def _socket(self) -> socket.socket:
        made = socket.socket(family(self._plan.address), socket.SOCK_DGRAM)
        made.settimeout(0)
        with contextlib.suppress(OSError):  # no route: every send fails, and so every datagram is lost
            made.connect((self._plan.address, self._plan.port))
        return made

    def close(self) -> None:
        """Close the sockets."""
        for made in self.sockets:
            made.close()

    def turn(self, now: float) -> float | None:
        """Send what is due, and decide when a batch is over.

        Returns:
            When to be called again at the latest; None when there is nothing more to ask.
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
        missing = self.sent % NX_EVERY == NX_EVERY - 1
        identifier = (self._first + self.sent) & 0xFFFF
        through = self.sockets[self.sent % len(self.sockets)]
        question = identifier.to_bytes(2, "big") + self._questions[missing][2:]
        self._pending[identifier] = (time.monotonic(), missing)
        self._due -= 1
        self.sent += 1
        self._next_at = max(self._next_at, now) + 1 / self._plan.rate_qps
        self._over_at = now + self._plan.timeout_s
        for _ in range(2):  # a refusal that an earlier datagram met is raised in place of sending this one
            try:
                through.send(question)
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
            identifier, rcode = wire.rcode(answer)
            asked = self._pending.pop(identifier)
        except (ValueError, KeyError):
            return
        sent_at, missing = asked
        self.rtts_s.append(time.monotonic() - sent_at)
        (self.nx_rcodes if missing else self.rcodes)[rcode] += 1
        if not missing and not self.addresses:
            with contextlib.suppress(ValueError):
                self.addresses = wire.addresses(answer)


def ask_all(bursts: Sequence[Burst]) -> None:
    """Run bursts side by side until each is decided, and close them."""
    owners = {made.fileno(): (burst, made) for burst in bursts for made in burst.sockets}
    poll = select.poll()
    for descriptor in owners:
        poll.register(descriptor, select.POLLIN)
    running = list(bursts)
    try:
        while running:
            wakes = {id(burst): burst.turn(time.monotonic()) for burst in running}
            running = [burst for burst in running if wakes[id(burst)] is not None]
            wait_s = min((wake for wake in wakes.values() if wake is not None), default=0.0) - time.monotonic()
            for descriptor, _ in poll.poll(max(0.0, wait_s) * 1000) if running else ():
                burst, made = owners[descriptor]
                burst.receive(made)
    finally:
        for burst in bursts:
            burst.close()
