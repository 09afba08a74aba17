"""`--plot`: a picture in a file, or a sentence why there is none."""

import logging
from pathlib import Path

import msgspec
import pytest

from bot.cli import plot
from bot.commands.answer import Answer
from bot.errors import UsageError
from bot.pictures.render import NotDrawnError
from bot.pictures.timeline import timeline_of
from tests.bot.pictures.shown import closed, recorded
from tests.handlers.reports import ended


@pytest.fixture(autouse=True)
def _told(caplog: pytest.LogCaptureFixture) -> None:
    """Hear what is told at the usual level."""
    caplog.set_level(logging.INFO)


def test_an_incident_is_drawn(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """`incident show --plot` writes its timeline and tells its alt text."""
    file = tmp_path / "incident.png"

    plot.plot_answer(Answer("Incident", picture=timeline_of(closed())), str(file))

    assert b"\x89PNG" == file.read_bytes()[:4]
    assert "Incident 01234567: VMXNET3 tunnel offload breaks traffic." in caplog.text


def test_an_incident_that_has_only_begun_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said, and no file is written."""
    file = tmp_path / "incident.png"
    begun = msgspec.structs.replace(closed(), timeline=closed().timeline[:1])

    plot.plot_answer(Answer("Incident", picture=timeline_of(begun)), str(file))

    assert "There is nothing to draw: hardly anything was seen of it yet." in caplog.text
    assert not file.exists()


def test_a_run_without_a_report_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing was measured."""
    plot.plot_run(ended(recorded(), state="failed", report=None), str(tmp_path / "matrix.png"))

    assert "There is nothing to draw" in caplog.text


def test_what_cannot_be_drawn_is_told_in_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked has the matrix all the same, and the run's exit code stays what it was."""

    def broken(_: object) -> bytes:
        raise NotDrawnError("no memory")

    monkeypatch.setattr(plot, "rendered", broken)

    plot.plot_run(ended(recorded()), str(tmp_path / "matrix.png"))

    assert "The picture could not be drawn (no memory). In words:" in caplog.text
    assert "cp                  -  fails     23" in caplog.text


def test_a_file_that_cannot_be_written_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which option to change."""
    monkeypatch.setattr(plot, "rendered", lambda _: b"\x89PNG")

    with pytest.raises(UsageError, match="The picture cannot be saved"):
        plot.plot_run(ended(recorded()), str(tmp_path / "nowhere" / "matrix.png"))
