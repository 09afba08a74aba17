"""The message of a digest: one line when nothing happened, else what changed, what is wrong and what to do."""

from collections.abc import Iterator
from functools import partial

from bot.commands.grammar import Asked
from bot.digests.composed import quiet
from bot.digests.model import Digest, State
from bot.digests.week import Trouble, Week
from bot.language import ENGLISH, Language
from bot.runs.outline.model import NOT_DONE, SIGNS
from checks.changes import Change, Turn
from checks.text import say, say_many, seconds
from handlers.views.acting import acting
from handlers.views.blocks import (
    Block,
    Message,
    Part,
    actions,
    clip,
    code,
    context,
    fitting,
    mention,
    message,
    sections,
    time,
)
from handlers.views.outlined import sentence

LATE_S = 120.0
"""What comes so late says so."""
SHOWN = 8
"""Changes that the message shows; its thread has all."""
_MARKS = {
    Turn.NEW: ":new:",
    Turn.WORSE: ":arrow_upper_right:",
    Turn.HIDDEN: ":grey_question:",
    Turn.BETTER: ":arrow_lower_right:",
    Turn.GONE: ":white_check_mark:",
}
_LINE, _STEP = 400, 600


def digest_message(digest: Digest, language: Language = ENGLISH) -> Message:
    """The message as it should be."""
    if digest.watch:
        return _alarm(digest, language)
    title = f"{_emoji(digest)} *{clip(digest.cluster, 80)}*: {clip(_heading(digest, language), 300)}"
    lines = [title]
    if quiet(digest):
        said = _unchanged(digest, language) or language.words(say("As it should be."))
        lines[0] = f"{title} {said}"
    else:
        lines += _body(digest, language)
    blocks: list[Block] = [*sections(lines), context(_small(digest, language))]
    row = _buttons(digest, language)
    fits = fitting(blocks, language.words(say("The rest does not fit here.")), room=[actions(*row)])
    return message(f"{digest.cluster}: {_heading(digest, language)}", [*fits, actions(*row)])


def _alarm(digest: Digest, language: Language) -> Message:
    """What failed anew between two digests."""
    called = " ".join(map(mention, digest.mention))
    lines = [
        f":rotating_light: *{clip(digest.cluster, 80)}*: {clip(_heading(digest, language), 300)} {called}".rstrip()
    ]
    for change in digest.changes[:SHOWN]:
        lines.append(_change_line(change, language))
        if change.code in digest.flapping:
            told = say("It comes and goes: it is called out again when it was well for an hour.")
            lines.append(language.words(told))
    row = actions(*_buttons(digest, language))
    return message(f"{digest.cluster}: {_heading(digest, language)}", [*fitting(sections(lines), "…", room=[row]), row])


def digest_thread(digest: Digest, language: Language = ENGLISH) -> Iterator[Part]:
    """What hangs in the thread: all changes, where the message shows some of them."""
    if len(digest.changes) > SHOWN:
        yield "changes", partial(_all_changes, digest, language)


def _all_changes(digest: Digest, language: Language) -> Message:
    lines = [_change_line(change, language) for change in digest.changes]
    fits = fitting(sections(lines), language.words(say("The rest does not fit here.")))
    return message(language.words(say("All that has changed")), fits)


def _change_line(change: Change, language: Language) -> str:
    return f"{_MARKS[change.turn]} {clip(language.words(change.sentence), _LINE)}"


def _emoji(digest: Digest) -> str:
    return (NOT_DONE if digest.failed else SIGNS[digest.severity]).emoji


def _heading(digest: Digest, language: Language) -> str:
    return language.words(digest.heading) if digest.heading else ""


