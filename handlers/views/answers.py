"""What only the person who asked sees: answers, questions and mistakes."""

import re
from collections.abc import Iterator

from bot.commands.answer import (
    Answer,
    Channel,
    File,
    Give,
    Heading,
    IncidentPage,
    Item,
    Mark,
    Name,
    Opened,
    Page,
    Paragraph,
    Piece,
    RunEntry,
    Started,
    Table,
    Text,
    Time,
)
from bot.commands.grammar import AmbiguousCluster
from bot.commands.registry import COMMANDS
from bot.errors import NetcheckError, NotPermitted
from bot.runs.model import Run
from handlers.views.blocks import (
    HEADER_CHARACTERS,
    SECTION_CHARACTERS,
    Block,
    Message,
    actions,
    button,
    clip,
    code,
    cut,
    fenced,
    fitting,
    header,
    mention,
    message,
    plain,
    section,
    sections,
    select,
    time,
)
from handlers.views.incident import incident_lines
from handlers.views.markdown import paragraphs
from handlers.views.run import what
from handlers.views.wording import ENDED, headline

COMMAND = "/netcheck"
CHOOSE = "choose_cluster"
"""The `action_id` of the menu of clusters, and the beginning of each button's."""
_BUTTONS = 5
_ERROR_CHARACTERS = 1500
_PIECE_CHARACTERS = 500
_TITLE_CHARACTERS = 24
_CELL_CHARACTERS = 60
_TABLE_CHARACTERS = 2400
"""Of one block of code: escaping makes it longer."""
_MARKS = {Mark.POINT: "•", Mark.WELL: ":white_check_mark:", Mark.WARNING: ":warning:"}
_SHELL = re.compile(rf"^netcheck (?={'|'.join(COMMANDS)})", re.MULTILINE)
"""A command in an example of a README, as the command line takes it."""
_NO_FILE = {
    "missing_scope": "the app lacks the scope files:write.",
    "not_in_channel": "I am not in its channel.",
    "channel_not_found": "I am not in its channel.",
    "not_drawn": "it could not be drawn.",
}
_MORE = "There is more than fits here."


def said(text: str) -> Message:
    """One plain sentence."""
    return message(text, [section(clip(text, _ERROR_CHARACTERS))])


def mistake(error: NetcheckError) -> Message:
    """What is wrong and what to do about it."""
    text = f":warning: {clip(error.reason, _ERROR_CHARACTERS)}"
    if isinstance(error, NotPermitted):
        # They are named and not called: only whoever may not sees it, and Slack notifies nobody who does not see it.
        return message(error.text, [section(" ".join([text, *map(mention, error.ask)]))])
    command = f" {_command(error.command)}" if error.command else ""
    return message(error.reason, [section(text + command)])


def unseen(started: Started | Opened, trouble: str) -> Message:
    """A run was started or an incident moved on, and nobody will see it in the channel."""
    if isinstance(started, Opened):
        text = f"The incident {started.incident} of {started.cluster} has moved on. {trouble} See how it stands:"
        told = _command(f"incident show {started.incident}")
        return message(text, [section(f":warning: {clip(text, _ERROR_CHARACTERS)} {told}")])
    text = f"Run {started.run} in {started.cluster} is on its way. {trouble} Its verdict is in the status:"
    return message(text, [section(f":warning: {clip(text, _ERROR_CHARACTERS)} {_command('status')}")])


def moved_on(opened: Opened) -> Message:
    """An incident was joined or moved on whose message stands elsewhere."""
    where = f" Its message is in {mention(opened.channel)}." if opened.channel else ""
    told = f"The incident {code(opened.incident)} goes on.{where} How it stands: "
    text = f"The incident {opened.incident} goes on."
    return message(text, [section(f"{told}{_command(f'incident show {opened.incident}')}")])


def not_opened(question: NetcheckError) -> Message:
    """A form did not open in time: what to type instead."""
    text = "Slack did not open the form in time. Press or type it again, or give all of it at once, for example:"
    return message(text, [section(f":warning: {text} {_command(question.command)}")])


def in_thread(file: File) -> Message:
    """A file is where it belongs."""
    where = f" in {mention(file.where.channel)}" if file.where else ""
    there = f"in the thread{where}" if file.where and file.where.thread else where.strip()
    return message(f"{file.name} is uploaded.", [section(f"{code(file.name)} is {there}.")])


def instead_of_file(text: Message, code_of_slack: str) -> Message:
    """Why there is no file, before what would have been in it."""
    why = _NO_FILE.get(code_of_slack, "Slack did not take it.")
    warning = section(
        f":warning: {clip(f'The file could not be put there: {why} This is its text.', _ERROR_CHARACTERS)}"
    )
    return {**text, "blocks": fitting([warning, *text["blocks"]], _MORE)}


