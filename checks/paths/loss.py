"""Judge which share of small datagrams is lost between nodes, and between their pods. Pure.

A single probe says whether anything gets through; a network that loses some of everything makes single probes fail by
chance, here and there, which looks like many things.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.judging.localise import located, worst_first
from checks.judging.loss import told_loss
from checks.judging.places import by_place
from checks.judging.statistics import CLEAN_RATE, wilson
from checks.judging.topology import ALONE
from checks.observation import Network
from checks.paths.model import Data, Parameters
from checks.paths.samples import Sample, Samples
from checks.place import Pair
from checks.text import Text, Unit, say, say_many, shortened

PASS, SILENT, LOSSY = "pass", "silent", "lossy"
OUTCOMES = (
    Outcome(PASS, Severity.OK, "all, or all but what chance may lose"),
    Outcome(SILENT, Severity.OK, "none comes back: that is no share, and a single probe tells as much"),
    Outcome(LOSSY, Severity.DEGRADED, "a share is lost, more than chance may lose"),
)
SLOW_S = 0.25
"""A median answer in seconds beyond which what is missing may just be late: a quarter of what is waited for. An agent
that waits for a processor answers so."""
MEASURES = {"sent": Unit.COUNT, "lost": Unit.COUNT, "loss": Unit.SHARE}
HOST_LOSS = Code(
    name="paths.host-loss",
    meaning="Which small UDP datagrams between the nodes' own addresses come back, of many",
    place=Pair,
    outcomes=OUTCOMES,
    measures=MEASURES,
)
POD_LOSS = Code(
    name="paths.pod-loss",
    meaning="Which small UDP datagrams between pods of different nodes come back, of many",
    place=Pair,
    outcomes=OUTCOMES,
    measures=MEASURES,
)


@dataclass(frozen=True, slots=True)
class Way:
    """One of the two."""

    code: Code
    what: Text


BETWEEN_NODES = Way(HOST_LOSS, say("Datagrams between the nodes' own addresses"))
BETWEEN_PODS = Way(POD_LOSS, say("Datagrams between pods of different nodes"))


def judge_loss(
    found: Samples, gathered: Gathered[Parameters, Data], host: Sequence[Text], pod: Sequence[Text], *, alone: bool
) -> list[Finding]:
    """Both findings.

    Args:
        found: The samples.
        gathered: What they are of: an agent that was short of CPU, or was being started, loses datagrams by itself.
        host: Evidence of what was not measured in nodes' own networks.
        pod: The same of pods.
        alone: Whether the cluster has one node.
    """
    hosts, pods = counted(found, gathered)
    return [
        _judge(BETWEEN_NODES, hosts, host, alone=alone),
        _judge(BETWEEN_PODS, pods, pod, alone=alone),
    ]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of one of the two."""

    samples: Sequence[Sample]
    starved: set[str]
    """The nodes whose agent was short of CPU or just started."""

    def seen(self) -> dict[Pair, Seen]:
        """The datagrams of each pair together."""
        places = by_place(self.samples, lambda sample: sample.pair)
        return {pair: _seen(pair, samples, self.starved) for pair, samples in places.items()}


def counted(found: Samples, gathered: Gathered[Parameters, Data]) -> tuple[Counted, Counted]:
    """Between nodes, and between their pods."""
    starved = gathered.hindered()
    return (
        Counted(found.losses_of_hosts, {node for node, network in starved if network is Network.HOST}),
        Counted(found.losses_of_pods, {node for node, network in starved if network is Network.POD}),
    )


def _judge(way: Way, found: Counted, coverage: Sequence[Text], *, alone: bool) -> Finding:
    starved, seen = found.starved, found.seen()
    if alone and not seen:
        return way.code.found(ALONE, outcome=PASS)
    failed = worst_first([pair for pair, s in seen.items() if s.outcome == LOSSY])
    passed = [pair for pair, s in seen.items() if s.outcome == PASS]
    silent = [pair for pair, s in seen.items() if s.outcome == SILENT]
    lines = shortened(_line(seen[pair]) for pair in failed)
    unclear = shortened(_unclear(seen[pair], starved) for pair in seen if seen[pair].outcome == UNSEEN)
    evidence = [*lines, *unclear, *coverage]
    if not failed and not passed and not silent:
        text = say("{what}: how many are lost was not measured anywhere.", what=way.what)
        return way.code.unseen(text, evidence, list(seen))
    order = list(dict.fromkeys([*failed, *seen]))
    text = say_many(
        "{what} come back, on {count} way.", "{what} come back, on all {count} ways.", len(passed), what=way.what
    )
    if silent:
        text = say(
            "{what} come back on {passed} of {total} ways; on the others none does.",
            what=way.what,
            passed=len(passed),
            total=len(passed) + len(silent),
        )
    if failed:
        sent, lost = (sum(int(seen[pair].measures[name]) for pair in failed) for name in ("sent", "lost"))
        claim = say_many(
            "{what} are lost on {count} of {total} ways: {loss}",
            "{what} are lost on {count} of {total} ways: {loss}",
            len(failed),
            what=way.what,
            total=len(failed) + len(passed),
            loss=told_loss(lost, sent),
        )
        text = located(claim, failed, passed)
    return way.code.found(text, [seen[pair] for pair in order], evidence=evidence)


def _seen(pair: Pair, samples: Sequence[Sample], starved: set[str]) -> Seen:
    sent = sum(s.measurement.sent for s in samples)
    lost = sent - sum(s.measurement.answered for s in samples)
    measures: dict[str, float] = {"sent": sent, "lost": lost, "loss": lost / sent if sent else 0.0}
    if not sent:
        return Seen(pair, UNSEEN, measures)
    if lost == sent:
        return Seen(pair, SILENT, measures)
    if not _lossy(sent, lost):
        return Seen(pair, PASS, measures)
    if max(s.measurement.rtt_s for s in samples) > SLOW_S:
        return Seen(pair, UNSEEN, measures)
    return Seen(pair, LOSSY if starved.isdisjoint(pair.nodes) else UNSEEN, measures)


def _lossy(sent: int, lost: int) -> bool:
    """Whether more is lost than a sound network loses: its interval does not reach that.

    The sequential test says when enough was asked. It decides between none and a tenth, and what lies between may be
    either to it.
    """
    return wilson(lost, sent)[0] > CLEAN_RATE


def _line(seen: Seen) -> Text:
    loss = told_loss(int(seen.measures["lost"]), int(seen.measures["sent"]))
    return say("{pair}: {loss}", pair=seen.place, loss=loss)


def _unclear(seen: Seen, starved: set[str]) -> Text:
    short = sorted(starved.intersection(seen.place.nodes))
    if not seen.measures["sent"]:
        return say("{pair}: no datagram was sent", pair=seen.place)
    if not short:
        return say("{line}: not judged, because answers came so late that some may have been missed", line=_line(seen))
    return say(
        "{line}: not judged, because the agent on {node} was short of CPU or just started",
        line=_line(seen),
        node=short[0],
    )
