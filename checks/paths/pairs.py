"""Judge the probes that go from node to node: A to E, and host to pod. Pure."""

import statistics
from collections.abc import Sequence

import msgspec

from checks.finding import Finding, Severity
from checks.judging.localise import localise, name, worst_first
from checks.paths.samples import Sample, in_order, shortened

WHERE = 100
"""Pairs that one finding names."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the probe matrix."""

    code: str
    what: str
    """What is sent from where to where, as the subject of a sentence."""
    probe: str = ""
    same_node: bool = False
    """Whether the probe stays on one node, so that places are nodes and not pairs."""


def judge_row(row: Row, found: Sequence[Sample], coverage: Sequence[str], *, alone: bool) -> Finding:
    """The finding of one row.

    Args:
        row: The row.
        found: Its samples.
        coverage: Evidence of what was not measured.
        alone: Whether the cluster has one node, so that there is nothing to cross.
    """
    failed = {s.pair for s in found if s.lost}
    passed = {s.pair for s in found if s.passed} - failed
    unclear = shortened([s.line() for s in found if not (s.passed or s.lost)])
    if not failed and not passed:
        return _unmeasured(row, [*unclear, *coverage], alone=alone and not row.same_node)
    places, noun = worst_first(failed), "nodes" if row.same_node else "pairs"
    total = len(failed) + len(passed)
    evidence = [f"{len(passed)} of {total} {noun} pass"]
    if passed:
        times = [s.measurement.rtt_s for s in found if s.passed]
        evidence.append(f"median {statistics.median(times) * 1000:.1f} ms, longest {max(times) * 1000:.1f} ms")
    evidence += shortened([s.line() for s in in_order(places, [s for s in found if s.lost])])
    evidence += [*unclear, *coverage]
    common = "" if row.same_node else localise(failed, passed)
    verb = f"fails for {len(failed)} of {total} {noun}" if failed else f"passes for all {total} {noun}"
    return Finding(
        code=row.code,
        probe=row.probe,
        severity=Severity.FAILED if failed else Severity.OK,
        summary=f"{row.what} {verb}{': ' if common else ''}{common}.",
        outcome="fail" if failed else "pass",
        where=tuple(pair[0] if row.same_node else name(pair) for pair in places[:WHERE]),
        evidence=tuple(evidence),
    )


def _unmeasured(row: Row, evidence: list[str], *, alone: bool) -> Finding:
    if alone:
        summary = "The cluster has one node: there is no path between nodes."
        return Finding(code=row.code, probe=row.probe, severity=Severity.OK, summary=summary, outcome="pass")
    summary = f"{row.what} was not measured anywhere."
    severity = Severity.UNKNOWN
    return Finding(code=row.code, probe=row.probe, severity=severity, summary=summary, evidence=tuple(evidence))
