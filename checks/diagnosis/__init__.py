"""From findings to causes: which the evidence supports, what speaks for and against each, and what to do first.

Pure. The causes are a table (`causes`), the weighing explains itself (`weighing`), and the chain that the founding
write-up proposed is answered every time (`chain`). Two causes may hold at once; "none of these" is an answer; and
"healthy" is said only when everything that matters was looked at.
"""

from collections.abc import Mapping, Sequence

from checks.diagnosis import chain, weighing
from checks.diagnosis.causes import CAUSES, SURE, CauseEntry
from checks.diagnosis.model import Cause, Diagnosis
from checks.diagnosis.weighing import Sign, Weighed
from checks.finding import Finding, Severity

ESSENTIAL = ("paths.cross-tcp", "paths.cross-tcp-bulk", "dns.service", "webhook.dry-run", "webhook.endpoints")
"""Findings without which nobody may call a cluster healthy."""
SERIOUS = 0.02
"""Causes below this probability are not shown."""
CLOSE = 0.25
"""When the second cause is within this factor of the first, the diagnosis says what would decide."""
CONVINCING = 0.5
"""A cause below this probability is a candidate, not a verdict."""
AT_RISK = "diagnosis.at-risk-pairs"
_STRONG = 0.3
_CONTRARY = -1.0
_SHOWN = 6
_NO_CAUSE = ("healthy", "unknown")


def diagnose(findings: Sequence[Finding]) -> Diagnosis:
    """The causes that the findings of one `diagnose` run support, best first."""
    seen = weighing.signs([*findings, *_at_risk(findings)])
    unseen = [f for f in findings if f.severity is Severity.UNKNOWN]
    ranked = weighing.weigh(seen)
    verdict = _verdict(ranked[0], seen, unseen)
    first = verdict.entry
    also = [] if first.slug in _NO_CAUSE else weighing.further(first, seen)
    shown = [verdict] + [w for w in ranked if w.entry is not first and (w.probability >= SERIOUS or w.entry in also)]
    return Diagnosis(
        verdict=first.slug,
        summary=_summary(verdict, also, seen, unseen),
        also=tuple(entry.slug for entry in also),
        causes=tuple(_cause(weighed, seen, unseen) for weighed in shown),
        chain=chain.answer(seen),
        decide=_decide(shown),
    )


def _verdict(best: Weighed, seen: Mapping[str, Sign], unseen: Sequence[Finding]) -> Weighed:
    """The best cause, unless it is `healthy` and too little was seen to say so."""
    blind = any(code not in seen for code in ESSENTIAL) or any(f.code.startswith("coverage.") for f in unseen)
    if best.entry.slug == "healthy" and blind:
        return Weighed(_entry("unknown"), best.score, best.probability)
    if best.entry.slug not in _NO_CAUSE and best.probability < CONVINCING:
        return Weighed(_entry("unknown"), best.score, 1 - best.probability)
    return best


def _entry(slug: str) -> CauseEntry:
    return next(entry for entry in CAUSES if entry.slug == slug)


def _cause(weighed: Weighed, seen: Mapping[str, Sign], unseen: Sequence[Finding]) -> Cause:
    entry = weighed.entry
    gains = {code: weighing.gain(entry, sign) for code, sign in seen.items() if code in entry.predicts}
    pro = sorted((c for c in gains if gains[c] > _STRONG or _as_expected(entry, seen[c])), key=lambda c: -gains[c])
    contra = sorted((c for c in gains if gains[c] < _CONTRARY), key=lambda c: gains[c])
    # What failed although this cause does not explain it speaks against its being the whole story.
    surprises = [c for c, s in seen.items() if not s.normal and c not in entry.predicts and entry.slug not in _NO_CAUSE]
    return Cause(
        slug=entry.slug,
        title=entry.title,
        probability=round(min(weighed.probability, 0.99), 3),
        where=_where(entry.at, pro, seen),
        pro=_lines(pro or _everything(entry, seen), seen),
        contra=_lines([c for c in contra + surprises if c not in pro], seen),
        missing=tuple(f.summary for f in unseen if f.code in entry.predicts or f.code.startswith("coverage."))[:_SHOWN],
        fix=entry.fix,
        rollback=entry.rollback,
    )


