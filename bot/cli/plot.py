"""`--plot FILE`: what a run, an incident or history shows as a picture, and in words where no picture can be drawn."""

import logging
from pathlib import Path

from bot.commands.answer import Answer
from bot.errors import UsageError
from bot.pictures import matrix
from bot.pictures.model import Picture
from bot.pictures.render import NotDrawnError, rendered
from bot.pictures.words import in_words
from bot.runs.model import Run

NOTHING = "There is nothing to draw: %s. %s was not written."

log = logging.getLogger(__name__)


def plot_run(run: Run, path: str) -> None:
    """Draw what the run measured between nodes."""
    picture = matrix.measured(run.report) if run.report else None
    _plot(picture, path, "no probe of this run went from one node to another")


def plot_answer(answer: Answer, path: str) -> None:
    """Draw what an answer shows: an incident, or numbers over time."""
    _plot(answer.picture, path, "hardly anything was seen of it yet")


def _plot(picture: Picture | None, path: str, nothing: str) -> None:
    if picture is None:
        log.warning(NOTHING, nothing, path)
        return
    try:
        drawn = rendered(picture)
    except NotDrawnError as error:
        log.warning("The picture could not be drawn (%s). In words:\n%s\n%s", error, picture.title, in_words(picture))
        return
    try:
        Path(path).write_bytes(drawn)
    except OSError as error:
        raise UsageError(
            f"The picture cannot be saved: {error}.", hint="Give --plot a file in a folder that exists and is yours."
        ) from None
    log.info("drew a picture to %s: %s", path, picture.alt)
