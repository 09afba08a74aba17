"""An incident as a picture: what happened when, and who did it. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

from bot.incidents.model import Entry, Incident, Sort
from bot.language import ENGLISH, Language
from bot.pictures.model import NOTE_CHARACTERS, TITLE_CHARACTERS, Moment, Timeline, alt, cut
from bot.runs.outline.lines import each_once
from checks.text import Text, say, say_many, seconds

MOST = 18
"""Moments in one picture: more are no longer read on a phone. What people decided and what was done comes first."""
_NAME = 40
LEAST = 3
"""An incident in which less happened is told in a sentence."""
_WEIGHT = {
    Sort.OPENED: 0,
    Sort.CLOSED: 0,
    Sort.OVERRIDE: 1,
    Sort.APPROVAL: 2,
    Sort.ACTION: 3,
    Sort.DECISION: 4,
    Sort.CHECK: 5,
    Sort.ROLE: 6,
    Sort.REMINDER: 7,
}
"""What is left out last comes first."""


def timeline_of(incident: Incident, language: Language = ENGLISH) -> Timeline | None:
    """The picture of an incident; None where hardly anything happened."""
    entries = incident.timeline
    if len(entries) < LEAST:
        return None
    drawn = _weightiest(entries)
    title = say("Incident {id}: {title}", id=incident.id[:8], title=incident.title)
    began = datetime.fromtimestamp(entries[0].at, UTC).strftime("%d %b %Y %H:%M UTC")
    notes = [say("Began {when}, still open.", when=began)]
    if not incident.open:
        notes = [say("Began {when}, took {time}.", when=began, time=seconds(entries[-1].at - entries[0].at))]
    if left_out := len(entries) - len(drawn) + incident.left_out:
        notes.append(say_many("{count} lesser entry is left out.", "{count} lesser entries are left out.", left_out))
    heading = cut(language.words(title), TITLE_CHARACTERS)
    return Timeline(
        title=heading,
        alt=alt(f"{heading}.", *map(language.words, notes), *(language.words(text) for text in _phases(drawn))),
        notes=tuple(map(language.words, notes)),
        moments=tuple(_moment(entry, language) for entry in drawn),
    )


def _weightiest(entries: Sequence[Entry]) -> list[Entry]:
    order = sorted(range(len(entries)), key=lambda number: (_WEIGHT[entries[number].sort], number))
    return [entries[number] for number in sorted(order[:MOST])]


def _moment(entry: Entry, language: Language) -> Moment:
    return Moment(
        entry.at,
        entry.sort,
        cut(language.words(entry.what), NOTE_CHARACTERS),
        cut(entry.by.name or entry.by.user, _NAME),
    )


def _phases(entries: Sequence[Entry]) -> list[Text]:
    """What happened, what the same person did in a row together."""
    begin = entries[0].at
    told: list[Text] = []
    for who, group in groupby(entries, key=lambda entry: entry.by.name or entry.by.user or "netcheck"):
        own = list(group)
        what = each_once(entry.what for entry in own)
        text = say(
            "After {time} {who}: {what}.", time=seconds(own[0].at - begin), who=who, what=say("{all}", all=[*what])
        )
        told.append(text)
    return told
