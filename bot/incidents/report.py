"""The report of an incident, in Markdown: what happened, what was done, what it took, what is left. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.access.requester import Requester
from bot.incidents.model import Entry, Incident, Sort
from bot.language import ENGLISH, Language
from bot.runbooks.execution import DONE, UNDONE, Execution
from bot.runbooks.machine import State
from bot.runbooks.measured import compared
from bot.runbooks.outline import HANDS

_LEFT = {
    State.DONE: "Nothing of the plan is left to do.",
    State.UNDONE: "The plan was rolled back: what it was to cure is as it was.",
    State.STOPPED: "The plan was stopped where it was: see which steps were done.",
    State.REFUSED: "The plan was not begun.",
    State.STUCK: "The rollback failed: a person has to take over.",
}


def post_incident_report(incident: Incident, language: Language = ENGLISH) -> str:
    """The whole of it; while the incident is open, as far as it is known."""
    return "\n".join(_lines(incident, language)) + "\n"


def _lines(incident: Incident, language: Language) -> Iterator[str]:
    yield f"# Incident {incident.id}: {_plain(language.words(incident.title))}"
    yield ""
    yield f"- Cluster: {incident.cluster}"
    yield f"- State: {incident.state}"
    yield f"- Severity when it was opened: {incident.severity or 'not known'}"
    yield f"- Opened: {_time(incident.opened_at)} by {_who(incident.opened_by)}; owner: {_who(incident.owner)}"
    last = incident.timeline[-1].at if incident.timeline else incident.opened_at
    yield (
        f"- Took so far: {_duration(last - incident.opened_at)}"
        if incident.open
        else (f"- Took: {_duration(last - incident.opened_at)}")
    )
    if incident.run:
        yield f"- Diagnosis: run {incident.run}"
    yield from _overrides(incident, language)
    if incident.execution:
        yield from _execution(incident.execution, language)
    yield from ("", "## Timeline", "", "| when | who | what |", "|---|---|---|")
    for entry in incident.timeline:
        yield f"| {_time(entry.at)} | {_who(entry.by)} | {_cell(entry, language)} |"
    yield from ("", "## What is left to do", "")
    yield from _left(incident, language)


def _overrides(incident: Incident, language: Language) -> Iterator[str]:
    plan = incident.execution.plan if incident.execution else None
    if plan and plan.override:
        yield f"- Against the evidence: {_plain(language.words(plan.override))}"


def _execution(execution: Execution, language: Language) -> Iterator[str]:
    yield from ("", f"## What was done: {execution.runbook}", "")
    yield f"Started by {_who(execution.by)}; it is at: {execution.state}."
    yield ""
    for number, step in enumerate(execution.plan.steps if execution.plan else ()):
        mark = {DONE: "done", UNDONE: "rolled back"}.get(execution.outcomes.get(number, ""), "not done")
        hand = language.words(HANDS[step.hand])
        yield f"{number + 1}. {_plain(language.words(step.title))} ({hand}): **{mark}**"
    yield from _cost(execution, language)
    approvals = sorted(execution.approvals.items(), key=lambda pair: pair[1].at)
    if approvals:
        yield from ("", "Approvals:")
        for unit, word in approvals:
            yield f"- {unit or 'cluster'}: {_who(word.by)}, {_time(word.at)}"


def _cost(execution: Execution, language: Language) -> Iterator[str]:
    lines = [language.words(text) for text in compared(execution)]
    if lines:
        yield from ("", "What it costs:")
        yield from (f"- {_plain(line)}" for line in lines)


def _left(incident: Incident, language: Language) -> Iterator[str]:
    execution = incident.execution
    if execution is None:
        yield "- No plan was made."
        return
    yield f"- {_LEFT.get(execution.state, 'The plan is on its way.')}"
    for text in execution.plan.warnings if execution.plan else ():
        yield f"- {_plain(language.words(text))}"
    for text in execution.notes:
        yield f"- {_plain(language.words(text))}"


def _cell(entry: Entry, language: Language) -> str:
    words = [language.words(entry.what), *(language.words(text) for text in entry.details)]
    strong = entry.sort in (Sort.APPROVAL, Sort.OVERRIDE)
    text = _plain(". ".join(words))
    return f"**{text}**" if strong else text


def _who(by: Requester) -> str:
    return _plain(by.name or by.user or "netcheck")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _plain(text: str) -> str:
    """Text as one line of Markdown that cannot end a table's cell."""
    return " ".join(text.replace("|", "\\|").split())
