"""What a digest says, from its run and the digest that was posted before it. Pure."""

from collections.abc import Sequence

import msgspec

from bot.digests.model import Digest, State, When
from bot.incidents.model import Incident
from bot.runs.model import Run
from bot.runs.outline import outline
from bot.runs.outline.findings import Sorted
from bot.runs.outline.model import SIGNS
from bot.runs.outline.past import since
from checks.changes import changes
from checks.coverage.judge import AGENTS
from checks.finding import UNSEEN, Finding, Severity
from checks.report import Report, telling
from checks.text import Text, say

KEPT_PLACES = 40
"""Bad places of one finding that the next digest is compared with."""


def composed(digest: Digest, run: Run, before: Digest | None, incidents: Sequence[Incident]) -> Digest:
    """The digest with what its run came to, posted or silent as its definition wants it."""
    if run.report is None:
        return failed(digest, run.error or "no reason was given", incidents)
    heading = outline(run).heading
    severity = next((severity for severity, sign in SIGNS.items() if sign == heading.sign), Severity.UNKNOWN)
    former = before.found if before else None
    made = msgspec.structs.replace(
        digest,
        heading=heading.text,
        severity=severity,
        changes=changes(former, run.report) if former else (),
        since=before.fired_at if before and former else 0.0,
        past=_past(run),
        next_step=_next_step(run),
        silent=_silent(run.report),
        incidents=_open(incidents),
        drawn=_drawn(run.report),
        found=in_brief(run.report),
    )
    return msgspec.structs.replace(made, state=State.POSTED if wanted(made, before) else State.SILENT)


def failed(digest: Digest, why: str, incidents: Sequence[Incident]) -> Digest:
    """The digest whose run came to nothing, or could not even be asked for: silence never means healthy."""
    heading = say("Could not be made")
    return msgspec.structs.replace(digest, failed=why, incidents=_open(incidents), heading=heading, state=State.POSTED)


def _open(incidents: Sequence[Incident]) -> tuple[str, ...]:
    return tuple(incident.id for incident in incidents if incident.open)


def wanted(digest: Digest, before: Digest | None) -> bool:
    """Whether its definition wants to hear it. That it is well again is always heard by who heard that it was not."""
    turned = before is not None and (before.severity is not digest.severity or bool(before.failed))
    if digest.when is When.ALWAYS or before is None:
        return digest.when is When.ALWAYS or not digest.severity.well or digest.when is When.CHANGE
    if digest.when is When.CHANGE:
        return turned or bool(digest.changes)
    return turned or not digest.severity.well


def quiet(digest: Digest) -> bool:
    """Whether one line says it all."""
    told = digest.week or digest.failed or digest.changes or digest.silent or digest.incidents
    return not told and digest.severity.well


def in_brief(report: Report) -> Report:
    """As much of a report as the next one is compared with."""
    return Report(severity=report.severity, findings=tuple(map(_brief, report.findings)))


def _drawn(report: Report) -> Finding | None:
    finding = telling(report.findings)
    return finding if finding and any(seen.bad for seen in finding.seen) else None


def _brief(finding: Finding) -> Finding:
    bad = tuple(msgspec.structs.replace(seen, measures={}) for seen in finding.seen if seen.bad)[:KEPT_PLACES]
    text = say("") if finding.severity is Severity.OK else finding.text
    return msgspec.structs.replace(finding, seen=bad, evidence=(), text=text)


def _silent(report: Report) -> tuple[str, ...]:
    agents = next((f for f in report.findings if f.code == AGENTS.name), None)
    unheard = [seen for seen in (agents.seen if agents else ()) if seen.bad or seen.outcome == UNSEEN]
    return tuple(dict.fromkeys(node for seen in unheard for node in seen.place.nodes))


def _past(run: Run) -> Text | None:
    """Of the first cause; without a diagnosis, of the first finding that is not well."""
    report = run.report
    if report is None:
        return None
    findings = Sorted(report, run.request.nodes)
    names = [cause.slug for cause in findings.named] or [finding.code for finding in findings.wrong]
    return next((since(report.past[name]) for name in names if name in report.past), None)


def _next_step(run: Run) -> Text | None:
    report = run.report
    if report is None or report.diagnosis is None:
        return None
    named = Sorted(report, run.request.nodes).named
    return named[0].fix if named else report.diagnosis.decide
