"""What a diagnosis is told as: what to do first, why, what else, and what stays open."""

from collections.abc import Iterator, Sequence

from bot.runs.outline.findings import Sorted
from bot.runs.outline.hindrance import hindrance, not_asked, unseen, unseen_lines
from bot.runs.outline.lines import NUMBERS, few, finding_line, references, weighed
from bot.runs.outline.model import ANSWERS, Block, Line, Sign, Weight
from bot.runs.outline.past import since
from bot.runs.outline.probes import probes
from checks.diagnosis.model import HEALTHY, Cause, Diagnosis, Link, Reference
from checks.text import Text, say, shortened

SERIOUS = 0.1
"""A candidate is among what everybody reads from this probability on; the others are for whoever wants to know more."""
_NAMED, _CANDIDATES, _WEIGHED = 4, 2, 10
"""Causes of each sort: a diagnosis names three at most."""
_LINKS = 8
_POINTS = 6
_FINDINGS = 12
_MEASURED = 2


def first(diagnosis: Diagnosis, findings: Sorted) -> Iterator[Block]:
    """What everybody reads of a diagnosis."""
    if findings.named:
        yield from _named(diagnosis, findings)
    elif diagnosis.verdict == HEALTHY:
        yield from _healthy(diagnosis, findings)
    else:
        yield from _unknown(diagnosis, findings)
    for cause in _serious(findings):
        yield from _cause(cause, say("Also weighed: {cause}", cause=weighed(cause)), findings)
    if diagnosis.decide:
        yield Block(say("What would decide"), (Line(diagnosis.decide),))
    yield from not_asked(findings)


def rest(diagnosis: Diagnosis, findings: Sorted) -> Iterator[Block]:
    """The causes that were weighed besides, and the chain."""
    for cause in findings.candidates[len(_serious(findings)) :][:_WEIGHED]:
        yield from _cause(cause, say("Also weighed: {cause}", cause=weighed(cause)), findings)
    if diagnosis.chain:
        lines = tuple(_link(link, findings) for link in diagnosis.chain[:_LINKS])
        yield Block(say("Adapter → IPv6 → CoreDNS → webhook, link by link"), lines)


def _named(diagnosis: Diagnosis, findings: Sorted) -> Iterator[Block]:
    # The headline has the first cause's title, and its blocks have what the summary says.
    cause, *others = findings.named[:_NAMED]
    yield from _since(cause, findings)
    yield from _fix(cause, say("Do this first"))
    yield from probes(findings)
    if cause.pro or cause.contra or cause.missing:
        yield from _cause(cause, say("Why"), findings)
    for other in others:
        yield from _cause(other, say("Besides: {cause}", cause=weighed(other)), findings)
        yield from _since(other, findings)
        yield from _fix(other, say("What to do about it"))
    yield from _unexplained(diagnosis.unexplained, say("Not explained by this"), findings)
    if findings.nobody:
        lines = (finding_line(findings.nobody, evidence=0), *unseen_lines(findings, findings.unseen))
        yield Block(say("Could not be seen"), lines)


def _healthy(diagnosis: Diagnosis, findings: Sorted) -> Iterator[Block]:
    yield Block(None, (Line(diagnosis.summary),))
    yield from probes(findings)
    odd = [finding_line(f, evidence=NUMBERS) for f in findings.wrong]
    odd += [finding_line(f, evidence=0) for f in findings.advice]
    if odd:
        yield Block(None, few(odd, _FINDINGS))
    yield from unseen(findings)


def _unknown(diagnosis: Diagnosis, findings: Sorted) -> Iterator[Block]:
    yield from hindrance(findings)
    failed = diagnosis.unexplained or [Reference(f.code, f.where) for f in findings.wrong]
    yield from _unexplained(failed, say("Not explained"), findings)
    if not findings.nobody:
        yield Block(None, (Line(diagnosis.summary),))
    yield from unseen(findings)
    yield from probes(findings)


def _unexplained(found: Sequence[Reference], title: Text, findings: Sorted) -> Iterator[Block]:
    known = [findings.by_code[code] for code in dict.fromkeys(r.code for r in found) if code in findings.by_code]
    if known:
        yield Block(title, few([finding_line(f, evidence=NUMBERS) for f in known], _FINDINGS))


def _since(cause: Cause, findings: Sorted) -> Iterator[Block]:
    past = findings.past.get(cause.slug)
    if past:
        yield Block(None, (Line(since(past)),), Weight.SMALL)


def _fix(cause: Cause, title: Text) -> Iterator[Block]:
    if cause.fix:
        yield Block(title, (Line(cause.fix),))
    if cause.fix and cause.rollback:
        yield Block(None, (Line(say("To undo it: {rollback}", rollback=cause.rollback)),), Weight.SMALL)


def _serious(findings: Sorted) -> tuple[Cause, ...]:
    return tuple(c for c in findings.candidates if c.probability >= SERIOUS)[:_CANDIDATES]


def _cause(cause: Cause, title: Text, findings: Sorted) -> Iterator[Block]:
    yield Block(title, ())
    for part, found in (
        (say("Speaks for it"), cause.pro),
        (say("Speaks against it"), cause.contra),
        (say("Could not be seen"), cause.missing),
    ):
        lines = shortened(references(found, findings), _POINTS)
        if lines:
            yield Block(part, tuple(map(Line, lines)), Weight.POINTS)


def _link(link: Link, findings: Sorted) -> Line:
    sign = ANSWERS.get(link.answer) or Sign("?", ":grey_question:", say("{answer}", answer=link.answer), "default")
    measured = references(link.measured, findings)[:_MEASURED]
    return Line(link.claim, sign, evidence=(*measured, link.remark) if link.remark else tuple(measured))
