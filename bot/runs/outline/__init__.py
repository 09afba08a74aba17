"""What people are told of a run, in the order in which they need it, for no screen in particular.

A terminal and Slack render this and add nothing of their own: the signs, the headline, what leads, what may wait and
the exit code are settled here, once. All of it is sentences as data; whoever renders makes the words (`bot.language`).
"""

from collections.abc import Iterator

from bot.runs.model import PREFLIGHT, Run
from bot.runs.outline import checks, readiness, verdict
from bot.runs.outline.findings import Sorted
from bot.runs.outline.headline import headline
from bot.runs.outline.model import CANCELLED, NOT_DONE, Block, Heading, Line, Outline, Weight
from checks.report import Report
from checks.text import names, say


def outline(run: Run) -> Outline:
    """What is told of a run that has a report, for now or for good, or that ended without one."""
    report = run.report
    if report is None:
        return _without_report(run)
    findings = Sorted(report, run.request.nodes)
    if run.request.command == PREFLIGHT:
        return readiness.outline(report, findings)
    heading = headline(report, findings)
    if report.diagnosis is None:
        return Outline(heading, (*_standing(report), *checks.first(findings)), tuple(checks.rest(findings)))
    first = (*_standing(report), *verdict.first(report.diagnosis, findings))
    return Outline(heading, first, (*checks.every(findings, first), *verdict.rest(report.diagnosis, findings)))


def _without_report(run: Run) -> Outline:
    sign = CANCELLED if run.state == "cancelled" else NOT_DONE
    reason = say("{words}", words=run.error) if run.error else say("No reason was given.")
    return Outline(Heading(sign, sign.word), (Block(None, (Line(reason),)),))


def _standing(report: Report) -> Iterator[Block]:
    """What a provisional report still waits for, or what the final one has changed."""
    if report.awaited:
        text = say("This may change: {checks} still to come.", checks=names(report.awaited))
        yield Block(None, (Line(text),), Weight.SMALL)
    elif report.revised:
        yield Block(None, (Line(say("At first it looked different: {verdict}", verdict=report.revised)),), Weight.SMALL)
