"""Which numbers are kept over time: one row a signal. Pure.

A signal is a measure of a finding code, gathered to places of which there are no more than a cluster has nodes, so that
history grows as the cluster does and not as its square.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.history.places import asking_node, its_nodes, its_service, itself, whole
from bot.history.points import Worst
from checks.code import Code
from checks.coverage.judge import AGENTS
from checks.dns.loss import REPLICA
from checks.dns.service import CLUSTER_IP
from checks.finding import UNSEEN, Finding, Seen
from checks.ipv6.reach import REACH
from checks.metallb.announced import POOLS
from checks.nic.counters import ERRORS
from checks.paths.checksums import CHECKSUM_ERRORS
from checks.paths.greetings import ENDPOINT, SERVICE
from checks.paths.loss import HOST_LOSS, POD_LOSS
from checks.paths.rows import CROSS_PING, CROSS_TCP, CROSS_TCP_BULK, HOST_TCP, SAME_NODE
from checks.place import Cluster, Node, Place
from checks.text import Unit
from checks.throughput.judge import RATE
from checks.webhook.dry_run import DRY_RUN

Fold = Callable[[Sequence[Seen]], float | None]
"""Makes one number of what was seen at the places that belong together; None where nothing was measured."""


def _lost(seen: Sequence[Seen]) -> float | None:
    """The share of probes that did not come back."""
    sent = sum(s.measures.get("sent", 0) for s in seen)
    return sum(s.measures.get("lost", 0) for s in seen) / sent if sent else None


def _mean(measure: str) -> Fold:
    def fold(seen: Sequence[Seen]) -> float | None:
        values = [s.measures[measure] for s in seen if measure in s.measures]
        return statistics.fmean(values) if values else None

    return fold


def _sum(*measures: str) -> Fold:
    def fold(seen: Sequence[Seen]) -> float | None:
        values = [s.measures[measure] for s in seen for measure in measures if measure in s.measures]
        return sum(values) if values else None

    return fold


def _failing(seen: Sequence[Seen]) -> float | None:
    """The share of the places that were looked at at which something is wrong."""
    known = [s for s in seen if s.outcome != UNSEEN]
    return sum(s.bad for s in known) / len(known) if known else None


def _silent(seen: Sequence[Seen]) -> float | None:
    """How many nodes have an agent that did not answer."""
    return float(sum(s.outcome != "pass" for s in seen)) if seen else None


@dataclass(frozen=True, slots=True)
class Signal:
    """One number over time."""

    code: Code
    what: str
    """What it is of that code, in a word."""
    meaning: str
    unit: Unit
    fold: Fold
    at: Callable[[Place], tuple[Place, ...]]
    """The places that a seen place counts for."""
    worst: Worst = max

    @property
    def name(self) -> str:
        """Its name: part of its keys in Redis, so it never changes."""
        return f"{self.code.name}:{self.what}"


def _loss(code: Code, at: Callable[[Place], tuple[Place, ...]], meaning: str) -> Signal:
    return Signal(code, "loss", meaning, Unit.SHARE, _lost, at)


def _rtt(code: Code, meaning: str) -> Signal:
    return Signal(code, "rtt", meaning, Unit.SECONDS, _mean("rtt_s"), its_nodes)


SIGNALS: Mapping[str, Signal] = {
    signal.name: signal
    for signal in (
        _loss(REPLICA, itself, "queries that a CoreDNS replica does not answer"),
        Signal(REPLICA, "p50", "median time of a replica's answers", Unit.SECONDS, _mean("p50_s"), itself),
        Signal(REPLICA, "p99", "99th percentile of a replica's answers", Unit.SECONDS, _mean("p99_s"), itself),
        _loss(CLUSTER_IP, asking_node, "queries to the DNS Service that are not answered"),
        Signal(CLUSTER_IP, "p99", "99th percentile of the DNS Service", Unit.SECONDS, _mean("p99_s"), asking_node),
        _loss(HOST_TCP, its_nodes, "A: node to node"),
        _loss(SAME_NODE, asking_node, "B: pods of the same node"),
        _loss(CROSS_PING, its_nodes, "C: ping between pods of different nodes"),
        _loss(CROSS_TCP, its_nodes, "D: TCP between pods of different nodes"),
        _loss(CROSS_TCP_BULK, its_nodes, "E: bulk TCP between pods of different nodes"),
        _loss(HOST_LOSS, its_nodes, "datagrams between the nodes' own addresses"),
        _loss(POD_LOSS, its_nodes, "datagrams between pods of different nodes"),
        _rtt(HOST_TCP, "round trip from node to node"),
        _rtt(CROSS_TCP, "round trip between pods of different nodes"),
        Signal(ENDPOINT, "failing", "F: nodes that do not reach the webhook's pod", Unit.SHARE, _failing, whole),
        Signal(SERVICE, "failing", "G: nodes that do not reach the webhook's Service", Unit.SHARE, _failing, whole),
        Signal(CHECKSUM_ERRORS, "errors", "packets with wrong checksums", Unit.COUNT, _sum("tcp", "udp"), asking_node),
        _loss(REACH, its_nodes, "I: IPv6 between pods of different nodes"),
        Signal(
            ERRORS,
            "errors",
            "errors that adapters count",
            Unit.COUNT,
            _sum("rx_errors", "tx_errors", "tx_dropped", "rx_dropped"),
            asking_node,
        ),
        Signal(DRY_RUN, "time", "time of a dry run through the webhook", Unit.SECONDS, _mean("elapsed_s"), its_service),
        Signal(POOLS, "free", "addresses of a pool that are free", Unit.COUNT, _sum("free"), itself, min),
        Signal(POOLS, "assigned", "addresses of a pool that are given", Unit.COUNT, _sum("assigned"), itself),
        Signal(RATE, "rate", "throughput between nodes", Unit.RATE, _mean("rate"), its_nodes, min),
        Signal(AGENTS, "silent", "nodes with an agent that did not answer", Unit.COUNT, _silent, whole),
    )
}
"""Every signal by its name."""


def is_of(name: str, subject: str) -> bool:
    """Whether a finding's code or a cause is a check's, a finding's or a cause's of that name."""
    return name == subject or name.startswith(f"{subject}.")


def signals_of(subject: str) -> list[Signal]:
    """The signals of a check or finding."""
    return [signal for signal in SIGNALS.values() if is_of(signal.code.name, subject)]


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of one run."""

    signal: str
    place: Place
    value: float


def samples(findings: Iterable[Finding], nodes: Sequence[str] = ()) -> list[Sample]:
    """What a run measured. Of a run about some nodes, what is about these and not about all."""
    by_code = {finding.code: finding for finding in findings}
    made = []
    for signal in SIGNALS.values():
        finding = by_code.get(signal.code.name)
        if finding is None:
            continue
        for place, seen in _gathered(signal, finding).items():
            value = signal.fold(seen) if _meant(place, signal, nodes) else None
            if value is not None and math.isfinite(value):
                made.append(Sample(signal.name, place, float(value)))
    return made


def _gathered(signal: Signal, finding: Finding) -> Mapping[Place, Sequence[Seen]]:
    places: dict[Place, list[Seen]] = defaultdict(list)
    for seen in finding.seen:
        for place in signal.at(seen.place):
            places[place].append(seen)
    return places


def _meant(place: Place, signal: Signal, nodes: Sequence[str]) -> bool:
    """Whether a run about these nodes has seen all that counts for a place."""
    if not nodes:
        return True
    if isinstance(place, Node):
        return place.name in nodes
    return not isinstance(place, Cluster) and signal.at is not itself
