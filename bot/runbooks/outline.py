"""What people are told of a plan, for no screen in particular."""

from collections.abc import Iterator

from bot.runbooks.model import Approval, Expectation, Form, Hand, Plan, Step
from bot.runbooks.registry import RUNBOOKS
from bot.runbooks.situation import situation
from bot.runs.model import Run
from bot.runs.outline.model import SIGNS, Block, Heading, Line, Outline, Weight
from checks.finding import Severity
from checks.text import Text, say, say_many

HANDS = {
    Hand.PERSON: say("by a person"),
    Hand.OPERATOR: say("by netcheck's operator"),
    Hand.NOBODY: say("looked at only"),
}
APPROVALS = {
    Approval.NONE: say("no approval"),
    Approval.ONE: say("one approval"),
    Approval.SECOND: say("a second person's approval"),
}


def plan_of(run: Run) -> Plan | None:
    """The plan that a run was asked for; None while there is none to be made. Pure."""
    wanted, report = run.request.plan, run.report
    if wanted is None or report is None or report.inventory is None or wanted.runbook not in RUNBOOKS:
        return None
    return RUNBOOKS[wanted.runbook].plan(situation(report, wanted.nodes, wanted.choices, frozenset(wanted.verbs)))


def outline(plan: Plan) -> Outline:
    """The whole plan: what speaks against it first, then each step with all that it will do."""
    if plan.refusals:
        lines = tuple(Line(text) for text in plan.refusals)
        heading = say("{title}: not now", title=plan.title)
        return Outline(Heading(SIGNS[Severity.UNKNOWN], heading), (Block(say("Why not"), lines),))
    count = say_many("{count} step", "{count} steps", len(plan.steps))
    heading = say("Plan: {title}, {count}", title=plan.title, count=count)
    first = [
        *_before(plan),
        *(block for number, step in enumerate(plan.steps, 1) for block in step_blocks(number, step)),
    ]
    return Outline(Heading(SIGNS[Severity.OK], heading), tuple(first))


def _before(plan: Plan) -> Iterator[Block]:
    yield Block(None, (Line(say("This is what would be done. Nothing is changed by showing it.")),))
    if plan.override:
        line = Line(say("Against the evidence: {why}", why=plan.override), SIGNS[Severity.DEGRADED])
        yield Block(None, (line,))
    if plan.warnings:
        yield Block(say("Before you begin"), tuple(map(Line, plan.warnings)), Weight.POINTS)


def step_blocks(number: int, step: Step) -> Iterator[Block]:
    """One step, whole."""
    by = say("{hand}, {approval}", hand=HANDS[step.hand], approval=APPROVALS[step.approval])
    yield Block(say("{number}. {title}", number=number, title=step.title), (Line(by), *map(Line, step.why)))
    yield from expectations(say("Before it"), step.precondition)
    yield from forms(step.forms)
    yield from expectations(say("Verified by"), step.verification)
    if step.undo:
        yield Block(say("To go back: {title}", title=step.undo.title), (), Weight.POINTS)
        yield from forms(step.undo.forms)


def expectations(title: Text, expected: tuple[Expectation, ...]) -> Iterator[Block]:
    """What is looked for."""
    lines = tuple(Line(each.text) for each in expected)
    if lines:
        yield Block(title, lines, Weight.POINTS)


def forms(given: tuple[Form, ...]) -> Iterator[Block]:
    """Commands to copy, one block a way of doing it."""
    for form in given:
        yield Block(form.title, tuple(Line(say("{line}", line=line)) for line in form.lines), Weight.COMMANDS)
