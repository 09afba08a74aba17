"""The words and signs that several views share: a severity is never told by colour alone."""

from checks.finding import Severity
from checks.report import Report

SIGNS: dict[Severity, tuple[str, str]] = {
    Severity.OK: (":white_check_mark:", "Healthy"),
    Severity.ADVICE: (":bulb:", "Advice"),
    Severity.DEGRADED: (":warning:", "Degraded"),
    Severity.FAILED: (":x:", "Failed"),
    Severity.UNKNOWN: (":grey_question:", "Unknown"),
}
"""Emoji and word of a severity; the shapes differ too."""
ENDED: dict[str, tuple[str, str]] = {
    "failed": (":grey_question:", "Not done"),
    "cancelled": (":no_entry_sign:", "Cancelled"),
}
"""Emoji and word of a run that ended without a report."""

PROBES = {
    "A": "node to node",
    "B": "same node",
    "C": "ping",
    "D": "TCP",
    "E": "bulk TCP",
    "F": "webhook endpoint",
    "G": "webhook ClusterIP",
    "H": "CoreDNS",
    "I": "IPv6",
}
"""What each letter of the probe matrix tries: nobody knows letters by heart at night."""


def sign(severity: Severity) -> str:
    """Emoji and word."""
    return " ".join(SIGNS[severity])


def percent(probability: float) -> str:
    """A probability for a person: never 0 or 100, which no evidence is worth."""
    if probability > 0.99:  # noqa: PLR2004 - what would be rounded to certainty
        return "over 99 %"
    if probability < 0.01:  # noqa: PLR2004 - the same
        return "under 1 %"
    return f"{round(probability * 100)} %"


def seconds(duration_s: float) -> str:
    """A duration, as exact as matters to a person."""
    if duration_s < 10:  # noqa: PLR2004 - below, a tenth is noticed
        return f"{duration_s:.1f} s"
    return f"{duration_s:.0f} s" if duration_s < 120 else f"{duration_s / 60:.0f} min"  # noqa: PLR2004


def headline(report: Report) -> str:
    """What came out, in one plain line."""
    emoji, word = SIGNS[report.severity]
    diagnosis = report.diagnosis
    healthy = f"{emoji} Healthy" + (", with advice" if report.severity is Severity.ADVICE else "")
    if diagnosis is None:
        bad = sum(f.severity not in (Severity.OK, Severity.ADVICE) for f in report.findings)
        count = f": {bad} of {len(report.findings)} findings not well" if bad else ""
        return healthy if report.severity in (Severity.OK, Severity.ADVICE) else f"{emoji} {word}{count}"
    if diagnosis.verdict == "healthy":
        return healthy
    first = diagnosis.causes[0] if diagnosis.causes else None
    if first is None or diagnosis.verdict == "unknown":
        return f"{emoji} {word}: no cause found" if report.severity is not Severity.UNKNOWN else f"{emoji} {word}"
    return f"{emoji} {word}: {first.title} — {percent(first.probability)}"
