"""What could not be looked at, as findings of their own: silence must never pass for health. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from checks.cluster.snapshot import Snapshot
from checks.finding import Finding, Severity
from checks.observation import Observation, State

FINDINGS = {
    "coverage.access": "Everything netcheck reads of the cluster could be read.",
    "coverage.agents": "Every agent that was asked answered.",
    "coverage.checks": "Every check ran to its end.",
}
_NO_AGENT = (State.NO_ANSWER,)
_NOT_RUN = (State.OVERDUE, State.BROKEN, State.REFUSED)


def coverage(snapshot: Snapshot, observations: Sequence[Observation]) -> list[Finding]:
    """One finding for each code of `FINDINGS`."""
    return [_access(snapshot), _agents(snapshot, observations), _checks(observations)]


def _access(snapshot: Snapshot) -> Finding:
    # What is not installed is not missing.
    gaps = [gap for gap in snapshot.gaps if gap.reason != "not-installed"]
    if not gaps:
        return Finding(code="coverage.access", severity=Severity.OK, summary=FINDINGS["coverage.access"])
    forbidden = [gap.verb for gap in gaps if gap.reason == "forbidden"]
    advice = f" Allow the worker's service account to {', '.join(forbidden)}." if forbidden else ""
    return Finding(
        code="coverage.access",
        severity=Severity.UNKNOWN,
        summary=f"{len(gaps)} kinds of objects could not be read.{advice}",
        where=tuple(gap.verb for gap in gaps),
        evidence=tuple(f"{gap.verb}: {gap.reason}: {gap.message}" for gap in gaps),
    )


def _agents(snapshot: Snapshot, observations: Sequence[Observation]) -> Finding:
    silent: dict[str, list[str]] = defaultdict(list)
    for o in observations:
        if o.state in _NO_AGENT:
            silent[o.node or "worker"].append(f"{o.check} on the {o.network} network did not answer")
    for node in _without_target(snapshot, observations):
        silent[node].append("no ready agent in its pod network, so no path to its pods was probed")
    if not silent:
        return Finding(code="coverage.agents", severity=Severity.OK, summary=FINDINGS["coverage.agents"])
    return Finding(
        code="coverage.agents",
        severity=Severity.UNKNOWN,
        summary=f"No answer from {', '.join(sorted(silent))}: look whether the node is up and its netcheck agents run.",
        where=tuple(sorted(silent)),
        evidence=tuple(f"{node}: {line}" for node, lines in sorted(silent.items()) for line in lines),
    )


def _without_target(snapshot: Snapshot, observations: Sequence[Observation]) -> list[str]:
    """Nodes whose pod network nobody could aim at: paths to them are missing from every count of pairs."""
    if not any(o.check == "paths" and o.state is State.OBSERVED for o in observations):
        return []
    targets = {pod.spec.node_name for pod in snapshot.agents() if pod.ready}
    return [node.name for node in snapshot.nodes if node.name not in targets]


def _checks(observations: Sequence[Observation]) -> Finding:
    failed = [o for o in observations if o.state in _NOT_RUN]
    throttled = [o for o in observations if o.throttled]
    slow = tuple(f"{o.check} on {o.node}: its container was throttled {o.throttled} times" for o in throttled)
    if not failed:
        return Finding(code="coverage.checks", severity=Severity.OK, summary=FINDINGS["coverage.checks"], evidence=slow)
    return Finding(
        code="coverage.checks",
        severity=Severity.UNKNOWN,
        summary=f"{len(failed)} jobs ended without a result: this is no statement about the cluster.",
        where=tuple(sorted({o.node or "worker" for o in failed})),
        evidence=tuple(f"{o.check} on {o.node or 'worker'}/{o.network}: {o.state}: {o.message}" for o in failed) + slow,
    )
