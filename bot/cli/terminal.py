"""What the command line shows: tables, progress and reports. Colour never carries meaning alone."""

from collections.abc import Iterator

from checks.diagnosis.model import Cause
from checks.finding import Severity
from checks.report import Report
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.commands.answer import Answer, Give, Heading, Item, Mark, Name, Page, Paragraph, RunEntry
from bot.commands.answer import Text as Words
from bot.runs.model import Run

PROGRAM = "netcheck"
"""What stands before a command here."""
STYLES = {
    Severity.OK: ("✓", "green"),
    Severity.ADVICE: ("i", "cyan"),
    Severity.DEGRADED: ("!", "yellow"),
    Severity.FAILED: ("✗", "red"),
    Severity.UNKNOWN: ("?", "magenta"),
}
EXIT = {Severity.OK: 0, Severity.ADVICE: 0, Severity.DEGRADED: 1, Severity.FAILED: 1, Severity.UNKNOWN: 3}
COULD_NOT_LOOK = 3
_MARKS = {Mark.POINT: (" ", ""), Mark.WELL: ("✓", "green"), Mark.WARNING: ("!", "yellow")}


def exit_code(run: Run) -> int:
    """0 healthy or advice, 1 degraded or failed, 3 could not look."""
    if run.report is None:
        return COULD_NOT_LOOK
    diagnosis = run.report.diagnosis
    if diagnosis is None or diagnosis.verdict == "unknown":
        return EXIT[run.report.severity] or (0 if diagnosis is None else COULD_NOT_LOOK)
    return 0 if diagnosis.verdict == "healthy" else 1


def follow(console: Console, changes: Iterator[Run]) -> Run | None:
    """Show a run's progress until it has ended; the run, or None when it is not known."""
    last = None
    with Live(console=console, transient=True, refresh_per_second=8) as live:
        for run in changes:
            last = run
            live.update(_progress(run))
    return last


def report_view(run: Run) -> RenderableType:
    """A finished run."""
    if run.report is None:
        return Panel(Text(run.error or run.state), title=f"{run.request.cluster} · {run.state}", border_style="red")
    parts: list[RenderableType] = []
    if run.report.diagnosis:
        parts += _diagnosis(run.report)
    parts.append(_findings(run.report))
    parts.append(Text(f"run {run.id} · cluster {run.request.cluster} · {run.report.elapsed_s:.1f} s", style="dim"))
    return Group(*parts)


def answer_view(answer: Answer) -> RenderableType:
    """What comes of a command that starts no run."""
    if not answer.items:
        return Text(answer.title)
    pages = [item for item in answer.items if isinstance(item, Page)]
    title: list[RenderableType] = [] if pages else [Text(answer.title, style="bold")]
    return Group(*title, *(_item(item) for item in answer.items))


def _item(item: Item) -> RenderableType:
    if isinstance(item, Page):
        return Markdown(item.markdown)
    if isinstance(item, Heading):
        return Text(f"\n{item.text}", style="bold")
    if isinstance(item, RunEntry):
        return Text.assemble("  ", *_run_line(item.run))
    if isinstance(item, Paragraph):
        return Text.assemble("\n", *_pieces(item.text))
    sign, colour = _MARKS[item.mark]
    return Text.assemble((f"{sign} ", colour), *_pieces(item.text))


def _pieces(text: Words) -> Iterator[str | tuple[str, str]]:
    for piece in text:
        if isinstance(piece, Name):
            yield (piece.text, "bold")
        elif isinstance(piece, Give):
            yield (f"{PROGRAM} {piece.words}", "bold")
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


def _diagnosis(report: Report) -> list[RenderableType]:
    diagnosis = report.diagnosis
    if diagnosis is None:
        return []
    mark, colour = STYLES[Severity.OK if diagnosis.verdict == "healthy" else report.severity]
    title = Text(f"{mark} {diagnosis.verdict}", style=f"bold {colour}")
    parts: list[RenderableType] = [Panel(Text(diagnosis.summary), title=title, title_align="left", border_style=colour)]
    parts += [_cause(cause, first=number == 0) for number, cause in enumerate(diagnosis.causes[:3])]
    if diagnosis.decide:
        parts.append(Text(f"What would decide: {diagnosis.decide}"))
    chain = _plain_table("Adapter → IPv6 → CoreDNS → webhook, link by link", columns=3)
    for link in diagnosis.chain:
        chain.add_row(Text(link.claim), Text(link.answer), Text("\n".join(link.measured)))
    return [*parts, chain]


def _cause(cause: Cause, *, first: bool) -> RenderableType:
    table = _plain_table(f"{cause.title} · {100 * cause.probability:.0f} %", columns=2)
    if first and cause.fix:
        table.add_row("do first", Text(cause.fix))
    if first and cause.rollback:
        table.add_row("to undo", Text(cause.rollback))
    for word, lines in (("for", cause.pro), ("against", cause.contra), ("unknown", cause.missing)):
        for line in lines:
            table.add_row(word, Text(line))
    return table


def _findings(report: Report) -> RenderableType:
    # A diagnosis has some forty findings: those that are well would push the verdict off the screen.
    shown = [f for f in report.findings if report.diagnosis is None or f.severity is not Severity.OK]
    well = len(report.findings) - len(shown)
    table = _plain_table("Findings", columns=3)
    table.caption = f"{well} more {'is' if well == 1 else 'are'} well; --json lists all." if well else None
    for finding in shown:
        mark, colour = STYLES[finding.severity]
        lines = Text(finding.summary)
        if finding.severity not in (Severity.OK, Severity.ADVICE):
            lines.append("".join(f"\n  {line}" for line in finding.evidence), style="dim")
        table.add_row(Text(f"{mark} {finding.severity}", style=colour), Text(finding.code), lines)
    return table


def _plain_table(title: str, columns: int) -> Table:
    """A table without headings that breaks long names instead of cutting them: people copy them."""
    table = Table(title=title, title_justify="left", show_header=False, caption_justify="left")
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table
