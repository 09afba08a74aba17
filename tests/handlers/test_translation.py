"""A second language is a catalogue: nothing that people read of a report stays English."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from bot.cli.terminal import report_view
from bot.language import Language
from bot.runs.model import Run
from checks.text import say
from handlers.views.details import details
from handlers.views.run import run_message
from tests.bot.catalogues import CLOSED, LOCALE, OPENED, marked
from tests.handlers import reports
from tests.handlers.reports import (
    ABSENT,
    DIAGNOSIS,
    ERRORS_RISE,
    FINDINGS,
    MTU,
    PING,
    PING_PASSES,
    REPORT,
    SPREAD_POORLY,
    TCP_FAILS,
    UNSEEN_TCP,
    VMXNET3,
    W3_SILENT,
    ended,
    replaced,
    report,
    run,
    verdict,
)
from tests.handlers.test_views import words

RUNS = {
    "a cause": ended(),
    "two causes": ended(
        report(*FINDINGS, diagnosis=replaced(DIAGNOSIS, also=(MTU.slug,), causes=(VMXNET3, MTU)), elapsed_s=0.2)
    ),
    "provisional": ended(replaced(REPORT, awaited=("dns",)), state="running"),
    "revised": ended(replaced(REPORT, revised=MTU.title)),
    "healthy": ended(report(PING_PASSES, SPREAD_POORLY, ERRORS_RISE, diagnosis=verdict("healthy"))),
    "no cause": ended(report(TCP_FAILS, UNSEEN_TCP, W3_SILENT, diagnosis=verdict("unknown"))),
    "nobody": ended(report(reports.SILENT, UNSEEN_TCP, diagnosis=verdict("unknown"))),
    "one check": ended(report(TCP_FAILS, PING_PASSES, SPREAD_POORLY)),
    "one check, well": ended(report(PING_PASSES)),
    "one node": ended(report(PING_PASSES, PING.unseen(say("Ping could not be tried."))), nodes=("w1",)),
    "nothing": ended(report(ABSENT)),
    "failed": run(state="failed"),
    "cancelled": run(state="cancelled"),
    "queued": run(state="queued"),
    "under way": run(),
}
NAMES = re.compile(
    r"`[^`]*`"  # commands, codes, ids
    r"|:[a-z_]+:|<@\w+>"  # Slack's emoji and people
    r"|\b(links\.[a-z]+|coverage\.[a-z]+|metallb\.[a-z]+|0123456789|prod|paths|diagnose)\b"
)


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """A language that puts every sentence of the code, and of these tests, between ⟦ and ⟧."""
    return Language(LOCALE, marked(tmp_path_factory.mktemp("locales"), Path(reports.__file__), Path(__file__)))


def english(text: str) -> str:
    """The words that no catalogue has translated."""
    inner = re.compile(rf"{OPENED}[^{OPENED}{CLOSED}]*{CLOSED}")
    while inner.search(text):
        text = inner.sub("", text)
    return " ".join(re.findall(r"[A-Za-z]{2,}", NAMES.sub("", text)))


@pytest.mark.parametrize("shown", RUNS.values(), ids=RUNS)
def test_slack_shows_a_report_in_another_language(shown: Run, translated: Language) -> None:
    """Headings, signs, progress, evidence and buttons: all of it is translated, in the message and its thread."""
    message = run_message(shown, translated)
    views = [message, *details(shown, translated)]

    assert [""] * len(views) == [english(words(view["blocks"])) for view in views]
    assert "" == english(message["text"])


@pytest.mark.parametrize("shown", [s for s in RUNS.values() if s.report or not s.open])
def test_the_terminal_shows_a_report_in_another_language(shown: Run, translated: Language) -> None:
    """The same outline in the same words."""
    console = Console(file=io.StringIO(), width=4000)
    console.print(report_view(shown, translated))

    assert isinstance(console.file, io.StringIO)
    assert "" == english(console.file.getvalue())
