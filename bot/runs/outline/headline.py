"""The headline, and so the exit code: what hinders first, then what was found."""

from bot.runs.outline.findings import COVERAGE_CODES, Sorted
from bot.runs.outline.lines import weighed
from bot.runs.outline.model import SIGNS, Heading
from checks.diagnosis.model import HEALTHY, Cause
from checks.finding import Finding, Severity, worst
from checks.report import Report
from checks.text import say, say_many

NOTHING = ("not-used", "absent")
"""Outcomes that say that there was nothing to look at."""


def headline(report: Report, findings: Sorted) -> Heading:
    """The headline of a report, marked while it is provisional."""
    heading = _heading(findings)
    if report.awaited:
        return Heading(heading.sign, say("{heading} (provisional)", heading=heading.text))
    return heading


def nothing_there(findings: Sorted) -> list[Finding]:
    """What says that there is nothing to look at, where nothing else was looked at."""
    looked_at = [f for f in findings.counted if f.code not in COVERAGE_CODES]
    return looked_at if all(f.outcome in NOTHING for f in looked_at) and not findings.unseen else []


def _heading(findings: Sorted) -> Heading:
    if findings.named:
        return _cause_found(findings, findings.named[0])
    if findings.nobody:
        return _hindered(findings)
    if findings.diagnosis is None:
        return _counted(findings)
    return _well(findings) if findings.diagnosis.verdict == HEALTHY else _no_cause(findings)


def _cause_found(findings: Sorted, cause: Cause) -> Heading:
    # A cause is a fault, even where nothing that shows it is worse than advice.
    sign = SIGNS[worst([Severity.DEGRADED, *(f.severity for f in findings.wrong)])]
    return Heading(sign, say("{word}: {cause}", word=sign.word, cause=weighed(cause)))


def _hindered(findings: Sorted) -> Heading:
    sign = SIGNS[worst(f.severity for f in findings.wrong)]
    if findings.wrong:
        return Heading(sign, say("{word}, and no agent answers", word=sign.word))
    return Heading(sign, say("Could not look: no agent answers"))


def _counted(findings: Sorted) -> Heading:
    bad, unseen, total = len(findings.wrong), len(findings.unseen), len(findings.counted)
    if not findings.counted or nothing_there(findings):
        return Heading(SIGNS[Severity.UNKNOWN], say("Nothing to look at"))
    if not bad and not unseen:
        return _well(findings)
    sign = SIGNS[worst(f.severity for f in findings.counted)]
    if not bad:
        return Heading(sign, say("Could not look at {count} of {total} findings", count=unseen, total=total))
    text = say("{word}: {count} of {total} findings not well", word=sign.word, count=bad, total=total)
    return Heading(sign, say("{text}, {count} not seen", text=text, count=unseen) if unseen else text)


def _well(findings: Sorted) -> Heading:
    if findings.wrong:
        risks = say_many("No fault found, {count} risk", "No fault found, {count} risks", len(findings.wrong))
        return Heading(SIGNS[worst(f.severity for f in findings.wrong)], risks)
    if findings.advice:
        return Heading(SIGNS[Severity.ADVICE], say("Healthy, with advice"))
    return Heading(SIGNS[Severity.OK], say("Healthy"))


def _no_cause(findings: Sorted) -> Heading:
    sign = SIGNS[worst(f.severity for f in findings.wrong)]
    if not findings.wrong and findings.unseen:
        return Heading(sign, say("Could not look at everything"))
    return Heading(sign, say("{word}: no known cause fits", word=sign.word))
