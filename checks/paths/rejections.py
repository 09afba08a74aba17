"""Judge which nodes reject what is on its way between pods. Pure.

A kernel sends few ICMP errors a second, so that of the probes that a node rejects most look lost; and an answer that is
rejected on its way back looks lost to who asked. One rejection that somebody saw is certain all the same, and an ICMP
error has the address of its sender.
"""

import ipaddress
from collections.abc import Callable, Sequence

from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.judging.crossing import REJECTED
from checks.judging.topology import ALONE, pod_ranges
from checks.paths.model import Kind
from checks.paths.samples import Sample, Samples
from checks.place import Node
from checks.probes.outcome import Result
from checks.text import Text, listed, say, say_many, shortened

PASS, REJECTS = "pass", "rejects"
REJECTIONS = Code(
    name="paths.rejections",
    meaning="No node turns away at once what is on its way to and from pods",
    place=Node,
    outcomes=(
        Outcome(PASS, Severity.OK, "none of its answers was seen"),
        Outcome(REJECTS, Severity.FAILED, "it answers that something may not pass, or that there is no way"),
    ),
)
_BY_THE_SENDER = (Result.UNREACHABLE, Result.BLOCKED)
"""Without an ICMP error it is the sender's own kernel that says so."""


def judge_rejections(found: Samples, snapshot: Snapshot, coverage: Sequence[Text], *, alone: bool) -> Finding:
    """By who sent the ICMP errors; a reset has no sender of its own, and stands for the node that it was asked of.

    Args:
        found: The samples.
        snapshot: The cluster.
        coverage: Evidence of what was not measured.
        alone: Whether the cluster has one node.
    """
    across = [s for kind in (Kind.PING, Kind.TCP, Kind.BULK) for s in found.of[kind]]
    who = _holder(snapshot)
    rejected = {(s, node) for s in across if s.outcome == REJECTED and (node := who(s))}
    nodes = sorted({n for s in across for n in s.pair.nodes} | {node for _, node in rejected})
    if alone and not nodes:
        return REJECTIONS.found(ALONE, outcome=PASS)
    if not nodes:
        return REJECTIONS.unseen(say("Whether a node turns something away was not measured."), coverage)
    rejecting = sorted({node for _, node in rejected})
    text = say("No node turns away at once what goes between pods.")
    if rejecting:
        text = say_many(
            "{nodes} turns away at once what goes between pods.",
            "{nodes} turn away at once what goes between pods.",
            len(rejecting),
            nodes=listed(map(Node, rejecting)),
        )
    lines = shortened(sample.line() for sample, _ in sorted(rejected, key=lambda each: (each[1], each[0].pair)))
    seen = [Seen(Node(node), REJECTS if node in rejecting else PASS) for node in nodes]
    return REJECTIONS.found(text, seen, evidence=[*lines, *coverage])


def _holder(snapshot: Snapshot) -> Callable[[Sample], str]:
    """Finds the node that rejected a probe; empty where it is none of the cluster's."""
    own = {address: node.name for node in snapshot.nodes for address in node.internal_ips}
    ranges = list(pod_ranges(snapshot))

    def holder(sample: Sample) -> str:
        m = sample.measurement
        if not m.told_by:
            return sample.node if m.result in _BY_THE_SENDER else m.peer
        if m.told_by in own:
            return own[m.told_by]
        address = ipaddress.ip_address(m.told_by)
        # A node tells the pods of its own from its address in their network.
        return next((name for name, network in ranges if address in network), "")

    return holder
