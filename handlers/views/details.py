"""The thread of a run that has ended: every finding by check, every cause, and the chain link by link."""

from itertools import groupby

from bot.runs.model import Run
from checks.diagnosis.model import Cause, Diagnosis, Link
from checks.finding import WORST_LAST, Finding, Severity

from checks.registry import CHECKS
from handlers.views.blocks import Block, Message, bullets, clip, code, divider, message, pages, section, sections
from handlers.views.run import evidence, finding_line
from handlers.views.wording import percent

MESSAGES = 5
"""More than so many messages in a thread help nobody; the rest is counted."""
_EVIDENCE = 12
_EVIDENCE_OF_CAUSE = 30
_ANSWERS = {
    "holds": ":heavy_check_mark: *holds*",
    "does not hold": ":heavy_multiplication_x: *does not hold*",
    "not measured": ":grey_question: *not measured*",
}


def details(run: Run) -> list[Message]:
    """The messages for the thread; none for a run without a report."""
    if run.report is None:
        return []
    blocks = [section(f"*Findings in {clip(run.request.cluster, 80)}* · {code(run.id)}")]
    for check, found in groupby(_in_order(run.report.findings), key=_check_of):
        blocks += _check(check, list(found))
    if run.report.diagnosis is not None:
        blocks += [divider(), *_causes(run.report.diagnosis), *_chain(run.report.diagnosis)]
    cut = pages(blocks)
    if len(cut) > MESSAGES:
        left = sum(len(page) for page in cut[MESSAGES:])
        note = f"{left} further sections do not fit here; `netcheck run CHECK --json` shows one check in full."
        cut = [*cut[: MESSAGES - 1], [*cut[MESSAGES - 1][:-1], section(note)]]
    title = f"{run.request.cluster}: findings"
    return [message(f"{title} ({number} of {len(cut)})", page) for number, page in enumerate(cut, 1)]


def _in_order(findings: tuple[Finding, ...]) -> list[Finding]:
    """By check as people know them, worst first."""
    order = [*CHECKS, "coverage"]
    names = sorted({_check_of(f) for f in findings}, key=lambda n: (order.index(n) if n in order else len(order), n))
    return sorted(findings, key=lambda f: (names.index(_check_of(f)), -WORST_LAST.index(f.severity)))


def _check_of(finding: Finding) -> str:
    return finding.code.partition(".")[0]


def _check(name: str, findings: list[Finding]) -> list[Block]:
    title = CHECKS[name].title if name in CHECKS else "What could be looked at" if name == "coverage" else ""
    lines = [f"*{clip(name, 80)}* {clip(title, 200)}".rstrip()]
    for finding in findings:
        lines += [f"{finding_line(finding)} {code(finding.code, 100)}"]
        # What is well needs no proof unless somebody asks for it; what is not must show its numbers.
        lines += bullets(finding.evidence, 2 if finding.severity is Severity.OK else _EVIDENCE)
    return sections(lines)


def _causes(diagnosis: Diagnosis) -> list[Block]:
    lines = ["*Causes that were weighed*"]
    for cause in diagnosis.causes:
        lines += [f"*{clip(cause.title, 200)} — {percent(cause.probability)}* {code(cause.slug)}", *_why(cause)]
    return sections(lines)


def _why(cause: Cause) -> list[str]:
    fix = [f"_Fix_ {clip(cause.fix, 1500)}"] if cause.fix else []
    undo = [f"_Undo_ {clip(cause.rollback, 1500)}"] if cause.rollback else []
    return [*evidence(cause, most=_EVIDENCE_OF_CAUSE), *fix, *undo]


def _chain(diagnosis: Diagnosis) -> list[Block]:
    if not diagnosis.chain:
        return []
    lines = ["*The chain adapter → IPv6 → CoreDNS → webhook, link by link*"]
    for number, link in enumerate(diagnosis.chain, 1):
        lines += _link(number, link)
    return sections(lines)


def _link(number: int, link: Link) -> list[str]:
    answer = _ANSWERS.get(link.answer, clip(link.answer, 80))
    return [f"{number}. {clip(link.claim, 500)} — {answer}", *bullets(link.measured, 6)]
