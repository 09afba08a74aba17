"""What the command line shows of a run."""

import io

import pytest
from rich.console import Console

from bot.cli.terminal import report_view
from bot.runs.model import Run
from checks.place import Node
from checks.text import say
from tests.handlers.reports import REPORT, TCP_FAILS, VMXNET3, ended, hostile, replaced, report, run


def shown(run: Run, width: int = 120) -> str:
    """The text on a terminal of that width."""
    console = Console(file=io.StringIO(), width=width)
    console.print(report_view(run))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_verdict_comes_first() -> None:
    """Verdict, what to do, why, then what would decide, the findings and the chain."""
    text = shown(ended())
    order = [
        "✗ Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %",
        "Do this first",
        "To undo it: ",
        "Why",
        "Speaks for it",
        "• D: TCP fails on 1 of 2 pairs. (w1 → w2)",
        "What would decide",
        "✗ Failed: D: TCP fails on 1 of 2 pairs. (w1 → w2)  links.tcp",
        "0 of 3 connections, 100 % lost",
        "✓ Well: 2 findings: ping and offload",
        "link by link",
        "✓ holds: The adapter is VMXNET3",
        "run 0123456789 · cluster prod · took 6.2 s",
    ]
    assert order == sorted((line for line in order if line in text), key=text.index)


def test_colour_is_never_alone() -> None:
    """Where there is no colour, sign and word remain."""
    assert "\x1b" not in shown(ended())
    assert "? Not done" in shown(run(state="failed", error="The API server does not answer."))


def test_a_run_without_a_report_says_why() -> None:
    """The reason is what helps."""
    assert "The API server does not answer." in shown(run(state="failed", error="The API server does not answer."))


def test_what_looks_like_markup_is_text() -> None:
    """A pod may be called `[red]` or `[/]` without painting or breaking anything."""
    text = say("{pod} is gone [/bold]", pod="[red]web[/red] [link=https://evil.invalid]x[/link]")
    assert "[red]web[/red] [link=https://evil.invalid]x[/link] is gone [/bold]" in shown(
        ended(report(replaced(TCP_FAILS, text=text)))
    )


@pytest.mark.parametrize("width", [20, 40, 80])
def test_long_names_are_broken_and_never_cut(width: int) -> None:
    """People copy them."""
    name = "w" + "0123456789" * 20
    cause = replaced(VMXNET3, fix=say("Restart {node}.", node=Node(name)))
    diagnosis = replaced(REPORT.diagnosis, causes=(cause,))

    text = shown(ended(replaced(REPORT, diagnosis=diagnosis)), width)

    assert name in "".join(character for character in text if character.isalnum())
    assert "…" not in text.partition("Do this first")[2]


def test_no_record_breaks_the_terminal() -> None:
    """Whatever a record holds, something is shown."""
    assert shown(ended(hostile(40)))
