"""The one message of a run: what is being done, then what came out, verdict first."""

from collections.abc import Iterable

from bot.commands.grammar import Asked
from bot.language import ENGLISH, Language
from bot.runbooks.outline import outline as plan_outline
from bot.runbooks.outline import plan_of
from bot.runs.model import PREFLIGHT, Run, RunRequest
from bot.runs.outline import outline
from bot.runs.outline.model import Outline
from checks.diagnosis.model import HEALTHY
from checks.report import Report
from checks.text import Text, say, seconds
from handlers.views.acting import acting
from handlers.views.blocks import (
    Block,
    Message,
    actions,
    button,
    clip,
    code,
    context,
    fenced,
    header,
    message,
    parted,
    section,
)
from handlers.views.incident import fixes
from handlers.views.outlined import heading, lead, rendered

CANCEL = "cancel_run"
"""The `action_id` of the Cancel button; its value is the run's id."""
NO_POOL = ("metallb.pools", "none")
"""The finding that a pool would put right, and its outcome."""
LINE = 2900
_BAR = 12
_STAGE = 200


def run_message(run: Run, language: Language = ENGLISH) -> Message:
    """The message as it should be now."""
    if run.open and run.report is None:
        return _under_way(run, language)
    told = told_of(run)
    text = f"{run.request.cluster}: {heading(told, language)}. {lead(told, language)}".rstrip()
    return message(text, [*_parted(run, told, language)[0], *_next(run, language)])


def told_of(run: Run) -> Outline:
    """What is told of a run that has a report, or that ended without one: the plan, where it was asked for one."""
    plan = plan_of(run)
    return plan_outline(plan) if plan else outline(run)


def _next(run: Run, language: Language) -> list[Block]:
    """What can be done about it: begin a plan, take the least disruptive fix or its alternative, open an incident."""
    if run.open or run.report is None:
        return []
    if run.request.plan:
        return _begin(run, language)
    buttons = _cures(run, run.report, language)
    return [actions(*buttons)] if buttons else []


def _begin(run: Run, language: Language) -> list[Block]:
    plan, wanted, cluster = plan_of(run), run.request.plan, run.request.cluster
    if plan is None or wanted is None or plan.refusals:
        return []
    asked = Asked(command="fix", subject=wanted.runbook, parameters=wanted.choices, nodes=wanted.nodes, cluster=cluster)
    if buttons := acting(language.words(say("Begin")), asked, "primary"):
        return [actions(*buttons)]
    return [section(f"{language.words(say('Begin it with:'))}\n{fenced(f'/netcheck {asked.line}', LINE)}")]


def _cures(run: Run, report: Report, language: Language) -> list[Block]:
    cluster, verdict = run.request.cluster, report.diagnosis.verdict if report.diagnosis else HEALTHY
    buttons = fixes(verdict, cluster, language)
    if buttons:
        asked = Asked(command="incident", subject="open", cluster=cluster)
        return [*buttons, *acting(language.words(say("Open an incident")), asked)]
    # While something is broken a pool is not what is missing: MetalLB's webhook could not take one.
    if verdict == HEALTHY and any((f.code, f.outcome) == NO_POOL for f in report.findings):
        asked = Asked(command="fix", subject="create-pool", cluster=cluster)
        return acting(language.words(say("Create an address pool")), asked, "primary")
    return []


def left_over(run: Run, told: Outline, language: Language) -> list[Block]:
    """What everybody should read of a run and does not fit into its message."""
    return _parted(run, told, language)[1]


def what(request: RunRequest) -> str:
    """What was asked for, in a few words of mrkdwn."""
    if request.command == "diagnose":
        error = request.parameters.get("texts", {}).get("error", "")
        return f"diagnose {code(str(error), 60)}".rstrip()
    if request.plan:
        nodes = ["on", *request.plan.nodes] if request.plan.nodes else []
        pairs = [f"{key}={value}" for key, value in request.plan.choices.items()]
        return code(" ".join([request.command, request.plan.runbook, *pairs, *nodes]), 160)
    words = [request.command, *(() if request.command == PREFLIGHT else request.checks)]
    words += [f"{key}={value}" for pairs in request.parameters.values() for key, value in pairs.items()]
    words += ["on", *request.nodes] if request.nodes else []
    return code(" ".join(words), 160)


def _parted(run: Run, told: Outline, language: Language) -> tuple[list[Block], list[Block]]:
    """What fits into the message, and the rest."""
    blocks = [header(heading(told, language)), *_top(run, language), *rendered(told.first, language)]
    return parted(blocks, language.words(say("The rest is in the thread.")), room=_next(run, language))


def _top(run: Run, language: Language) -> list[Block]:
    """The small print, and what is still being done, which a person may stop."""
    if run.open:
        return [_by_line(run, language), context(_progress(run, language)), actions(_cancel(run, language))]
    took = [say("took {time}", time=seconds(run.report.elapsed_s))] if run.report else []
    return [_by_line(run, language, took)]


def _under_way(run: Run, language: Language) -> Message:
    cluster = run.request.cluster
    title = say("Checking {cluster}", cluster=cluster)
    if run.request.command == "diagnose":
        title = say("Diagnosing {cluster}", cluster=cluster)
    elif run.request.plan:
        title = say("Planning for {cluster}", cluster=cluster)
    doing = language.words(title)
    blocks = [
        section(f":hourglass_flowing_sand: *{clip(doing, 120)}*\n{_progress(run, language)}"),
        _by_line(run, language),
        actions(_cancel(run, language)),
    ]
    return message(doing, blocks)


def _progress(run: Run, language: Language) -> str:
    progress = run.progress
    doing = say("Waiting for a worker") if run.state == "queued" else say("Starting")
    stage = clip(progress.stage, _STAGE) if progress.stage and run.state != "queued" else language.words(doing)
    if not progress.total:
        return stage
    full = max(0, min(_BAR, round(_BAR * progress.done / progress.total)))
    count = language.words(say("{done} of {total}", done=progress.done, total=progress.total))
    return f"{'█' * full}{'░' * (_BAR - full)} {count} · {stage}"


def _by_line(run: Run, language: Language, more: Iterable[Text] = ()) -> Block:
    """The small print: the cluster in every message, who asked for what, and the id that `cancel` and `status` know."""
    user = run.request.requested_by.user
    who = f"<@{clip(user, 40)}>" if user else clip(run.request.requested_by.name, 80)
    by = language.words(say("by {who}", who=who) if who else say("by nobody"))
    return context(
        " · ".join(
            [f"*{clip(run.request.cluster, 80)}*", what(run.request), by, *map(language.words, more), code(run.id)]
        )
    )


def _cancel(run: Run, language: Language) -> dict[str, object]:
    return button(language.words(say("Cancel")), CANCEL, run.id)
