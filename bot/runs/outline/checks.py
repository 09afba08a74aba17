"""The findings themselves, check by check."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.runs.outline.findings import Sorted
from bot.runs.outline.headline import nothing_there
from bot.runs.outline.hindrance import hindrance, not_asked, unseen, unseen_lines
from bot.runs.outline.lines import NUMBERS, each_once, few, finding_line
from bot.runs.outline.model import SIGNS, Block, Line
from bot.runs.outline.past import dated
from bot.runs.outline.probes import probes
from checks.finding import Finding, Severity
from checks.registry import CHECKS
from checks.text import names, say, say_many

_PROOF = 2
_LINES = 20
"""Findings of one check: more than any has."""
_CHECKS = 20


def first(findings: Sorted) -> Iterator[Block]:
    """What everybody reads of a run without a diagnosis: what is not well with its numbers, or that all is."""
    yield from hindrance(findings)
    nothing = each_once(f.text for f in nothing_there(findings))
    if nothing:
        yield Block(None, tuple(map(Line, nothing)))
        return
    odd = [dated(finding_line(f), findings.past) for f in (*findings.wrong, *findings.advice)]
    if odd:
        yield Block(None, few(odd, _LINES))
    yield from unseen(findings)
    if not findings.wrong and not findings.advice and not findings.unseen:
        yield from _all_well(findings)
    yield from not_asked(findings)
    yield from probes(findings)


def rest(findings: Sorted) -> Iterator[Block]:
    """What is well, for whoever wants to know what was seen."""
    if nothing_there(findings):
        return
    for check, found in _by_check(findings.well):
        yield Block(say("{check}", check=check), few([finding_line(f, _PROOF) for f in found], _LINES))


def every(findings: Sorted, told: Iterable[Block]) -> Iterator[Block]:
    """What each check found, beyond what was told: what is not well with its numbers, and how much is."""
    known = [line for block in told for line in block.lines if line.sign]
    codes, texts = {line.code for line in known}, [line.text for line in known]
    for check, found in _by_check(findings.counted):
        wrong = [dated(finding_line(f, NUMBERS), findings.past) for f in found if f in findings.wrong]
        blind = [] if findings.nobody else unseen_lines(findings, [f for f in found if f in findings.unseen])
        advice = [finding_line(f, 0) for f in found if f in findings.advice]
        lines = [line for line in (*wrong, *blind, *advice) if line.code not in codes and line.text not in texts]
        well = [f.code.partition(".")[2] for f in found if f in findings.well]
        if lines or well:
            yield Block(say("{check}", check=check), (*few(lines, _LINES), *_count(well)))


def _all_well(findings: Sorted) -> Iterator[Block]:
    checks = [check for check, _ in _by_check(findings.counted) if check in CHECKS]
    text = say("Everything that was looked at is well.")
    if checks:
        text = say("Everything that {checks} looked at is well.", checks=names(checks))
    yield Block(None, (Line(text),))


def _count(well: Sequence[str]) -> tuple[Line, ...]:
    if not well:
        return ()
    text = say_many("{count} finding: {codes}", "{count} findings: {codes}", len(well), codes=names(well, _LINES))
    return (Line(text, SIGNS[Severity.OK]),)


def _by_check(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """The findings by check, the checks as people know them; what is beyond many checks is left out."""
    order = {name: number for number, name in enumerate((*CHECKS, "coverage"))}
    found = sorted(findings, key=lambda f: (order.get(_check_of(f), len(order)), _check_of(f)))
    for number, (check, group) in enumerate(groupby(found, key=_check_of)):
        if number < _CHECKS:
            yield check, list(group)


def _check_of(finding: Finding) -> str:
    return finding.code.partition(".")[0]
