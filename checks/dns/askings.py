"""Who asked whom, and how it went. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from checks.dns.model import SERVICE, Asked, Data
from checks.judging.statistics import Verdict, sprt, wilson
from checks.observation import Network, Observation, State
from checks.probes.outcome import Result

LINES = 12
"""Evidence lines of one sort in one finding."""
UNMEASURED = (Result.NOT_PERMITTED, Result.ERROR)


class Asking(msgspec.Struct, frozen=True):
    """How one server answered one agent."""

    node: str
    network: Network
    asked: Asked
    throttled: int = 0

    @property
    def local(self) -> bool:
        """Whether the replica is on the asker's own node."""
        return self.node == self.asked.node

    @property
    def path(self) -> str:
        """From which node to which replica."""
        return f"{self.node}->{self.asked.name}"

    @property
    def udp(self) -> bool:
        """Whether the name that exists was ever answered as such."""
        return self.asked.rcodes.get("NOERROR", 0) > 0

    @property
    def tcp(self) -> bool:
        """Whether TCP was answered, or not measured."""
        return self.asked.tcp is Result.OK or self.asked.tcp in UNMEASURED

    @property
    def verdict(self) -> Verdict:
        """What the test says about loss."""
        return sprt(self.asked.sent, self.asked.lost)

    def line(self) -> str:
        """The asking as evidence."""
        a = self.asked
        loss = f"UDP {a.answered} of {a.sent} answered"
        times = f", p50 {a.p50_s * 1000:.1f} ms, p99 {a.p99_s * 1000:.1f} ms" if a.answered else ""
        wrong = ", ".join(f"{n} times {rcode}" for rcode, n in sorted(a.rcodes.items()) if rcode != "NOERROR")
        tcp = "ok" if a.tcp is Result.OK else f"{a.tcp}{': ' * bool(a.tcp_detail)}{a.tcp_detail}"
        starved = f" (this agent was throttled {self.throttled} times)" if self.throttled else ""
        return (
            f"{self.node} ({self.network}) -> {a.name} {a.address}: {loss}{times}{', ' * bool(wrong)}{wrong}; "
            f"TCP {tcp}{starved}"
        )


def askings(observations: Sequence[Observation]) -> list[Asking]:
    """Every asking of every job that was observed, in which something was sent."""
    return [
        Asking(o.node, o.network, asked, o.throttled)
        for o in observations
        if o.state is State.OBSERVED and isinstance(o.data, Data)
        for asked in o.data.asked
        if asked.sent
    ]


def of_replicas(found: Iterable[Asking]) -> list[Asking]:
    """Those that went to a replica and not to the ClusterIP."""
    return [a for a in found if a.asked.name != SERVICE]


def of_service(found: Iterable[Asking]) -> list[Asking]:
    """Those that went to the ClusterIP, from pods; from the host of nodes whose pod agent was not heard."""
    all_askings = list(found)
    heard = {a.node for a in all_askings if a.network is Network.POD}
    return [a for a in all_askings if a.asked.name == SERVICE and (a.network is Network.POD or a.node not in heard)]


def loss(found: Sequence[Asking]) -> str:
    """The pooled loss of several askings with its interval, in words."""
    sent, lost = sum(a.asked.sent for a in found), sum(a.asked.lost for a in found)
    low, high = wilson(lost, sent)
    share = 100 * lost / sent if sent else 0.0
    return f"{lost} of {sent} datagrams lost, {share:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f} %)"


def shortened(lines: list[str]) -> list[str]:
    """The first lines, and how many are left out."""
    return lines if len(lines) <= LINES else [*lines[:LINES], f"and {len(lines) - LINES} more"]
