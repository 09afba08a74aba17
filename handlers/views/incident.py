"""The message of an incident: how it stands, what to do now, and the buttons for it."""

from collections.abc import Iterator, Sequence
from functools import partial

from bot.access.requester import Requester
from bot.commands.grammar import Asked
from bot.commands.incident import PLAN, REVISION
from bot.incidents.decisions import DECISIONS
from bot.incidents.model import Entry, Incident
from bot.incidents.outline import outline
from bot.incidents.report import post_incident_report
from bot.incidents.waiting import waits
from bot.language import ENGLISH, Language
from bot.runbooks.execution import Execution
from bot.runbooks.machine import Event, State
from bot.runbooks.model import Approval, Hand
from bot.runbooks.registry import cures
from checks.text import Text, say
from handlers.views.acting import acting
from handlers.views.blocks import (
    SECTION_CHARACTERS,
    Block,
    Message,
    Part,
    actions,
    clip,
    code,
    context,
    cut,
    fitting,
    header,
    mention,
    message,
    pages,
    section,
    sections,
    time,
)
from handlers.views.markdown import paragraphs
from handlers.views.outlined import heading, lead, rendered

LOOK, CLOSE = "diagnose", "close"
FIXES = 2
"""Runbooks that are offered: the least disruptive one, and its alternative."""
REPORT_MESSAGES = 3
"""The thread has so many messages of the report at most; `incident export` gives all of it."""
_DETAILS = 12
LATEST = 5
"""Lines of the timeline that `incident show` shows."""
_IN_TROUBLE = (State.BLOCKED, State.UNVERIFIED, State.STUCK)
"""Where it helps to see what the cluster is like now; as a word, it can be asked for at any time."""
_BEGUN_ANEW = (State.REFUSED, State.UNDONE, State.STOPPED)
"""Where a plan ended without having cured anything."""

_LABELS: dict[str, Text] = {
    "again": say("Look again"),
    "retry": say("Do it again"),
    "back": say("Roll back"),
    "forward": say("Do not roll back"),
    "stop": say("Stop here"),
    "pause": say("Pause"),
    "resume": say("Resume"),
    LOOK: say("Diagnose again"),
    CLOSE: say("Close the incident"),
}


def incident_message(incident: Incident, language: Language = ENGLISH) -> Message:
    """The message as it should be now."""
    told = outline(incident)
    blocks = [header(heading(told, language)), _by_line(incident, language), *rendered(told.first, language)]
    row = _buttons(incident, language)
    buttons = [actions(*row)] if row else []
    fits = fitting(blocks, language.words(say("The rest does not fit here.")), room=buttons)
    text = f"{incident.cluster}: {heading(told, language)}. {lead(told, language)}".rstrip()
    return message(text, [*fits, *buttons])


def incident_thread(incident: Incident, language: Language = ENGLISH) -> Iterator[Part]:
    """What hangs in the thread: a message for each thing that happened, and at the end the report."""
    for number, entry in incident.numbered:
        # That it was opened is what the message itself says, where that stands above.
        if number or incident.room:
            yield f"entry-{number}", partial(_entry, entry, language)
    if incident.open:
        return
    title = f"Report of the incident {incident.id}"
    report = pages(sections(report_lines(incident, language)))
    if len(report) > REPORT_MESSAGES:
        more = say("There is more: `incident export {id}` gives all of it.", id=incident.id)
        report = [*report[: REPORT_MESSAGES - 1], [*report[REPORT_MESSAGES - 1][:-1], section(language.words(more))]]
    for number, page in enumerate(report, 1):
        yield f"report-{number}", partial(message, title, page)


def report_lines(incident: Incident, language: Language = ENGLISH) -> Iterator[str]:
    """The report as lines of mrkdwn, each shorter than a section."""
    for text in paragraphs(post_incident_report(incident, language)):
        yield from (cut(line, SECTION_CHARACTERS - 1) for line in text.split("\n"))


def incident_lines(incident: Incident, language: Language = ENGLISH) -> Iterator[str]:
    """An incident in short, as lines of mrkdwn: how it stands and what happened last."""
    told = outline(incident)
    yield f"*{clip(heading(told, language), 200)}*"
    yield str(_by_line(incident, language)["elements"][0]["text"])
    if lead(told, language):
        yield clip(lead(told, language), 600)
    for entry in incident.timeline[-LATEST:]:
        who = f" — {clip(entry.by.name or entry.by.user, 80)}" if entry.by.user or entry.by.name else ""
        yield f"• {time(entry.at)} {clip(language.words(entry.what), 300)}{who}"
    yield language.words(say("All of it, as a file in its thread: {command}", command=_export(incident)))


def _export(incident: Incident) -> str:
    return code(f"/netcheck incident export {incident.id}")


