"""Judge the TLS greetings to webhooks: F and G. Pure."""

from collections.abc import Sequence

import msgspec

from checks.cluster.snapshot import Snapshot
from checks.finding import Finding, Severity
from checks.judging.localise import name
from checks.judging.topology import webhook_services
from checks.paths.pairs import WHERE
from checks.paths.samples import Sample, shortened
from checks.probes.outcome import Result

RESOURCES = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations", "services", "endpointslices")
"""What has to be readable to know the webhooks and where they are."""


class Greeting(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the two rows."""

    code: str
    probe: str
    what: str
    """What is greeted, after "webhook"."""


ENDPOINT = Greeting(code="paths.webhook-endpoint", probe="F", what="endpoint")
SERVICE = Greeting(code="paths.webhook-service", probe="G", what="ClusterIP")


def judge_webhooks(row: Greeting, found: Sequence[Sample], snapshot: Snapshot, coverage: Sequence[str]) -> Finding:
    """F or G: `timeout` when any greeting was lost, else `refused` when any was, else `pass`."""
    measured = [(s, outcome) for s in found if (outcome := _outcome(s))]
    unclear = [*shortened([s.line() for s in found if not _outcome(s)]), *coverage]
    if not measured:
        return _unmeasured(row, snapshot, unclear)
    failed = [s for s, outcome in measured if outcome != "pass"]
    local = [s for s, _ in measured if s.measurement.peer == s.node]
    evidence = [f"{len(measured) - len(failed)} of {len(measured)} answer a TLS greeting"]
    evidence += shortened([s.line() for s in failed])
    evidence += shortened([f"{s.node} -> {s.measurement.name}: the endpoint is on the same node" for s in local])
    if not any(node.control_plane for node in snapshot.nodes):
        evidence.append("no control-plane node is in sight: measured from other nodes")
    return Finding(
        code=row.code,
        probe=row.probe,
        severity=Severity.FAILED if failed else Severity.OK,
        summary=_summary(row.what, len(measured), failed, local),
        outcome=next((o for o in ("timeout", "refused") if o in {outcome for _, outcome in measured}), "pass"),
        where=tuple(dict.fromkeys(name(s.pair) if s.measurement.peer else s.node for s in failed))[:WHERE],
        evidence=(*evidence, *unclear),
    )


def _outcome(sample: Sample) -> str:
    """One greeting in one word; nothing when it was not measured.

    Whatever closed the connection was reached, so `closed` is a pass: how well it speaks TLS is not the question here.
    """
    result = sample.measurement.result
    if result in (Result.OK, Result.CLOSED):
        return "pass"
    if result in (Result.REFUSED, Result.RESET):
        return "refused"
    return "timeout" if sample.lost else ""


def _summary(what: str, total: int, failed: list[Sample], local: list[Sample]) -> str:
    if failed:
        names = ", ".join(sorted({s.measurement.name for s in failed}))
        who = f"the webhook {what} does" if total == 1 else f"{len(failed)} of {total} webhook {what}s do"
        return f"From the API server's node, {who} not answer ({names})."
    if len(local) == total:
        return f"Every webhook {what} is on the API server's own node and answers: the tunnel was not used."
    return f"From the API server's node, every webhook {what} answers ({total})."


def _unmeasured(row: Greeting, snapshot: Snapshot, evidence: list[str]) -> Finding:
    gaps = [gap for gap in map(snapshot.gap, RESOURCES) if gap]
    if not gaps and not webhook_services(snapshot):
        summary = "No webhook of this cluster is called through a Service."
        return Finding(code=row.code, probe=row.probe, severity=Severity.OK, summary=summary, outcome="pass")
    return Finding(
        code=row.code,
        probe=row.probe,
        severity=Severity.UNKNOWN,
        summary=f"No webhook {row.what} was probed: none is ready, or no agent near the API server answered.",
        evidence=(*(f"cannot {gap.verb}: {gap.reason}" for gap in gaps), *evidence),
    )
