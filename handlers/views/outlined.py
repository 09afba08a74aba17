"""An outline as Block Kit: every block of it as sections, in its order."""

from collections.abc import Iterable, Iterator, Mapping

from bot.incidents.outline import BACKED, LATER, NEXT, TAKEN, TROUBLED
from bot.language import Language
from bot.runs.outline import model
from bot.runs.outline.model import Line, Outline, Weight
from checks.text import Text
from handlers.views.blocks import (
    SECTION_CHARACTERS,
    Block,
    clip,
    code,
    context,
    dated,
    fenced,
    marked,
    section,
    sections,
)
from handlers.views.tasks import Status, plan

_TITLE, _PARAGRAPH, _LINE, _EVIDENCE, _CODE, _COMMANDS = 300, 1500, 700, 400, 100, 2000
"""Characters of each."""
_STATUS: Mapping[str, Status] = {
    TAKEN.emoji: Status.COMPLETE,
    BACKED.emoji: Status.COMPLETE,
    NEXT.emoji: Status.IN_PROGRESS,
    TROUBLED.emoji: Status.ERROR,
    LATER.emoji: Status.PENDING,
}


def heading(outline: Outline, language: Language) -> str:
    """The headline as plain text, sign first."""
    return f"{outline.heading.sign.emoji} {language.words(outline.heading.text)}"


def lead(outline: Outline, language: Language) -> str:
    """The first paragraph as plain text: what a locked phone shows after the headline."""
    for block in outline.first:
        if block.weight is Weight.PARAGRAPHS and block.lines:
            line = language.words(block.lines[0].text)
            return f"{language.words(block.title)}: {line}" if block.title else line
    return ""


def rendered(blocks: Iterable[model.Block], language: Language) -> list[Block]:
    """Blocks of an outline; what belongs together stays in one section as far as it fits."""
    made: list[Block] = []
    lines: list[str] = []
    for block in blocks:
        if block.weight is not Weight.POINTS:
            made += sections(lines)
            lines = []
        if block.weight is Weight.SMALL:
            made.append(context(_small(block, language)))
        elif block.weight is Weight.COMMANDS:
            made += _commands(block, language)
        elif block.weight is Weight.STEPS:
            made.append(_steps(block, language))
        else:
            lines += _lines(block, language)
    return made + sections(lines)


def _small(block: model.Block, language: Language) -> str:
    title = f"{clip(language.words(block.title), _TITLE)}: " if block.title else ""
    return title + " · ".join(_line(line, language, _LINE) for line in block.lines)


def _commands(block: model.Block, language: Language) -> list[Block]:
    """Lines to copy, in as many sections as hold them: a code block that is cut would be copied as a wrong command."""
    title = f"_{clip(language.words(block.title), _TITLE)}_\n" if block.title else ""
    parts: list[list[str]] = [[]]
    for line in (language.words(line.text) for line in block.lines):
        if parts[-1] and sum(map(len, parts[-1])) + len(line) > _COMMANDS:
            parts.append([])
        parts[-1].append(line)
    texts = [fenced("\n".join(part), SECTION_CHARACTERS - len(title)) for part in parts]
    return [section(title + text if number == 0 else text) for number, text in enumerate(texts)]


def _steps(block: model.Block, language: Language) -> Block:
    def task(line: Line) -> tuple[str, Status]:
        words = language.words(line.text)
        if line.sign is None:
            return words, Status.PENDING
        # A state is never told by a sign alone, and Slack's own signs of tasks know fewer states.
        return f"{language.words(line.sign.word)}: {words}", _STATUS[line.sign.emoji]

    return plan(language.words(block.title) if block.title else "", [task(line) for line in block.lines])


def _lines(block: model.Block, language: Language) -> Iterator[str]:
    points = block.weight is Weight.POINTS
    if block.title:
        mark = "_" if points else "*"
        yield f"{mark}{clip(language.words(block.title), _TITLE)}{mark}"
    for line in block.lines:
        shown = _line(line, language, _LINE if points or line.sign else _PARAGRAPH)
        yield f"• {shown}" if points else shown
        for text in line.evidence:
            yield f"• {sentence(text, language, _EVIDENCE, one_line=True)}"


def _line(line: Line, language: Language, most: int) -> str:
    sign = f"{line.sign.emoji} {clip(language.words(line.sign.word), _TITLE)}: " if line.sign else ""
    name = f" {code(line.code, _CODE)}" if line.code else ""
    return f"{sign}{sentence(line.text, language, most)}{name}"


def sentence(text: Text, language: Language, most: int, *, one_line: bool = False) -> str:
    """A sentence as mrkdwn of about so many characters, with its times as everybody's own Slack shows them."""
    words = language.telling(marked).words(text)
    return dated(clip(" ".join(words.split()) if one_line else words, most))