def _entry(entry: Entry, language: Language) -> Message:
    what = clip(language.words(entry.what), 600)
    if entry.to.user or entry.to.name:
        what = f"{person(entry.to)} {what}"
    lines = [what, *(f"• {clip(language.words(text), 300)}" for text in entry.details[:_DETAILS])]
    if len(entry.details) > _DETAILS:
        lines.append("…")
    if entry.by.user or entry.by.name:
        # By name: who has done something need not be told of it.
        lines.append(f"— {clip(entry.by.name or entry.by.user, 80)}")
    return {"text": cut(what, 700), "blocks": sections(lines)}


def person(by: Requester) -> str:
    """Somebody by the name that Slack has for them, which also calls them; by their own name where Slack knows none."""
    if by.user.isalnum():
        return f"<@{by.user[:40]}>"
    return clip(by.name or by.user, 80) or "nobody"


def _by_line(incident: Incident, language: Language) -> Block:
    owner, opener = person(incident.owner), person(incident.opened_by)
    who = language.words(say("owner {owner} · opened by {opener}", owner=owner, opener=opener))
    if incident.approver.user or incident.approver.name:
        who = language.words(say("{who} · approver {approver}", who=who, approver=person(incident.approver)))
    severity = f" · {clip(incident.severity, 20)}" if incident.severity else ""
    room = language.words(say(" · all that happens: {room}", room=mention(incident.room))) if incident.room else ""
    return context(f"*{clip(incident.cluster, 80)}*{severity} · {who} · {code(incident.id)}{room}")


def _buttons(incident: Incident, language: Language) -> list[Block]:
    """The buttons that do something now, the most likely first; none while netcheck is at it."""
    execution = incident.execution
    if not incident.open:
        return []
    if execution is None or execution.ended:
        return [
            *_fixes(incident, language),
            *_button(incident, CLOSE, primary=_is_over(execution), language=language),
            *_look(incident, language),
        ]
    if not waits(execution):
        return []
    words = _words(execution)
    found = [each for word in words for each in _button(incident, word, primary=word == words[0], language=language)]
    return [*found, *(_look(incident, language) if execution.state in _IN_TROUBLE else [])]


def _look(incident: Incident, language: Language) -> list[Block]:
    return [] if incident.looking else _button(incident, LOOK, primary=False, language=language)


def _is_over(execution: Execution | None) -> bool:
    return execution is not None and execution.state is State.DONE


def _fixes(incident: Incident, language: Language) -> list[Block]:
    """The ways to cure it, where no plan is on its way and none has cured it."""
    if incident.execution is not None and incident.execution.state not in _BEGUN_ANEW:
        return []
    return fixes(incident.about, incident.cluster, language)


def fixes(cause: str, cluster: str, language: Language = ENGLISH) -> list[Block]:
    """A button for the least disruptive cure of a cause, and one for its alternative."""
    return [
        each
        for number, runbook in enumerate(cures(cause)[:FIXES])
        for each in acting(
            language.words(say("{title}", title=runbook.title)),
            Asked(command="fix", subject=runbook.name, cluster=cluster),
            "" if number else "primary",
        )
    ]


def _words(execution: Execution) -> Sequence[str]:
    """What may be decided now, the most likely first."""
    if execution.paused:
        return ["resume", *(["stop"] if execution.may(Event.STOP) else [])]
    words = []
    if execution.may(Event.GO) and execution.operation is not None:
        words.append("approve")
    elif execution.may(Event.CLAIMED) and _claimable(execution):
        words.append("done")
    words += [word for word in ("again", "retry", "back", "forward") if _may(execution, word)]
    return [
        *words,
        *(["pause"] if execution.state is State.OFFERED else []),
        *(["stop"] if _may(execution, "stop") else []),
    ]


def _claimable(execution: Execution) -> bool:
    step = execution.step
    return step is not None and (step.hand is Hand.PERSON or step.asks or execution.backwards)


def _may(execution: Execution, word: str) -> bool:
    event = DECISIONS[word].event
    if word == "retry" and execution.step is not None and execution.step.operation is None:
        return False
    return event is not None and execution.may(event)


def _button(incident: Incident, word: str, *, primary: bool, language: Language) -> list[Block]:
    execution = incident.execution
    asked = Asked(
        command="incident",
        subject=f"{word} {incident.id}",
        parameters=_seen(execution) if execution and word in DECISIONS else {},
        cluster=incident.cluster,
    )
    return acting(_label(execution, word, language), asked, "primary" if primary else "")


def _seen(execution: Execution) -> dict[str, str]:
    return {PLAN: str(execution.number), REVISION: str(execution.revision)}


def _label(execution: Execution | None, word: str, language: Language) -> str:
    step = execution.step if execution else None
    if word == "approve":
        second = execution is not None and execution.needs is Approval.SECOND
        return language.words(say("Approve (a second person)") if second else say("Approve"))
    if word == "done":
        goes_on = step is not None and step.asks and execution is not None and not execution.backwards
        return language.words(say("Go on") if goes_on else say("I have done it"))
    return language.words(_LABELS[word])
