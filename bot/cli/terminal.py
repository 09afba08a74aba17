"""What the command line shows: tables, progress and reports. Colour never carries meaning alone."""

from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.commands.answer import (
    Answer,
    Channel,
    Give,
    Heading,
    IncidentPage,
    Item,
    Mark,
    Name,
    Page,
    Paragraph,
    RunEntry,
    Time,
)
from bot.commands.answer import Table as Cells
from bot.commands.answer import Text as Words
from bot.incidents.report import post_incident_report
from bot.language import ENGLISH, Language, local_time
from bot.runs.model import Run
from bot.runs.outline import outline
from bot.runs.outline.model import Block, Line, Outline, Weight
from checks.text import say, seconds

PROGRAM = "netcheck"
"""What stands before a command here."""
_MARKS = {Mark.POINT: (" ", ""), Mark.WELL: ("✓", "green"), Mark.WARNING: ("!", "yellow")}


def follow(console: Console, changes: Iterator[Run]) -> Run | None:
    """Show a run's progress until it has ended; the run, or None when it is not known."""
    last = None
    with Live(console=console, transient=True, refresh_per_second=8) as live:
        for run in changes:
            last = run
            live.update(_progress(run) if run.report is None else Group(_headline(outline(run)), _progress(run)))
    return last


def report_view(run: Run, language: Language = ENGLISH) -> RenderableType:
    """A run that has a report or ended without one."""
    told = outline(run)
    return Group(
        _headline(told, language),
        *_rendered(told.first, language),
        *_rendered(told.rest, language),
        Text(),
        _small_print(run, language),
    )


def outline_view(told: Outline, language: Language = ENGLISH) -> RenderableType:
    """Anything that has an outline of its own: a plan, an incident."""
    return Group(_headline(told, language), *_rendered(told.first, language), *_rendered(told.rest, language))


def _headline(told: Outline, language: Language = ENGLISH) -> Panel:
    sign = told.heading.sign
    title = Text(f"{sign.symbol} {language.words(told.heading.text)}", style=f"bold {sign.colour}")
    return Panel(title, border_style=sign.colour)


def answer_view(answer: Answer) -> RenderableType:
    """What comes of a command that starts no run."""
    if not answer.items:
        return Text(answer.title)
    pages = [item for item in answer.items if isinstance(item, Page | IncidentPage)]
    title: list[RenderableType] = [] if pages else [Text(answer.title, style="bold")]
    return Group(*title, *(_item(item) for item in answer.items))


def _item(item: Item) -> RenderableType:
    if isinstance(item, Page | IncidentPage):
        return Markdown(item.markdown if isinstance(item, Page) else post_incident_report(item.incident))
    if isinstance(item, Heading):
        return Text(f"\n{item.text}", style="bold")
    if isinstance(item, Cells):
        return _table(item)
    if isinstance(item, RunEntry):
        return Text.assemble("  ", *_run_line(item.run))
    if isinstance(item, Paragraph):
        return Text.assemble("\n", *_pieces(item.text))
    sign, colour = _MARKS[item.mark]
    return Text.assemble((f"{sign} ", colour), *_pieces(item.text))


def _table(cells: Cells) -> RenderableType:
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in cells.head:
        # A narrow terminal breaks lines and cuts nothing off.
        made.add_column(Text(name), overflow="fold")
    for row in cells.rows:
        made.add_row(*map(Text, row))
    return Padding(made, (1, 0, 0, 2))


def _pieces(text: Words) -> Iterator[str | tuple[str, str]]:
    for piece in text:
        if isinstance(piece, Name):
            yield (piece.text, "bold")
        elif isinstance(piece, Give):
            yield (f"{PROGRAM} {piece.words}", "bold")
        elif isinstance(piece, Time):
            yield local_time(piece.at)
        elif isinstance(piece, Channel):
            yield piece.id
        else:
            yield piece


def _run_line(run: Run) -> Iterator[str | tuple[str, str]]:
    yield (run.id, "bold")
    verdict = run.report.diagnosis.verdict if run.report and run.report.diagnosis else ""
    words = " ".join((run.request.command, *(run.request.checks if run.request.command == "run" else ())))
    yield f" {words} by {run.request.requested_by.name or 'nobody'}: {run.state} {verdict}".rstrip()


def _progress(run: Run) -> RenderableType:
    progress = run.progress
    bar = ProgressBar(total=max(progress.total, 1), completed=progress.done, width=30)
    words = Text(f"{progress.done} of {progress.total} jobs · {progress.stage}" if progress.total else progress.stage)
    grid = Table.grid(padding=(0, 1))
    grid.add_row(bar, words)
    return grid


def _rendered(blocks: Iterable[Block], language: Language) -> Iterator[RenderableType]:
    """Blocks of an outline. Long names are broken and never cut: people copy them."""
    for block in blocks:
        title = language.words(block.title) if block.title else ""
        lines = [_line(line, language) for line in block.lines]
        match block.weight:
            case Weight.SMALL:
                yield Text(": " * bool(title)).join([Text(title), Text(" · ").join(lines)])
            case Weight.POINTS:
                yield Padding(Group(Text(title, style="italic"), *(Text("• ").append_text(ln) for ln in lines)), (0, 2))
            case Weight.COMMANDS:
                yield Padding(Text(title, style="italic"), (0, 2))
                yield from (Text(f"    {line.plain}", no_wrap=True, overflow="ignore") for line in lines)
            case Weight.PARAGRAPHS | Weight.STEPS:
                yield Group(*([Text(f"\n{title}", style="bold")] if title else []), *lines)


def _line(line: Line, language: Language) -> Text:
    shown = Text()
    if line.sign:
        shown.append(f"{line.sign.symbol} {language.words(line.sign.word)}: ", style=line.sign.colour)
    shown.append(language.words(line.text))
    if line.code:
        shown.append(f"  {line.code}", style="dim")
    for text in line.evidence:
        shown.append(f"\n  {language.words(text)}", style="dim")
    return shown


def _small_print(run: Run, language: Language) -> Text:
    parts = [say("run {id}", id=run.id), say("cluster {cluster}", cluster=run.request.cluster)]
    parts += [say("took {time}", time=seconds(run.report.elapsed_s))] if run.report else []
    return Text(" · ".join(map(language.words, parts)), style="dim")
