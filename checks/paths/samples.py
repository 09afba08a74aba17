"""The measurements of a run, with who made them and what each says. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from checks.finding import UNSEEN, Seen
from checks.gathered import Gathered
from checks.judging.crossing import OUTCOMES, PASS, crossing
from checks.judging.topology import pod_agents
from checks.observation import Network
from checks.paths.model import HOST_TO_HOST, Data, Kind, Measurement, Parameters
from checks.place import Pair, Place
from checks.probes.echo import HOST_PORT, POD_PORT
from checks.probes.outcome import Result
from checks.text import Text, Unit, say, say_many

MEASURES: Mapping[str, Unit] = {"sent": Unit.COUNT, "lost": Unit.COUNT, "rtt_s": Unit.SECONDS}
"""Of the probes at one place: how many they were, how many did not come back, the median time of the others."""
AGAIN = "again"
"""Of the tasks that count losses once more, alone: see `checks.paths.follow`."""
ECHOES = {HOST_PORT: Network.HOST, POD_PORT: Network.POD}
"""Which agent listens on a port."""
RANKS = {outcome.word: rank for rank, outcome in enumerate(OUTCOMES)}
"""Of the outcomes, the worst last."""
At = TypeVar("At", bound=Place)


class Sample(msgspec.Struct, frozen=True, gc=False):
    """One measurement, where it was made, and whether the prober was starved of CPU meanwhile."""

    node: str
    network: Network
    measurement: Measurement
    outcome: str
    """`pass`, `rejected` or `lost`; `UNSEEN` when nothing was measured."""
    throttled: int = 0

    @property
    def pair(self) -> Pair:
        """From which node to which."""
        return Pair(self.node, self.measurement.peer)

    @property
    def failed(self) -> bool:
        """Whether it speaks against the path."""
        return self.outcome not in (PASS, UNSEEN)

    def line(self) -> Text:
        """The measurement as evidence."""
        m = self.measurement
        line = say(
            "{source} ({network}) → {target} {address}: {result}",
            source=self.node,
            network=str(self.network),
            target=m.peer or m.name,
            address=_socket_address(m),
            result=str(m.result),
        )
        if m.detail:
            line = say("{line}, {detail}", line=line, detail=m.detail)
        if m.told_by:
            line = say("{line}, says {address}", line=line, address=m.told_by)
        if self.throttled:
            line = say_many(
                "{line} (this agent was throttled once)",
                "{line} (this agent was throttled {count} times)",
                self.throttled,
                line=line,
            )
        return line


def _socket_address(m: Measurement) -> str:
    if not m.port:
        return m.address
    return f"[{m.address}]:{m.port}" if ":" in m.address else f"{m.address}:{m.port}"


@dataclass(frozen=True, slots=True)
class Samples:
    """Every measurement of every job that was observed, by what it does."""

    of: Mapping[Kind, Sequence[Sample]]
    in_pods: frozenset[str]
    """The nodes whose pod agent was heard."""

    def between_pods(self, kind: Kind) -> list[Sample]:
        """The samples of a cross-node kind, from pods; from the host of nodes whose pod agent was not heard.

        The host's packets to a remote pod take the same tunnel, so they stand in where there is nothing better.
        """
        return [s for s in self.of[kind] if s.network is Network.POD or s.node not in self.in_pods]

    @property
    def losses_of_hosts(self) -> list[Sample]:
        """What was counted between the nodes' own addresses."""
        return [s for s in self.of[Kind.LOSS] if s.measurement.name == HOST_TO_HOST]

    @property
    def losses_of_pods(self) -> list[Sample]:
        """What was counted between pods of different nodes."""
        return [s for s in self.between_pods(Kind.LOSS) if s.measurement.name != HOST_TO_HOST]


def samples(gathered: Gathered[Parameters, Data]) -> Samples:
    """The measurements that were gathered."""
    listening = {(heard.node, heard.network) for heard in gathered.heard}
    listening |= {(node, Network.POD) for node in pod_agents(gathered.snapshot)}
    starved = {(heard.node, heard.network) for heard in gathered.heard if heard.starved}
    # What was not there yet refuses, and cannot be told from a packet filter that does.
    listening -= {(heard.node, heard.network) for heard in gathered.heard if heard.young}
    again = {
        (heard.node, heard.network, m.peer, m.address): m
        for heard in gathered.heard
        if heard.name == AGAIN
        for m in heard.data.measurements
    }
    of: dict[Kind, list[Sample]] = {kind: [] for kind in Kind}
    for heard in gathered.heard:
        for first in heard.data.measurements if heard.name != AGAIN else ():
            m = _longer(first, again.get((heard.node, heard.network, first.peer, first.address)))
            ends = {(heard.node, heard.network), (m.peer, ECHOES.get(m.port))}
            outcome = UNSEEN if _came_too_slowly(m) and not starved.isdisjoint(ends) else _outcome(m, listening)
            of[m.kind].append(Sample(heard.node, heard.network, m, outcome, heard.throttled))
    return Samples(of, frozenset(heard.node for heard in gathered.on(Network.POD)))


def _longer(first: Measurement, again: Measurement | None) -> Measurement:
    """Of datagrams that were counted twice those of the second time: more of them, and nothing else went on."""
    return again if first.kind is Kind.LOSS and again is not None and again.sent else first


def _came_too_slowly(m: Measurement) -> bool:
    """Whether a connection was made and what came back was not all of it in time: so an agent without CPU answers."""
    return m.result is Result.TIMEOUT and bool(m.detail) and m.kind in (Kind.HOST_TCP, Kind.TCP, Kind.BULK)


def _outcome(m: Measurement, listening: set[tuple[str, Network]]) -> str:
    """What a probe says. A refusal or a reset speaks against the path only where an agent is known to listen.

    Its kubelet calls it ready, or it did a job of this run, and it was not started just now. Otherwise nobody may be
    there, as on a node whose host agent is gone; and CoreDNS is not ours to vouch for. A ping asks for no port, so
    nobody there refuses it. Where another node answered, nothing was learnt of the way.
    """
    if m.reached and m.reached != m.peer:
        return UNSEEN
    if m.result in (Result.REFUSED, Result.RESET) and m.kind is not Kind.PING:
        network = ECHOES.get(m.port)
        if network is None or (m.peer, network) not in listening:
            return UNSEEN
    return crossing(m.result, m.rtt_s)


def seen_at(place: Place, probes: Sequence[Sample]) -> Seen:
    """What the probes at one place say together: the worst of them."""
    known = [sample.outcome for sample in probes if sample.outcome != UNSEEN]
    if not known:
        return Seen(place, UNSEEN)
    times = [sample.measurement.rtt_s for sample in probes if sample.outcome == PASS]
    measures: dict[str, float] = {"sent": len(known), "lost": len(known) - len(times)}
    if times:
        measures["rtt_s"] = statistics.median(times)
    return Seen(place, max(known, key=RANKS.__getitem__), measures)
