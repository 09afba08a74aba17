"""Many questions in flight to a DNS server, until a sequential test is decided.

The questions are encoded once and only their identifier changes, so that asking costs the agent next to nothing.
"""

import contextlib
import os
from collections import Counter

import msgspec

from checks.probes.dns import wire
from checks.probes.series import BATCHES, Pace, Series

SERVICE_BATCHES = (16,)
"""The ClusterIP is asked through several flows, each of which may end at another replica: no sequence to test."""
NX_EVERY = 8
"""Every so many questions one is about a name that does not exist, which no cache can answer."""


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


class Burst(Series):
    """The questions to one server and what came of them."""

    def __init__(self, plan: Plan) -> None:
        """Make the sockets and encode the questions; nothing is sent.

        Raises:
            ValueError: a name is no domain name.
            OSError: no socket can be made.
        """
        missing = f"netcheck-{os.urandom(6).hex()}.default.svc.{plan.domain}"
        self._questions = (wire.query(0, plan.exists), wire.query(0, missing))
        self._missing: set[int] = set()
        self.rcodes: Counter[str] = Counter()
        self.nx_rcodes: Counter[str] = Counter()
        self.addresses: tuple[str, ...] = ()
        pace = Pace(rate=plan.rate_qps, timeout_s=plan.timeout_s, flows=plan.flows, batches=plan.batches)
        super().__init__(plan.address, plan.port, pace, first=int.from_bytes(os.urandom(2), "big"))

    def datagram(self, number: int, count: int) -> bytes:
        """See `Series`: a question, now and then about the name that does not exist."""
        missing = count % NX_EVERY == NX_EVERY - 1
        if missing:
            self._missing.add(number)
        return number.to_bytes(2, "big") + self._questions[missing][2:]

    def number_of(self, answer: bytes) -> int:
        """See `Series`: the identifier."""
        return wire.rcode(answer)[0]

    def note(self, number: int, answer: bytes) -> None:
        """See `Series`: the rcode, and of the first answer the addresses."""
        missing = number in self._missing
        (self.nx_rcodes if missing else self.rcodes)[wire.rcode(answer)[1]] += 1
        if not missing and not self.addresses:
            with contextlib.suppress(ValueError):
                self.addresses = wire.addresses(answer)
