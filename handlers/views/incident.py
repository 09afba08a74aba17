"""The message of an incident: how it stands, what to do now, and the buttons for it."""

from collections.abc import Sequence

from bot.commands.grammar import Asked
from bot.commands.incident import REVISION
from bot.incidents.decisions import DECISIONS
from bot.incidents.model import Entry, Incident
from bot.incidents.outline import outline
from bot.incidents.report import post_incident_report
from bot.language import ENGLISH, Language
from bot.runbooks.execution import Execution
from bot.runbooks.machine import Event, State
from bot.runbooks.model import Approval, Hand
from checks.text import Text, say
from handlers.views.acting import acting
from handlers.views.blocks import (
    SECTION_CHARACTERS,
    Block,
    Message,
    actions,
    clip,
    code,
    context,
    fitting,
    header,
    message,
    pages,
    section,
)
from handlers.views.markdown import paragraphs
from handlers.views.outlined import heading, lead, rendered

CLOSE = "close"
_FIRST = ("approve", "done")
"""Decisions that lead on."""

_LABELS: dict[str, Text] = {
    "again": say("Look again"),
    "retry": say("Do it again"),
    "back": say("Roll back"),
    "forward": say("Do not roll back"),
    "stop": say("Stop here"),
    "pause": say("Pause"),
    "resume": say("Resume"),
    CLOSE: say("Close the incident"),
}


def incident_message(incident: Incident, language: Language = ENGLISH) -> Message:
    """The message as it should be now."""
    told = outline(incident)
    blocks = [header(heading(told, language)), _by_line(incident, language), *rendered(told.first, language)]
    fits = fitting(blocks, language.words(say("The rest is in the plan: incident show.")))
    row = _buttons(incident, language)
    text = f"{incident.cluster}: {heading(told, language)}. {lead(told, language)}".rstrip()
    return message(text, [*fits, *([actions(*row)] if row else [])])


def incident_thread(incident: Incident, language: Language = ENGLISH) -> list[Message]:
    """What hangs in the thread: a line for each thing that happened, and at the end the report."""
    told = [_entry(entry, language) for entry in incident.timeline[1:]]
    if incident.open:
        return told
    title = f"Report of the incident {incident.id}"
    report = pages([section(clip(text, SECTION_CHARACTERS)) for text in paragraphs(post_incident_report(incident))])
    return [*told, *({"text": title, "blocks": page} for page in report)]


def _entry(entry: Entry, language: Language) -> Message:
    who = f"<@{clip(entry.by.user, 40)}>" if entry.by.user else clip(entry.by.name, 80)
    lines = [clip(language.words(entry.what), 600), *(f"• {clip(language.words(t), 300)}" for t in entry.details[:12])]
    text = "\n".join(lines)
    return {"text": clip(language.words(entry.what), 300), "blocks": [section(f"{text}\n_{who}_" if who else text)]}


def _by_line(incident: Incident, language: Language) -> Block:
    owner, opener = (
        f"<@{clip(by.user, 40)}>" if by.user else clip(by.name, 80) or "nobody"
        for by in (incident.owner, incident.opened_by)
    )
    who = language.words(say("owner {owner} · opened by {opener}", owner=owner, opener=opener))
    severity = f" · {clip(incident.severity, 20)}" if incident.severity else ""
    return context(f"*{clip(incident.cluster, 80)}*{severity} · {who} · {code(incident.id)}")


def _buttons(incident: Incident, language: Language) -> list[Block]:
    if not incident.open:
        return []
    execution = incident.execution
    words = _words(execution) if execution and not execution.ended else [CLOSE]
    made = (_button(incident, word, number, language) for number, word in enumerate(words))
    return [each for buttons in made for each in buttons]


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


def _button(incident: Incident, word: str, number: int, language: Language) -> list[Block]:
    execution = incident.execution
    asked = Asked(
        command="incident",
        subject=f"{word} {incident.id}",
        parameters={REVISION: str(execution.revision)} if execution and word != CLOSE else {},
        cluster=incident.cluster,
    )
    return acting(_label(execution, word, language), asked, "primary" if number == 0 and word in _FIRST else "")


def _label(execution: Execution | None, word: str, language: Language) -> str:
    step = execution.step if execution else None
    if word == "approve":
        second = execution is not None and execution.needs is Approval.SECOND
        return language.words(say("Approve (a second person)") if second else say("Approve"))
    if word == "done":
        return language.words(say("Go on") if step is not None and step.asks else say("I have done it"))
    return language.words(_LABELS[word])
