"""The child that draws: a PNG comes back, or the reason why there is none, and nothing of ours goes there."""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.pictures import render
from bot.pictures.lines import lines
from bot.pictures.matrix import failed, matrix_of
from bot.pictures.model import Picture
from bot.pictures.render import NotDrawnError, rendered
from bot.pictures.timeline import timeline_of
from checks.text import say
from tests.bot.pictures.shown import closed, recorded, series, tcp


def width_of(png: bytes) -> int:
    """Pixels, by the header of a PNG (https://www.w3.org/TR/png-3/#11IHDR)."""
    assert b"\x89PNG\r\n\x1a\n" == png[:8]
    width: int = struct.unpack(">I", png[16:20])[0]
    return width


@pytest.mark.parametrize(
    "picture",
    [
        failed(recorded()),
        matrix_of(tcp(100, bad={40}, silent={2})),
        lines(say("DNS"), "ms", [series("a", 1.0, lost_at={1})]),
        timeline_of(closed()),
    ],
    ids=["recorded", "hundred", "lines", "timeline"],
)
def test_every_picture_is_1200_pixels_wide_and_carries_its_alt_text(picture: Picture) -> None:
    """So it is sharp on a phone, and whoever gets the file has its words."""
    png = rendered(picture)

    assert 1200 == width_of(png)
    assert b"Description\0" in png


def test_a_child_that_takes_too_long_is_killed() -> None:
    """Whoever asked goes on after the time that was granted."""
    picture = timeline_of(closed())
    assert picture is not None
    began = time.monotonic()

    with pytest.raises(NotDrawnError, match=r"longer than 0\.05 s"):
        rendered(picture, timeout_s=0.05)

    assert time.monotonic() - began < 5


def test_a_child_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, for example: its last line goes into the log."""
    picture = timeline_of(closed())
    assert picture is not None
    monkeypatch.setattr(render, "_DRAWS", ("-c", "raise ModuleNotFoundError('no matplotlib')"))

    with pytest.raises(NotDrawnError, match="no matplotlib"):
        rendered(picture)


def test_a_child_without_a_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a failure like any other."""
    picture = timeline_of(closed())
    assert picture is not None
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(NotDrawnError, match="could not be started"):
        rendered(picture)


def test_tokens_and_connections_do_not_reach_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment has no setting of ours, and it has no descriptor but its three."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("NETCHECK_JOB_KEY", "secret")
    script = "import os; print([n for n in os.environ if 'TOKEN' in n or 'NETCHECK' in n], os.listdir('/proc/self/fd'))"
    monkeypatch.setattr(render, "_DRAWS", ("-c", f"{script}; raise SystemExit(1)"))
    monkeypatch.setattr(render, "_taken", lambda done: done.stdout)
    picture = timeline_of(closed())
    assert picture is not None
    read_fd, write_fd = os.pipe()
    os.set_inheritable(write_fd, True)  # noqa: FBT003 - its only parameter

    said = rendered(picture)

    os.close(read_fd)
    os.close(write_fd)
    # The fourth is the listing's own.
    assert b"[] ['0', '1', '2', '3']\n" == said


def test_only_the_child_loads_matplotlib() -> None:
    """The bot and the command line stay as small as they were."""
    script = "import handlers.app, bot.cli.session, sys; print({'matplotlib', 'numpy'} & {*sys.modules})"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )

    assert "set()\n" == done.stdout
