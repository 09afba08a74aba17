"""A run in a few words, for lists of runs."""

from bot.language import ENGLISH
from bot.runs.model import Run
from bot.runs.outline import outline
from bot.runs.outline.model import CANCELLED, NOT_DONE
from handlers.views.outlined import heading

ENDED: dict[str, tuple[str, str]] = {
    "failed": (NOT_DONE.emoji, ENGLISH.words(NOT_DONE.word)),
    "cancelled": (CANCELLED.emoji, ENGLISH.words(CANCELLED.word)),
}
"""Emoji and word of a run that ended without a report."""


def headline(run: Run) -> str:
    """What came out, in one plain line."""
    return heading(outline(run), ENGLISH)
