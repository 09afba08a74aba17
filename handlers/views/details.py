"""The thread of a run that has ended: what did not fit into its message, and more for whoever wants to know.

A run of one check says in its thread nothing that its message has said, so often it has no thread at all.
"""

from bot.language import ENGLISH, Language
from bot.runs.model import Run
from checks.text import say, say_many
from handlers.views.blocks import Message, clip, code, message, pages, section
from handlers.views.outlined import rendered
from handlers.views.run import left_over, told_of

MESSAGES = 5
"""More than so many messages in a thread help nobody; the rest is counted."""


def details(run: Run, language: Language = ENGLISH) -> list[Message]:
    """The messages for the thread; none when there is no more to say."""
    if run.report is None:
        return []
    told = told_of(run)
    blocks = [*left_over(run, told, language), *rendered(told.rest, language)]
    if not blocks:
        return []
    title = say("Findings in {cluster}", cluster=clip(run.request.cluster, 80))
    cut = pages([section(f"*{language.words(title)}* · {code(run.id)}"), *blocks])
    if len(cut) > MESSAGES:
        left = sum(len(page) for page in cut[MESSAGES:])
        note = say_many(
            "{count} further section does not fit here; `netcheck run CHECK --json` shows one check in full.",
            "{count} further sections do not fit here; `netcheck run CHECK --json` shows one check in full.",
            left,
        )
        cut = [*cut[: MESSAGES - 1], [*cut[MESSAGES - 1][:-1], section(language.words(note))]]
    return [message(_numbered(run, number, len(cut), language), page) for number, page in enumerate(cut, 1)]


def _numbered(run: Run, number: int, count: int, language: Language) -> str:
    cluster = run.request.cluster[:80]
    text = say("{cluster}: findings ({number} of {count})", cluster=cluster, number=number, count=count)
    return language.words(text)
