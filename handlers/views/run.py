"""The one message of a run: what is being done, then what came out, verdict first."""

import re
from collections import defaultdict

from bot.runs.model import Run
from checks.diagnosis.model import Cause, Diagnosis
from checks.finding import Finding, Severity, worst
from checks.report import Report

from checks.registry import CHECKS
from handlers.views.blocks import (
    Block,
    Message,
    actions,
    bullets,
    button,
    clip,
    code,
    context,
    fitting,
    header,
    message,
    section,
    sections,
)
from handlers.views.wording import ENDED, PROBES, headline, percent, seconds, sign

CANCEL = "cancel_run"
"""The `action_id` of the Cancel button; its value is the run's id."""
SERIOUS = 0.1
"""A further cause is shown in the message from this probability on; the others are in the thread."""
_CAUSES = 3
_BAR = 12
_PRO, _CONTRA, _MISSING = 6, 4, 3
_PLACES = 8
_FINDINGS = 12
_SUMMARY_CHARACTERS = 1500
_MARKS = {"failed": ":x:", "not seen": ":grey_question:", "passed": ":white_check_mark:"}
_PROBE_WORDS = {
    Severity.OK: "passed",
    Severity.ADVICE: "passed",
    Severity.UNKNOWN: "not seen",
    Severity.DEGRADED: "failed",
    Severity.FAILED: "failed",
}
_MORE = "The rest is in the thread."
_IN_THREAD = " in the thread"


def run_message(run: Run) -> Message:
    """The message as it should be now."""
    if run.open:
        return _under_way(run)
    if run.report is not None and run.state == "done":
        return _result(run, run.report)
    return _without_result(run)


def what(run: Run) -> str:
    """What was asked for, in a few words of mrkdwn."""
    request = run.request
    if request.command == "diagnose":
        error = request.parameters.get("webhook", {}).get("error", "")
        return f"diagnose {code(str(error), 60)}".rstrip()
    words = [request.command, *request.checks]
    words += [f"{key}={value}" for pairs in request.parameters.values() for key, value in pairs.items()]
    words += ["on", *request.nodes] if request.nodes else []
    return code(" ".join(words), 160)


def places(where: tuple[str, ...]) -> str:
    """Nodes, pairs or replicas as escaped text; empty for none."""
    # A narrow screen breaks a line after the hyphen of `->`.
    shown = ", ".join(clip(place.replace("->", "→"), 80) for place in where[:_PLACES])
    return shown + (f" and {len(where) - _PLACES} more" if len(where) > _PLACES else "")


def finding_line(finding: Finding) -> str:
    """One finding as a line of mrkdwn."""
    probe = f"*{clip(finding.probe, 20)}* " if finding.probe else ""
    unsaid = any(not _names(finding.summary, place) for place in finding.where)
    where = f" ({places(finding.where)})" if unsaid else ""
    return f"{sign(finding.severity)}: {probe}{clip(finding.summary, 600)}{where}"