def _body(digest: Digest, language: Language) -> Iterator[str]:
    if digest.failed:
        yield clip(language.words(say("Its run came to nothing: {why}", why=digest.failed)), _STEP)
        yield language.words(say("That says nothing about the cluster: it could be well or not."))
    if digest.past:
        yield sentence(digest.past, language, _LINE)
    yield from _changed(digest, language)
    if digest.week:
        yield from _week(digest.week, language)
    if digest.trends:
        yield f"*{language.words(say('The last seven days'))}*"
    for trend in digest.trends:
        told = say("{what}: now {last}, at worst {worst}", what=trend.what, last=trend.last, worst=trend.worst)
        yield f"{code(trend.line.replace(' ', chr(0xB7)))} {clip(language.words(told), _LINE)}"
    if digest.silent:
        yield clip(language.words(say("Not heard of: {nodes}", nodes=", ".join(digest.silent))), _LINE)
    if digest.next_step and not digest.severity.well:
        yield f"*{language.words(say('Do this first'))}*: {clip(language.words(digest.next_step), _STEP)}"
    if digest.incidents:
        ids = ", ".join(digest.incidents)
        told = say_many("{count} open incident: {ids}", "{count} open incidents: {ids}", len(digest.incidents), ids=ids)
        yield clip(language.words(told), _LINE)


def _unchanged(digest: Digest, language: Language) -> str:
    if not digest.since:
        return ""
    return language.words(say("Nothing has changed since {time}.", time=time(digest.since)))


def _changed(digest: Digest, language: Language) -> Iterator[str]:
    if not digest.changes:
        if digest.since:
            yield _unchanged(digest, language)
        return
    yield f"*{language.words(say('Changed since {time}', time=time(digest.since)))}*"
    for change in digest.changes[:SHOWN]:
        yield _change_line(change, language)
    left = len(digest.changes) - SHOWN
    if left > 0:
        yield language.words(say_many("and {count} more in the thread", "and {count} more in the thread", left))


def _week(week: Week, language: Language) -> Iterator[str]:
    """How much of the time it was well, what was not, and who saw to it."""
    text = say("In {days} days nothing was seen that was not well.", days=week.days)
    if week.unwell:
        text = say("Something was not well on {count} of {days} days.", count=week.unwell, days=week.days)
    yield f"*{language.words(say('Since {time}', time=time(week.since)))}*"
    yield language.words(text)
    if week.looked < week.days:
        unknown = week.days - week.looked
        told = say_many("Nobody looked on {count} of them.", "Nobody looked on {count} of them.", unknown)
        yield f":grey_question: {language.words(told)}"
    yield from (_trouble(each, language) for each in week.troubles)
    if week.more:
        yield language.words(say_many("and {count} more", "and {count} more", week.more))
    if week.opened or week.closed:
        told = say("Incidents: {opened} opened, {closed} closed.", opened=week.opened, closed=week.closed)
        yield language.words(told)


def _trouble(trouble: Trouble, language: Language) -> str:
    lasted = seconds(trouble.lasted_s)
    told = say_many(
        "{what}: once, {lasted}",
        "{what}: {count} times, {lasted} in all",
        trouble.times,
        what=trouble.what,
        lasted=lasted,
    )
    if trouble.open:
        told = say("{told}; it goes on", told=told)
    elif trouble.fixed_by:
        told = say("{told}, then fixed by {runbook}", told=told, runbook=trouble.fixed_by)
    return f"• {clip(language.words(told), _LINE)}"


def _small(digest: Digest, language: Language) -> str:
    told = [say("Digest {id}", id=digest.definition), say("due {time}", time=time(digest.fired_at))]
    if digest.late_s > LATE_S:
        told.append(say("late, because nobody was there to make it"))
    return " · ".join([*map(language.words, told), code(f"/netcheck digest pause {digest.definition}")])


def _buttons(digest: Digest, language: Language) -> list[Block]:
    again = Asked(command="diagnose", cluster=digest.cluster)
    mute = Asked(command="digest", subject=f"mute {digest.definition} 24h", cluster=digest.cluster)
    incident = Asked(command="incident", subject="open", cluster=digest.cluster)
    rows = [*acting(language.words(say("Diagnose now")), again)]
    if digest.state is State.POSTED and not digest.severity.well:
        rows += acting(language.words(say("Open an incident")), incident)
    return [*rows, *acting(language.words(say("Mute for a day")), mute)]
