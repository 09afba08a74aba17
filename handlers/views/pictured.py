"""What hangs in a thread as a picture, and the words that stand there where it cannot be a picture."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.digests.model import Digest
from bot.incidents.model import Incident
from bot.language import ENGLISH, Language
from bot.pictures.matrix import failed, matrix_of
from bot.pictures.model import Picture
from bot.pictures.timeline import timeline_of
from bot.pictures.words import in_words
from bot.runs.model import Run
from checks.diagnosis.model import HEALTHY
from handlers.views.blocks import Message, clip, fenced, message, section

_NOTES = 3
_NOTE_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Pictured:
    """A part of a record that is a picture."""

    part: str
    """Its name among the record's parts."""
    file: str
    """The file's name: of this part of this record alone, so that it is found again in the thread."""
    picture: Picture
    instead: Message
    """The same as text."""


def pictured_run(run: Run, language: Language = ENGLISH) -> Iterator[Pictured]:
    """The matrix that a diagnosis rests on, once it has ended; nothing where all is well or it rests on no matrix."""
    report = run.report
    if run.open or report is None or report.diagnosis is None or report.diagnosis.verdict == HEALTHY:
        return
    matrix = failed(report, language)
    if matrix is not None:
        yield _pictured("matrix", f"netcheck-{run.id}-matrix.png", matrix)


def pictured_digest(digest: Digest, language: Language = ENGLISH) -> Iterator[Pictured]:
    """The matrix of what fails, where something does, and how DNS went, where that is told."""
    matrix = matrix_of(digest.drawn, (), language) if digest.drawn and not digest.severity.well else None
    if matrix is not None:
        yield _pictured("matrix", f"netcheck-{digest.id}-matrix.png", matrix)
    if digest.course is not None:
        yield _pictured("dns", f"netcheck-{digest.id}-dns.png", digest.course)


def pictured_incident(incident: Incident, language: Language = ENGLISH) -> Iterator[Pictured]:
    """The timeline of an incident that is closed."""
    timeline = None if incident.open else timeline_of(incident, language)
    if timeline is not None:
        yield _pictured("timeline", f"netcheck-{incident.id}-timeline.png", timeline)


def _pictured(part: str, file: str, picture: Picture) -> Pictured:
    notes = "\n".join(clip(note, _NOTE_CHARACTERS) for note in picture.notes[:_NOTES])
    words = section(f"*{clip(picture.title, _NOTE_CHARACTERS)}*\n{notes}".rstrip())
    return Pictured(part, file, picture, message(picture.alt, [words, section(fenced(in_words(picture)))]))
