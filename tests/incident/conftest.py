"""Fixtures: the lab with a fault in it, the command line on it, and the bot beside a page that stands in for Slack."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.playground.start import manifest
from tests.lab.fixtures import cluster, diagnose, environment, fault, lab, own_adapters
from tests.lab.processes import role_processes
from tests.playground import Playground
from tests.slack.conftest import browser_context, chromium, page

__all__ = ["browser_context", "chromium", "cluster", "diagnose", "environment", "fault", "lab", "own_adapters", "page"]


class Bot:
    """The bot as a process of its own, to be killed and started again."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen([sys.executable, "-m", "bot", "bot"], env=self._environment)

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


@pytest.fixture
def slack() -> Iterator[Playground]:
    """The stand-in, with the manifest that people install."""
    with Playground(manifest=manifest()) as playground:
        yield playground


@pytest.fixture
def bot(slack: Playground, environment: dict[str, str]) -> Iterator[Bot]:
    """The bot, connected to the stand-in."""
    tokens = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "NETCHECK_SLACK_API": slack.base_url,
    }
    process = Bot(environment | tokens)
    process.start()
    slack.wait_for(lambda: slack.connections == 1, timeout_s=20)
    yield process
    process.kill()


def kill_in_lab(role: str) -> None:
    """SIGKILL every main process of a role of the product in the lab."""
    pids = role_processes(role)
    assert pids, f"no {role} runs in the lab"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