def _as_expected(entry: CauseEntry, sign: Sign) -> bool:
    """A sign that is as healthy as the cause says it must be: ping living while TCP dies."""
    return sign.normal and entry.predicts[sign.finding.code].get(sign.outcome, 0.0) >= SURE - 0.1


def _everything(entry: CauseEntry, seen: Mapping[str, Sign]) -> list[str]:
    """For `healthy` all that passed, for `unknown` all that failed."""
    if entry.slug not in _NO_CAUSE:
        return []
    return [code for code, sign in seen.items() if sign.normal == (entry.slug == "healthy") and code != AT_RISK]


def _lines(codes: Sequence[str], seen: Mapping[str, Sign]) -> tuple[str, ...]:
    findings = (seen[code].finding for code in codes)
    # Two findings may say the same in the same words, as a dry run and a pasted error do.
    return tuple(dict.fromkeys(f"{f.probe}: {f.summary}" if f.probe else f.summary for f in findings))


def _where(at: str, codes: Sequence[str], seen: Mapping[str, Sign]) -> tuple[str, ...]:
    """Where the fix belongs, or else the places of the strongest failing evidence: all together would mix kinds."""
    named = [seen[at]] if at in seen and seen[at].outcome != "pass" else []
    named += [seen[code] for code in codes if not seen[code].normal]
    return next((sign.finding.where for sign in named if sign.finding.where), ())[:_SHOWN]


def _at_risk(findings: Sequence[Finding]) -> list[Finding]:
    """Whether every failing pair touches a node whose adapter has the tunnel offload on: the same place, or not."""
    by_code = {f.code: f for f in findings}
    offload, tcp = by_code.get("nic.tunnel-offload"), by_code.get("paths.cross-tcp")
    if offload is None or tcp is None or offload.sign != "on" or tcp.sign != "fail":
        return []
    risky = set(offload.where)
    apart = [pair for pair in tcp.where if not risky & set(pair.split("->"))]
    summary = (
        f"{len(apart)} of {len(tcp.where)} failing pairs touch no node with the tunnel offload on."
        if apart
        else f"Every failing pair touches a node with the tunnel offload on ({', '.join(sorted(risky))})."
    )
    severity = Severity.DEGRADED if apart else Severity.OK
    return [Finding(code=AT_RISK, severity=severity, summary=summary, where=tuple(apart))]


def _summary(first: Weighed, also: Sequence[CauseEntry], seen: Mapping[str, Sign], unseen: Sequence[Finding]) -> str:
    entry = first.entry
    if entry.slug == "healthy":
        return f"Nothing is wrong as far as netcheck can see: all {len(seen)} findings are well."
    if entry.slug == "unknown":
        failed = [sign.finding for sign in seen.values() if not sign.normal]
        if failed:
            return (
                f"No known cause explains what was seen. Findings not well: {len(failed)}. First: {failed[0].summary}"
            )
        return (
            f"netcheck could not look at enough to say that all is well: {unseen[0].summary if unseen else ''}".strip()
        )
    besides = f" Besides: {', '.join(other.title for other in also)}." if also else ""
    failing = seen["paths.cross-tcp"].finding.where if "paths.cross-tcp" in seen else ()
    common = set.intersection(*(set(pair.split("->")) for pair in failing)) if failing else set()
    place = f" Every failing pair of nodes touches {', '.join(sorted(common))}." if common else ""
    return f"{entry.title}.{place}{besides}"


def _decide(shown: Sequence[Weighed]) -> str:
    real = [w for w in shown if w.entry.slug not in _NO_CAUSE]
    if len(real) > 1 and real[1].probability >= CLOSE * real[0].probability:
        return f"{real[0].entry.title} or {real[1].entry.title}? {real[0].entry.decide}"
    return ""
