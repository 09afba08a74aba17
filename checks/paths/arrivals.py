"""Judge whether the tunnel's packets reach the nodes that they are sent to. Pure.

"The tunnel carries nothing" has two very different reasons: the network below the nodes eats its packets, or the
receiving node itself does. Known bursts and the receiving kernel's counters tell them apart without a privilege.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.observation import Network
from checks.paths.model import Counters, Data, Kind, Parameters
from checks.paths.samples import Samples
from checks.place import Node
from checks.probes.tunnel import BURST
from checks.text import Text, Unit, listed, say, shortened

PASS, NOT_ARRIVING, DROPPED_BY_HOST = "pass", "not-arriving", "dropped-by-host"
TUNNEL_ARRIVALS = Code(
    name="paths.tunnel-arrivals",
    meaning="Whether the tunnel's own packets reach a node to which probes are lost, and who drops them if not",
    place=Node,
    outcomes=(
        Outcome(PASS, Severity.OK, "they do"),
        Outcome(NOT_ARRIVING, Severity.FAILED, "the network below the nodes loses them"),
        Outcome(DROPPED_BY_HOST, Severity.FAILED, "they come, and the node itself drops them"),
    ),
    measures={"sent": Unit.COUNT, "delivered": Unit.COUNT, "vanished": Unit.COUNT},
)
ENOUGH = 0.8
"""The share of a burst that has to arrive, and that a packet filter has to have eaten to be accused."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """One node to which bursts were sent."""

    node: str
    sent: int
    counters: Counters

    @property
    def missing(self) -> int:
        """Datagrams that no UDP socket of the node saw."""
        return max(0, self.sent - self.counters.udp_received)

    @property
    def vanished(self) -> int:
        """Datagrams that came in and that nobody got: a packet filter ate them, or nobody listens."""
        return self.counters.ip_vanished + self.counters.udp_without_port

    @property
    def outcome(self) -> str:
        """What happened to them."""
        if self.counters.udp_received >= ENOUGH * self.sent:
            return PASS
        return DROPPED_BY_HOST if self.vanished >= ENOUGH * self.missing else NOT_ARRIVING

    def seen(self) -> Seen:
        """The receiver as a place."""
        delivered = self.counters.udp_received
        return Seen(
            Node(self.node), self.outcome, {"sent": self.sent, "delivered": delivered, "vanished": self.vanished}
        )

    def line(self) -> Text:
        """The receiver as evidence."""
        return say(
            "{node}: {sent} datagrams were sent to its tunnel; its kernel delivered {delivered} of any kind, dropped "
            "{dropped} in a packet filter, found no listener for {unheard}",
            node=Node(self.node),
            sent=self.sent,
            delivered=self.counters.udp_received,
            dropped=self.counters.ip_vanished,
            unheard=self.counters.udp_without_port,
        )


def judge_arrivals(
    found: Samples, gathered: Gathered[Parameters, Data], coverage: Sequence[Text], *, alone: bool
) -> Finding:
    """What became of the tunnel's packets at each node to which probes were lost.

    Counters of a busy node say little by themselves, so only such nodes are judged. Where nothing is lost, the tunnel's
    packets evidently arrive.
    """
    across = [s for kind in (Kind.PING, Kind.TCP) for s in found.of[kind] if s.outcome != UNSEEN]
    suspects = sorted({s.measurement.peer for s in across if s.failed})
    if alone or (across and not suspects):
        text = say("The tunnel's packets arrive: nothing is lost between nodes.")
        reached = sorted({s.measurement.peer for s in across})
        return TUNNEL_ARRIVALS.found(text, [Seen(Node(n), PASS) for n in reached], outcome=PASS, evidence=coverage)
    receivers = _receivers(found, gathered, set(suspects))
    known = {receiver.node for receiver in receivers}
    unseen = [Node(node) for node in suspects if node not in known]
    if not receivers:
        text = say("Whether the tunnel's packets arrive was not measured; only Flannel's VXLAN can be.")
        return TUNNEL_ARRIVALS.unseen(text, coverage, unseen)
    return TUNNEL_ARRIVALS.found(
        _sentence(receivers),
        [*(receiver.seen() for receiver in receivers), *(Seen(place, UNSEEN) for place in unseen)],
        evidence=[*shortened(receiver.line() for receiver in receivers), *coverage],
    )


def _receivers(found: Samples, gathered: Gathered[Parameters, Data], suspects: AbstractSet[str]) -> list[Receiver]:
    """The suspects whose counters are known and to which bursts were sent, the one that misses most first."""
    sent: dict[str, int] = {}
    for s in found.of[Kind.TUNNEL]:
        if s.outcome == PASS:
            sent[s.measurement.peer] = sent.get(s.measurement.peer, 0) + BURST
    receivers = [
        Receiver(heard.node, sent[heard.node], heard.data.counters)
        for heard in gathered.on(Network.HOST)
        if heard.node in suspects and heard.node in sent and heard.data.counters
    ]
    return sorted(receivers, key=lambda receiver: (-receiver.missing, receiver.node))


def _sentence(receivers: Sequence[Receiver]) -> Text:
    nodes = {word: sorted(r.node for r in receivers if r.outcome == word) for word in TUNNEL_ARRIVALS.words}
    dropped, missed = (listed(map(Node, nodes[word])) for word in (DROPPED_BY_HOST, NOT_ARRIVING))
    if dropped and missed:
        return say(
            "The tunnel's packets reach {dropped} and are dropped there, and never reach {missed}.",
            dropped=dropped,
            missed=missed,
        )
    if dropped:
        return say("The tunnel's packets reach {nodes}, and the node itself drops them.", nodes=dropped)
    if missed:
        return say("The tunnel's packets never reach {nodes}: the network below the nodes loses them.", nodes=missed)
    return say(
        "The tunnel's packets arrive at {nodes}: what is lost is lost inside the tunnel.",
        nodes=listed(map(Node, nodes[PASS])),
    )