def in_place_of_form(view: Message) -> dict[str, object]:
    """What a form shows once it was submitted and something is to be said."""
    title, close = plain("netcheck", _TITLE_CHARACTERS), plain("Close", _TITLE_CHARACTERS)
    blocks = [_as_section(block) for block in view["blocks"] if block["type"] in ("header", "section")]
    return {"type": "modal", "title": title, "close": close, "blocks": blocks}


def _as_section(block: Block) -> Block:
    return block if block["type"] == "section" else section(f"*{clip(block['text']['text'], 200)}*")


def outdated(kind: str) -> Message:
    """Something was pressed or chosen that this version does not know."""
    return said(f"This {kind} is from another version of netcheck and does nothing any more.")


def outdated_form() -> dict[str, object]:
    """The same for a form: what takes its place."""
    return in_place_of_form(said("This form is from another version of netcheck, so what you entered was not taken."))


def answer_view(answer: Answer, trouble: str = "") -> Message:
    """What comes of a command that starts no run, and why netcheck cannot write in channels, if that is so."""
    lines = [line for item in answer.items for line in _lines(item)]
    warning = [f":warning: {clip(trouble, _ERROR_CHARACTERS)}"] if trouble else []
    if not lines:
        return message(answer.title, sections([clip(answer.title, _ERROR_CHARACTERS), *warning]))
    pages = any(isinstance(item, Page) for item in answer.items)
    title = [] if pages else [header(clip(answer.title, HEADER_CHARACTERS))]
    return message(answer.title, fitting([*title, *sections([*warning, *lines])], _MORE))


def which_cluster(question: AmbiguousCluster, ask: str) -> Message:
    """Ask which cluster is meant; `ask` is the opaque id that the choice brings back."""
    labels = [(name, f"{ask}:{number}") for number, name in enumerate(question.choices)]
    if len(labels) <= _BUTTONS:
        asked = actions(*(button(name, f"{CHOOSE}_{number}", value) for number, (name, value) in enumerate(labels)))
    else:
        asked = actions(select("Cluster", CHOOSE, labels))
    text = f"Which cluster? Next time it can be said at once: {_command(question.command)}"
    return message("Which cluster?", [section(text), asked])


def _lines(item: Item) -> Iterator[str]:
    """An item as lines of mrkdwn."""
    if isinstance(item, Page):
        for text in paragraphs(_SHELL.sub(f"{COMMAND} ", item.markdown)):
            yield from (f"{part}\n" for part in _in_sections(text))
    elif isinstance(item, IncidentPage):
        yield from incident_lines(item.incident)
    elif isinstance(item, Heading):
        yield f"*{clip(item.text, _PIECE_CHARACTERS)}*"
    elif isinstance(item, RunEntry):
        yield _run(item.run)
    elif isinstance(item, Table):
        yield from _table(item)
    elif isinstance(item, Paragraph):
        yield f"{_mrkdwn(item.text)}\n"
    else:
        yield f"{_MARKS[item.mark]} {_mrkdwn(item.text)}"


def _in_sections(text: str) -> Iterator[str]:
    """A paragraph in parts that fit; a list or a table is cut between its lines, code is not cut in parts."""
    if text.startswith("```"):
        yield cut(text, SECTION_CHARACTERS - 1)
        return
    for block in sections(cut(line, SECTION_CHARACTERS - 2) for line in text.split("\n")):
        yield block["text"]["text"][: SECTION_CHARACTERS - 1]


def _table(table: Table) -> Iterator[str]:
    """A table in blocks of code, each with its head and as many rows as it takes."""
    rows = [[cell[:_CELL_CHARACTERS].replace("\n", " ") for cell in row] for row in (table.head, *table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    each = max(1, _TABLE_CHARACTERS // (len(head) + 1) - 1)
    for first in range(0, len(lines), each):
        yield fenced("\n".join(line.rstrip() for line in [head, *lines[first : first + each]]))


def _mrkdwn(text: Text) -> str:
    return "".join(_piece(piece) for piece in text)


def _piece(piece: Piece) -> str:
    match piece:
        case Name(text=text):
            return code(text)
        case Time(at=at):
            return time(at)
        case Channel(id=channel):
            return mention(channel)
        case Give(words=words):
            return _command(words)
    return clip(piece, _PIECE_CHARACTERS)


def _command(words: str) -> str:
    return code(f"{COMMAND} {words}")


def _run(run: Run) -> str:
    if run.report is not None:
        outcome = headline(run)
    else:
        outcome = " ".join(ENDED.get(run.state, (":hourglass_flowing_sand:", run.state)))
    by = clip(run.request.requested_by.name, 80) or "nobody"
    return f"• {code(run.id)} {what(run.request)} by {by}: {clip(outcome, 200)}"
