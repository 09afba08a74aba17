"""Judge the rows of the probe matrix whose probes are echoed: A to E, and from nodes to pods. Pure."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from checks.code import Code
from checks.finding import UNSEEN, Finding, Seen
from checks.judging.crossing import LOST, OUTCOMES, PASS, REJECTED
from checks.judging.localise import located, worst_first
from checks.judging.places import by_place
from checks.judging.topology import ALONE
from checks.paths.samples import MEASURES, Sample, seen_at
from checks.place import Node, Pair
from checks.text import Text, Value, say, say_many, seconds, shortened

HOST_TCP = Code(
    name="paths.host-tcp",
    meaning="TCP between the nodes' own addresses, without the pod network",
    place=Pair,
    outcomes=OUTCOMES,
    measures=MEASURES,
    probe="A",
    tries=say("node to node"),
)
SAME_NODE = Code(
    name="paths.same-node",
    meaning="TCP to a pod from its own node: the pod network without the tunnel",
    place=Node,
    outcomes=OUTCOMES,
    measures=MEASURES,
    probe="B",
    tries=say("same node"),
)
CROSS_PING = Code(
    name="paths.cross-ping",
    meaning="ICMP from pods to pods of other nodes",
    place=Pair,
    outcomes=OUTCOMES,
    measures=MEASURES,
    probe="C",
    tries=say("ping"),
)
CROSS_TCP = Code(
    name="paths.cross-tcp",
    meaning="TCP of one small segment from pods to pods of other nodes",
    place=Pair,
    outcomes=OUTCOMES,
    measures=MEASURES,
    probe="D",
    tries=say("TCP"),
    essential=True,
)
CROSS_TCP_BULK = Code(
    name="paths.cross-tcp-bulk",
    meaning="TCP of many segments, both ways, from pods to pods of other nodes",
    place=Pair,
    outcomes=OUTCOMES,
    measures=MEASURES,
    probe="E",
    tries=say("bulk TCP"),
    essential=True,
)
HOST_POD = Code(
    name="paths.host-pod",
    meaning="TCP from the nodes' own network to pods of other nodes",
    place=Pair,
    outcomes=OUTCOMES,
    measures=MEASURES,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the matrix."""

    code: Code
    what: Text
    """What is sent from where to where."""


NODE_TO_NODE = Row(HOST_TCP, say("TCP from node to node"))
TO_OWN_PODS = Row(SAME_NODE, say("TCP to pods of the same node"))
PING = Row(CROSS_PING, say("Ping from pods to pods of other nodes"))
TCP = Row(CROSS_TCP, say("TCP from pods to pods of other nodes"))
BULK = Row(CROSS_TCP_BULK, say("Bulk TCP from pods to pods of other nodes"))
NODE_TO_PODS = Row(HOST_POD, say("TCP from nodes to pods of other nodes"))


def judge_pairs(row: Row, found: Sequence[Sample], coverage: Sequence[Text], *, alone: bool) -> Finding:
    """The finding of a row that goes from node to node.

    Args:
        row: The row.
        found: Its samples.
        coverage: Evidence of what was not measured.
        alone: Whether the cluster has one node, so that there is nothing to cross.
    """
    places = by_place(found, lambda sample: sample.pair)
    if alone and not places:
        return row.code.found(ALONE, outcome=PASS)
    seen = {pair: seen_at(pair, probes) for pair, probes in places.items()}
    passed = [pair for pair, s in seen.items() if s.outcome == PASS]
    failed = worst_first([pair for pair, s in seen.items() if s.outcome in (REJECTED, LOST)])
    order = list(dict.fromkeys([*failed, *seen]))
    claim = _claim(row, [*seen.values()], lambda count: say_many("{count} pair", "{count} pairs", count))
    evidence = _evidence([sample for pair in order for sample in places[pair]])
    return _finding(row, located(claim, failed, passed), [seen[pair] for pair in order], [*evidence, *coverage])


def judge_nodes(row: Row, found: Sequence[Sample], coverage: Sequence[Text], silent: Sequence[str]) -> Finding:
    """The finding of a row that stays on each node.

    Args:
        row: The row.
        found: Its samples.
        coverage: Evidence of what was not measured.
        silent: Nodes of which no agent was heard.
    """
    seen = [seen_at(place, probes) for place, probes in by_place(found, lambda sample: Node(sample.node)).items()]
    seen += [Seen(Node(node), UNSEEN) for node in silent]
    claim = _claim(row, seen, lambda count: say_many("{count} node", "{count} nodes", count))
    return _finding(row, say("{claim}.", claim=claim), seen, [*_evidence(found), *coverage])


def _claim(row: Row, seen: Sequence[Seen], places: Callable[[int], Text]) -> Text:
    """How many places got what."""
    outcomes = [s.outcome for s in seen]
    lost, rejected = outcomes.count(LOST), outcomes.count(REJECTED)
    total = lost + rejected + outcomes.count(PASS)
    values: dict[str, Value] = {"what": row.what, "places": places(total)}
    if lost and rejected:
        return say(
            "{what}: of {places}, {lost} get no answer and {rejected} are rejected at once",
            lost=lost,
            rejected=rejected,
            **values,
        )
    if lost:
        return say_many(
            "{what}: {count} of {places} gets no answer", "{what}: {count} of {places} get no answer", lost, **values
        )
    if rejected:
        return say_many(
            "{what}: {count} of {places} is rejected at once",
            "{what}: {count} of {places} are rejected at once",
            rejected,
            **values,
        )
    return say_many("{what}: {places} passes", "{what}: all {places} pass", total, **values)


def _finding(row: Row, text: Text, seen: Sequence[Seen], evidence: Sequence[Text]) -> Finding:
    known = [s.outcome for s in seen if s.outcome != UNSEEN]
    if not known:
        return row.code.unseen(say("{what}: not measured anywhere.", what=row.what), evidence, [s.place for s in seen])
    counts = say("{passed} of {total} pass", passed=known.count(PASS), total=len(known))
    return row.code.found(text, seen, evidence=[counts, *evidence])


def _evidence(found: Sequence[Sample]) -> list[Text]:
    """How long answers took, what failed, and what was not measured."""
    times = [sample.measurement.rtt_s for sample in found if sample.outcome == PASS]
    lines = []
    if times:
        median, longest = seconds(statistics.median(times)), seconds(max(times))
        lines.append(say("median {median}, longest {longest}", median=median, longest=longest))
    lines += shortened(sample.line() for sample in found if sample.failed)
    return lines + shortened(sample.line() for sample in found if sample.outcome == UNSEEN)
