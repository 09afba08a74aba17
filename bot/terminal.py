"""What the command line shows: tables, progress and reports. Colour never carries meaning alone."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.grammar import COMMANDS
from bot.language import ENGLISH, Language
from bot.runs.model import Run
from bot.runs.outline import outline
from bot.runs.outline.model import Block, Line, Weight
from bot.runs.status import Status
from checks.registry import CHECKS
from checks.text import say, seconds


def print_json(console: Console, value: Any) -> None:
    """One JSON document on standard output."""
    console.file.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def follow(console: Console, changes: Iterator[Run]) -> Run | None:
    """Show a run's progress until it has ended; the run, or None when it is not known."""
    last = None
    with Live(console=console, transient=True, refresh_per_second=8) as live:
        for run in changes:
            last = run
            live.update(_progress(run))
    return last


def report_view(run: Run, language: Language = ENGLISH) -> RenderableType:
    """A run that has a report or ended without one."""
    told = outline(run)
    sign = told.heading.sign
    title = Text(f"{sign.symbol} {language.words(told.heading.text)}", style=f"bold {sign.colour}")
    return Group(
        Panel(title, border_style=sign.colour),
        *_rendered(told.first, language),
        *_rendered(told.rest, language),
        Text(),
        _small_print(run, language),
    )


def status_view(status: Status) -> RenderableType:
    """How netcheck itself is."""
    table = Table(title=f"netcheck in {status.cluster}", show_header=False, title_justify="left")
    for member in status.members:
        table.add_row(member.role, member.name, f"seen {member.age_s:.1f} s ago")
    if not status.members:
        table.add_row("nobody", "", "no worker and no agent was heard of in the last minute")
    for row in status.backlog:
        table.add_row("waiting", row.stream, f"{row.entries}, the oldest for {row.oldest_s:.1f} s")
    for letter in status.dead:
        table.add_row("given up", letter.stream, f"{letter.age_s:.0f} s ago: {letter.reason}")
    for run in status.recent:
        verdict = run.report.diagnosis.verdict if run.report and run.report.diagnosis else ""
        words = " ".join((run.request.command, *(run.request.checks if run.request.command == "run" else ())))
        table.add_row("run", run.id, f"{words}: {run.state} {verdict}".rstrip())
    return table


def checks_view() -> RenderableType:
    """The registered checks."""
    table = Table(title="Checks", title_justify="left")
    for heading in ("check", "answers", "runs on"):
        table.add_column(heading)
    for check in CHECKS.values():
        table.add_row(check.name, check.title, ", ".join(check.networks))
    return table


def commands_view(topic: str = "") -> RenderableType:
    """The commands that Slack and the command line share, or one of them."""
    table = Table(title="Commands", title_justify="left")
    for heading in ("write", "to", "for example"):
        table.add_column(heading)
    for command in COMMANDS:
        if topic not in ("", command.name):
            continue
        table.add_row(Text(command.usage), command.meaning, Text(command.example))
    return table


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
            case Weight.PARAGRAPHS:
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
