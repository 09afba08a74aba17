"""What kept netcheck from looking, told once and not once for every finding that lacks it."""

from collections.abc import Iterator

from bot.runs.outline.findings import Sorted
from bot.runs.outline.lines import NUMBERS, each_once, few, finding_line
from bot.runs.outline.model import SIGNS, Block, Line, Weight
from checks.finding import Finding, Severity
from checks.text import say, say_many

_FINDINGS = 12


def hindrance(findings: Sorted) -> Iterator[Block]:
    """What to do before anything else, when no agent answered."""
    if findings.nobody:
        yield Block(say("Do this first"), (Line(findings.nobody.text),))


def unseen(findings: Sorted) -> Iterator[Block]:
    """What could not be looked at, and how much of it only for want of agents."""
    lines = few(unseen_lines(findings, findings.unseen), _FINDINGS)
    if lines:
        yield Block(say("Could not be seen"), lines)


def unseen_lines(findings: Sorted, unseen: list[Finding]) -> list[Line]:
    """A line for each reason why something could not be seen."""
    if findings.nobody:
        blind = [f for f in unseen if f is not findings.nobody]
        text = say_many("{count} finding needs an agent.", "{count} findings need an agent.", len(blind))
        return [Line(text, SIGNS[Severity.UNKNOWN])] if blind else []
    reasons = each_once(f.text for f in unseen)
    first = [next(f for f in unseen if f.text == reason) for reason in reasons]
    # Who was silent is told once, beside the finding that is about it.
    return [finding_line(f, NUMBERS if findings.silent in (None, f) else 0) for f in first]


def not_asked(findings: Sorted) -> Iterator[Block]:
    """How much could not be seen because only some nodes were asked."""
    if findings.not_asked:
        count = len(findings.not_asked)
        text = say_many(
            "{count} finding needs other nodes too, which were not asked.",
            "{count} findings need other nodes too, which were not asked.",
            count,
        )
        yield Block(None, (Line(text),), Weight.SMALL)
