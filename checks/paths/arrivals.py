"""Judge whether the tunnel's packets reach the nodes that they are sent to. Pure.

"The tunnel carries nothing" has two very different reasons: the network below the nodes eats its packets, or the
receiving node itself does. Known bursts and the receiving kernel's counters tell them apart without a privilege.
"""

from collections.abc import Sequence

import msgspec

from checks.finding import Finding, Severity
from checks.observation import Network, Observation
from checks.paths.model import Counters, Kind
from checks.paths.pairs import WHERE
from checks.paths.samples import Sample, observed, shortened
from checks.probes.tunnel import BURST

CODE = "paths.tunnel-arrivals"
ENOUGH = 0.8
"""The share of a burst that has to arrive, and that a packet filter has to have eaten to be accused."""


class Receiver(msgspec.Struct, frozen=True):
    """One node to which bursts were sent."""

    node: str
    sent: int
    counters: Counters

    @property
    def missing(self) -> int:
        """Datagrams that no UDP socket of the node saw."""
        return max(0, self.sent - self.counters.udp_received)

    @property
    def outcome(self) -> str:
        """What happened to them."""
        if self.counters.udp_received >= ENOUGH * self.sent:
            return "pass"
        eaten = self.counters.ip_vanished + self.counters.udp_without_port
        return "dropped-by-host" if eaten >= ENOUGH * self.missing else "not-arriving"

    def line(self) -> str:
        """The receiver as evidence."""
        c = self.counters
        return (
            f"{self.node}: {self.sent} datagrams were sent to its tunnel; its kernel delivered {c.udp_received} of any "
            f"kind, dropped {c.ip_vanished} in a packet filter, found no listener for {c.udp_without_port}"
        )


def judge_arrivals(
    found: Sequence[Sample], observations: Sequence[Observation], coverage: Sequence[str], *, alone: bool
) -> Finding:
    """`dropped-by-host`, `not-arriving` or `pass`.

    Counters of a busy node say little by themselves, so only nodes are judged to which probes were lost. Where nothing
    is lost, the tunnel's packets evidently arrive.
    """
    sent: dict[str, int] = {}
    for s in found:
        if s.measurement.kind is Kind.TUNNEL and s.passed:
            sent[s.measurement.peer] = sent.get(s.measurement.peer, 0) + BURST
    across = [s for s in found if s.measurement.kind in (Kind.PING, Kind.TCP) and (s.passed or s.lost)]
    suspects = {s.measurement.peer for s in across if s.lost}
    if alone or (across and not suspects):
        summary = "The tunnel's packets arrive: nothing is lost between nodes."
        return Finding(code=CODE, severity=Severity.OK, summary=summary, outcome="pass", evidence=tuple(coverage))
    receivers = [
        Receiver(o.node, sent[o.node], data.counters)
        for o, data in observed(observations)
        if o.network is Network.HOST and o.node in suspects and o.node in sent and data.counters
    ]
    if not receivers:
        summary = "Whether the tunnel's packets arrive was not measured; only Flannel's VXLAN can be."
        return Finding(code=CODE, severity=Severity.UNKNOWN, summary=summary, evidence=tuple(coverage))
    return _finding(receivers, coverage)


def _finding(receivers: Sequence[Receiver], coverage: Sequence[str]) -> Finding:
    dropped = [r.node for r in receivers if r.outcome == "dropped-by-host"]
    eaten = [r.node for r in receivers if r.outcome == "not-arriving"]
    outcome = "dropped-by-host" if dropped else "not-arriving" if eaten else "pass"
    where = dropped or eaten
    names = ", ".join(sorted(where)[:8])
    return Finding(
        code=CODE,
        severity=Severity.FAILED if where else Severity.OK,
        summary={
            "pass": "The tunnel's packets arrive at the nodes: what is lost is lost inside the tunnel.",
            "dropped-by-host": f"The tunnel's packets reach {names}, and the node itself drops them.",
            "not-arriving": f"The tunnel's packets never reach {names}: the network below the nodes loses them.",
        }[outcome],
        outcome=outcome,
        where=tuple(sorted(where)[:WHERE]),
        evidence=(*shortened([r.line() for r in sorted(receivers, key=lambda r: -r.missing)]), *coverage),
    )
