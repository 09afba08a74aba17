"""What a preflight is told as: each practice, met or not, where it is not, and what to do."""

from collections.abc import Iterator, Sequence

from bot.runs.outline.findings import Sorted
from bot.runs.outline.hindrance import hindrance
from bot.runs.outline.lines import PLACES, each_once
from bot.runs.outline.model import Block, Heading, Line, Outline, Sign, Weight
from checks.readiness import Assessed, State, assess
from checks.report import Report
from checks.text import Text, listed, say, shortened

SIGNS = {
    State.MET: Sign("✓", ":white_check_mark:", say("Met"), "green", 0),
    State.NOT_APPLICABLE: Sign("-", ":heavy_minus_sign:", say("Does not apply"), "default", 0),
    State.UNSEEN: Sign("?", ":grey_question:", say("Could not be seen"), "magenta", 3),
    State.NOT_MET: Sign("✗", ":x:", say("Not met"), "red", 1),
}
"""By state how it is shown, the gravest last."""
_FINDINGS = 4
"""Findings of one practice that are told; `--json` and the checks themselves have all."""


def outline(report: Report, findings: Sorted) -> Outline:
    """The practices that are not met first, then those that could not be seen; the others for whoever wants more."""
    practices = assess(report.findings)
    told = [each for state in (State.NOT_MET, State.UNSEEN) for each in practices if each.state is state]
    others = [each for state in (State.MET, State.NOT_APPLICABLE) for each in practices if each.state is state]
    first = [*hindrance(findings), *_listed(told or others)]
    rest = _listed(others) if told else iter(())
    return Outline(_heading(practices), (*first, *_not_seen_from_here()), tuple(rest))


def _heading(practices: Sequence[Assessed]) -> Heading:
    counts = {state: sum(each.state is state for each in practices) for state in State}
    total = len(practices) - counts[State.NOT_APPLICABLE]
    if bad := counts[State.NOT_MET]:
        text = say("Not ready: {count} of {total} practices are not met", count=bad, total=total)
        return Heading(SIGNS[State.NOT_MET], text)
    if unseen := counts[State.UNSEEN]:
        text = say("Could not look at {count} of {total} practices", count=unseen, total=total)
        return Heading(SIGNS[State.UNSEEN], text)
    return Heading(SIGNS[State.MET], say("Ready: all {total} practices are met", total=total))


def _listed(practices: Sequence[Assessed]) -> Iterator[Block]:
    if practices:
        yield Block(None, tuple(map(_line, practices)))


def _line(assessed: Assessed) -> Line:
    practice, sign = assessed.practice, SIGNS[assessed.state]
    evidence = [finding.text for finding in (*assessed.wrong, *assessed.unseen)]
    lines: list[Text] = shortened(each_once(evidence), _FINDINGS)
    places = assessed.places()
    if places:
        lines.append(say("Where: {places}", places=listed(places, PLACES)))
    if assessed.wrong:
        lines.append(practice.do)
    return Line(practice.title, sign, practice.name, tuple(lines))


def _not_seen_from_here() -> Iterator[Block]:
    text = say("Whether somebody watches CoreDNS cannot be seen from here: `digest add` has a channel hear of it.")
    yield Block(None, (Line(text),), Weight.SMALL)
