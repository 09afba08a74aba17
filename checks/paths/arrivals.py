"""Judge whether the tunnel's packets reach the nodes that they are sent to. Pure.

"The tunnel carries nothing" has two very different reasons: the network below the nodes eats its packets, or the
receiving node itself does. Known bursts and the receiving kernel's counters tell them apart without a privilege.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.judging.crossing import LOST
from checks.observation import Network
from checks.paths.model import Arrivals, Data, Kind, Parameters
from checks.paths.samples import Sample, Samples
from checks.place import Pair
from checks.probes.tunnel import BURST
from checks.text import Text, Unit, listed, say, shortened

PASS, PARTLY, NOT_ARRIVING, DROPPED_BY_HOST = "pass", "partly", "not-arriving", "dropped-by-host"
TUNNEL_ARRIVALS = Code(
    name="paths.tunnel-arrivals",
    meaning="Whether the tunnel's own packets arrive where probes are lost, and who drops them if not",
    place=Pair,
    outcomes=(
        Outcome(PASS, Severity.OK, "they do"),
        Outcome(PARTLY, Severity.FAILED, "a share of them does"),
        Outcome(NOT_ARRIVING, Severity.FAILED, "the network below the nodes loses them"),
        Outcome(DROPPED_BY_HOST, Severity.FAILED, "they come, and the receiving node itself drops them"),
    ),
    measures={"sent": Unit.COUNT, "delivered": Unit.COUNT, "vanished": Unit.COUNT},
)
ENOUGH = 0.8
"""The share of a burst that has to arrive, and that a packet filter has to have eaten to be accused."""
FEW = 0.2
"""The share of which no more may arrive where none is said to."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """One node to which bursts were sent."""

    node: str
    senders: Sequence[str]
    arrivals: Arrivals

    @property
    def sent(self) -> int:
        """Datagrams of all senders: the counters do not tell them apart."""
        return BURST * len(self.senders)

    @property
    def delivered(self) -> int:
        """Datagrams that UDP sockets of the node got, without those that come anyway."""
        return self._risen(self.arrivals.quiet.udp_received, self.arrivals.burst.udp_received)

    @property
    def vanished(self) -> int:
        """Datagrams that came in and that nobody got: a packet filter ate them, or nobody listens."""
        quiet, burst = self.arrivals.quiet, self.arrivals.burst
        return self._risen(quiet.ip_vanished + quiet.udp_without_port, burst.ip_vanished + burst.udp_without_port)

    def _risen(self, before: int, meanwhile: int) -> int:
        usual = before * self.arrivals.burst.seconds / self.arrivals.quiet.seconds if self.arrivals.quiet.seconds else 0
        return max(0, round(meanwhile - usual))

    @property
    def outcome(self) -> str:
        """What happened to them."""
        if self.delivered >= ENOUGH * self.sent:
            return PASS
        if self.vanished >= ENOUGH * (self.sent - self.delivered):
            return DROPPED_BY_HOST
        return NOT_ARRIVING if self.delivered <= FEW * self.sent else PARTLY

    def seen(self) -> list[Seen]:
        """The ways to it."""
        measures: dict[str, float] = {"sent": self.sent, "delivered": self.delivered, "vanished": self.vanished}
        return [Seen(Pair(sender, self.node), self.outcome, measures) for sender in self.senders]

    def line(self) -> Text:
        """The receiver as evidence."""
        return say(
            "{senders} sent {sent} datagrams to the tunnel of {node}: its kernel delivered {delivered}, and {vanished} "
            "came and reached nobody",
            senders=listed(self.senders),
            node=self.node,
            sent=self.sent,
            delivered=self.delivered,
            vanished=self.vanished,
        )


def judge_arrivals(
    found: Samples, gathered: Gathered[Parameters, Data], coverage: Sequence[Text], *, alone: bool
) -> Finding:
    """What became of the tunnel's packets on each way that carried nothing.

    Where something comes back, the tunnel's packets evidently arrive.
    """
    across = _across(found)
    bad = carrying_nothing(found)
    sound = [Seen(pair, PASS) for pair in dict.fromkeys(s.pair for s in across) if pair not in bad]
    if alone or (across and not bad):
        text = say("The tunnel's packets arrive: between nodes nothing is lost, or only a share.")
        return TUNNEL_ARRIVALS.found(text, sound, outcome=PASS, evidence=coverage)
    receivers = _receivers(found, gathered)
    seen = [seen for receiver in receivers for seen in receiver.seen()]
    known = {s.place for s in seen}
    unseen = [pair for pair in bad if pair not in known]
    if not receivers:
        text = say("Whether the tunnel's packets arrive was not measured; only Flannel's VXLAN can be.")
        return TUNNEL_ARRIVALS.unseen(text, coverage, unseen)
    return TUNNEL_ARRIVALS.found(
        _sentence(seen),
        [*seen, *(s for s in sound if s.place not in known), *(Seen(pair, UNSEEN) for pair in unseen)],
        evidence=[*shortened(receiver.line() for receiver in receivers), *coverage],
    )


def carrying_nothing(found: Samples) -> list[Pair]:
    """The ways on which something between nodes was lost, from pods or from nodes, and not just a share.

    Where some of many datagrams between pods come back, the tunnel's packets arrive both ways.
    """
    carries = {s.pair for s in found.losses_of_pods if s.measurement.answered}
    return list(dict.fromkeys(s.pair for s in _across(found) if s.outcome == LOST and s.pair not in carries))


def _across(found: Samples) -> list[Sample]:
    return [s for kind in (Kind.PING, Kind.TCP) for s in found.of[kind] if s.outcome != UNSEEN]


def _receivers(found: Samples, gathered: Gathered[Parameters, Data]) -> list[Receiver]:
    """Those that counted, and to which somebody sent, the one that misses most first."""
    senders: dict[str, list[str]] = {}
    for s in found.of[Kind.TUNNEL]:
        if s.outcome == PASS:
            senders.setdefault(s.measurement.peer, []).append(s.node)
    receivers = [
        Receiver(heard.node, sorted(senders[heard.node]), heard.data.arrivals)
        for heard in gathered.on(Network.HOST)
        if heard.data.arrivals and heard.node in senders
    ]
    return sorted(receivers, key=lambda receiver: (receiver.delivered - receiver.sent, receiver.node))


def _sentence(seen: Sequence[Seen]) -> Text:
    ways = {word: [s.place for s in seen if s.outcome == word] for word in TUNNEL_ARRIVALS.words}
    dropped, missed, some = (listed(ways[word]) for word in (DROPPED_BY_HOST, NOT_ARRIVING, PARTLY))
    if dropped and missed:
        return say(
            "The tunnel's packets are dropped by the node that receives them ({dropped}), and never arrive ({missed}).",
            dropped=dropped,
            missed=missed,
        )
    if dropped:
        return say("The tunnel's packets arrive, and the receiving node itself drops them: {ways}.", ways=dropped)
    if missed:
        return say("The tunnel's packets never arrive: the network below the nodes loses them: {ways}.", ways=missed)
    if some:
        return say("Of the tunnel's packets a share never arrives: {ways}.", ways=some)
    return say("The tunnel's packets arrive: what is lost is lost inside the tunnel: {ways}.", ways=listed(ways[PASS]))
