"""Judge intermittent loss: is it a replica, a path, or everything? Pure."""

from collections.abc import Sequence

from checks.dns.askings import Asking, loss, of_replicas, shortened
from checks.finding import Finding, Severity
from checks.judging.statistics import Verdict, sprt

CODE = "dns.replica-loss"


def judge_loss(found: Sequence[Asking], coverage: Sequence[str]) -> Finding:
    """`one-replica`, `all-replicas`, `by-path`, `both` (a replica and, besides, paths to others) or `pass`.

    A replica that loses for everybody, above all for its own node, is itself at fault; one that loses only for some
    is reached over a bad path.
    """
    by_replica: dict[str, list[Asking]] = {}
    for asking in of_replicas(found):
        by_replica.setdefault(asking.asked.name, []).append(asking)
    if not by_replica:
        summary = "No CoreDNS replica was asked from anywhere."
        return Finding(code=CODE, severity=Severity.UNKNOWN, summary=summary, evidence=tuple(coverage))
    lossy = {name: [a for a in asked if a.verdict is Verdict.LOSSY] for name, asked in by_replica.items()}
    bad = {name for name, asked in by_replica.items() if _everywhere(asked)}
    paths = [a for name, asked in lossy.items() if name not in bad for a in asked]
    outcome = _outcome(bad, paths, len(by_replica))
    places = sorted(bad, key=lambda name: (-_rate(by_replica[name]), name)) if outcome != "by-path" else []
    if outcome == "by-path":
        every = sorted((a for asked in lossy.values() for a in asked), key=lambda a: (-_rate([a]), a.path))
        places = list(dict.fromkeys(a.path for a in every))
    pooled = [f"{name} on {asked[0].asked.node}: {loss(asked)}" for name, asked in sorted(by_replica.items())]
    lines = [a.line() for asked in lossy.values() for a in asked]
    return Finding(
        code=CODE,
        severity={"pass": Severity.OK, "all-replicas": Severity.FAILED}.get(outcome, Severity.DEGRADED),
        summary=_summary(outcome, places, by_replica),
        outcome=outcome,
        where=tuple(places),
        evidence=(*shortened(pooled), *shortened(lines), *coverage),
    )


def _everywhere(asked: Sequence[Asking]) -> bool:
    """Whether the replica loses for all who asked it: its own node among them, or everybody pooled when none decides.

    A replica that its own node did not ask is not accused: whatever is in front of that node would look the same.
    """
    if asked[0].asked.node and not any(a.local for a in asked):
        return False
    if any(a.verdict is Verdict.CLEAN for a in asked):
        return False
    return sprt(sum(a.asked.sent for a in asked), sum(a.asked.lost for a in asked)) is Verdict.LOSSY


def _outcome(bad: set[str], paths: Sequence[Asking], replicas: int) -> str:
    if bad and not paths:
        return "all-replicas" if len(bad) == replicas else "one-replica"
    if bad:
        return "both"
    return "by-path" if paths else "pass"


def _rate(asked: Sequence[Asking]) -> float:
    return sum(a.asked.lost for a in asked) / max(1, sum(a.asked.sent for a in asked))


def _summary(outcome: str, places: Sequence[str], by_replica: dict[str, list[Asking]]) -> str:
    every = [a for asked in by_replica.values() for a in asked]
    if outcome == "one-replica":
        one = [a for a in every if a.asked.name in places]
        return f"{', '.join(places)} loses queries for everybody, its own node included: {loss(one)}; others do not."
    if outcome == "both":
        return f"{', '.join(places)} loses queries for everybody, its own node included; so do paths to others."
    if outcome == "all-replicas":
        return f"Every CoreDNS replica loses queries for everybody: {loss(every)}."
    if outcome == "by-path":
        return f"Queries are lost on {len(places)} paths to CoreDNS while others are clean: the path, not the replica."
    return f"CoreDNS replicas answer reliably: {loss(every)}."