def _names(summary: str, place: str) -> bool:
    """Whether a summary has this place as a word: repeating it would only make a small screen longer."""
    return re.search(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", summary) is not None


def _by_line(run: Run, *more: str) -> Block:
    """The small print: the cluster in every message, who asked for what, and the id that `cancel` and `status` know."""
    user = run.request.requested_by.user
    who = f"<@{clip(user, 40)}>" if user else clip(run.request.requested_by.name, 80) or "nobody"
    return context(" · ".join([f"*{clip(run.request.cluster, 80)}*", what(run), f"by {who}", *more, code(run.id)]))


def _under_way(run: Run) -> Message:
    progress = run.progress
    doing = "Waiting for a worker" if run.state == "queued" else clip(progress.stage, 200) or "Starting"
    if progress.total:
        full = round(_BAR * progress.done / progress.total)
        doing = f"{'█' * full}{'░' * (_BAR - full)} {progress.done} of {progress.total} · {doing}"
    title = "Diagnosing" if run.request.command == "diagnose" else "Checking"
    blocks = [
        section(f":hourglass_flowing_sand: *{title} {clip(run.request.cluster, 80)}*\n{doing}"),
        _by_line(run),
        actions(button("Cancel", CANCEL, run.id)),
    ]
    return message(f"{title} {run.request.cluster}", blocks)


def _without_result(run: Run) -> Message:
    emoji, word = ENDED.get(run.state, ENDED["failed"])
    reason = run.error or "No reason was given."
    blocks = [header(f"{emoji} {word}"), section(clip(reason, _SUMMARY_CHARACTERS)), _by_line(run)]
    return message(f"{run.request.cluster}: {word}. {reason}", blocks)


def _result(run: Run, report: Report) -> Message:
    title = headline(report)
    diagnosis = report.diagnosis
    body = _findings(report) if diagnosis is None else _verdict(diagnosis, report)
    blocks = [header(title), _by_line(run, f"took {seconds(report.elapsed_s)}"), *body]
    said = _beyond_the_title(diagnosis) if diagnosis else ""
    return message(f"{run.request.cluster}: {title}. {said}".rstrip(), fitting(blocks, _MORE))


def _beyond_the_title(diagnosis: Diagnosis) -> str:
    """The summary without the first cause's title, which the headline has said."""
    title = f"{diagnosis.causes[0].title}." if diagnosis.causes else ""
    return diagnosis.summary.removeprefix(title).strip()


def _findings(report: Report) -> list[Block]:
    """What is not well with its evidence, or that all is."""
    odd = [f for f in report.findings if f.severity is not Severity.OK]
    lines = []
    for finding in odd[:_FINDINGS]:
        lines += [finding_line(finding), *bullets(finding.evidence, 3, rest=_IN_THREAD)]
    if len(odd) > _FINDINGS:
        lines.append(f"and {len(odd) - _FINDINGS} more in the thread")
    if not odd:
        checks = sorted({f.code.partition(".")[0] for f in report.findings} & set(CHECKS))
        lines.append(f"Everything that {', '.join(checks) or 'this run'} looked at is well.")
    return sections(lines)


def probes(report: Report) -> str:
    """The probe matrix in one line: which probes failed, which passed and which could not be seen; empty for none."""
    letters: dict[str, list[Severity]] = defaultdict(list)
    for finding in report.findings:
        if finding.probe and finding.outcome != "not-used":
            letters[finding.probe].append(finding.severity)
    words = {letter: _PROBE_WORDS[worst(severities)] for letter, severities in sorted(letters.items())}
    groups = [(word, [_probe(letter) for letter in words if words[letter] == word]) for word in _MARKS]
    return " · ".join(f"{_MARKS[word]} {', '.join(found)} {word}" for word, found in groups if found)


def _probe(letter: str) -> str:
    return clip(f"{letter} {PROBES.get(letter, '')}".rstrip(), 40)


def _verdict(diagnosis: Diagnosis, report: Report) -> list[Block]:
    blocks = sections([clip(_beyond_the_title(diagnosis), _SUMMARY_CHARACTERS)])
    matrix = probes(report)
    if matrix:
        blocks.append(context(f"Probes: {matrix}"))
    if diagnosis.verdict == "healthy":
        # Why all is well is in the thread; what could be better is worth a line here.
        advice = [finding_line(f) for f in report.findings if f.severity is Severity.ADVICE]
        return blocks + sections(advice[:_FINDINGS])
    first = diagnosis.causes[0] if diagnosis.causes else None
    if first and first.fix:
        blocks += sections([f"*Do this first*\n{clip(first.fix, _SUMMARY_CHARACTERS)}"])
    if first and first.rollback:
        blocks.append(context(f"To undo it: {clip(first.rollback, _SUMMARY_CHARACTERS)}"))
    for cause in serious(diagnosis):
        # The headline has the title of the first, unless that is "unknown".
        named = cause is first and diagnosis.verdict != "unknown"
        title = "*Why*" if named else f"*{clip(cause.title, 200)} — {percent(cause.probability)}*"
        seen_at = f"_Seen at_ {places(cause.where)}" if cause.where else ""
        blocks += sections([title, *evidence(cause, rest=_IN_THREAD), seen_at])
    if diagnosis.decide:
        blocks += sections([f"*What would decide*\n{clip(diagnosis.decide, _SUMMARY_CHARACTERS)}"])
    return blocks


def serious(diagnosis: Diagnosis) -> list[Cause]:
    """The first cause, those that hold at the same time, and those that come close."""
    further = [c for c in diagnosis.causes[1:] if c.slug in diagnosis.also or c.probability >= SERIOUS]
    return [*diagnosis.causes[:1], *further][:_CAUSES]


def evidence(cause: Cause, most: int = 0, rest: str = "") -> list[str]:
    """What speaks for and against a cause and what could not be seen, as lines of mrkdwn.

    `most` lines of each, or as many as suit one message; `rest` says where the others are.
    """
    parts = (
        ("Speaks for it", cause.pro, _PRO),
        ("Speaks against it", cause.contra, _CONTRA),
        ("Could not be seen", cause.missing, _MISSING),
    )
    lines = []
    for title, found, few in parts:
        if found:
            lines += [f"_{title}_", *bullets(found, most or few, rest=rest)]
    return lines
