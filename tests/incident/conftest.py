"""Fixtures: the lab with a fault in it, the command line on it, and the bot beside a page that stands in for Slack."""

from collections.abc import Iterator

import pytest

from bot.playground.start import manifest
from tests.incident.processes import Bot
from tests.incident.walker import client, walker
from tests.lab.fixtures import cluster, diagnose, environment, fault, lab, own_adapters
from tests.playground import Playground
from tests.slack.conftest import browser_context, chromium, page

__all__ = [
    "browser_context",
    "chromium",
    "client",
    "cluster",
    "diagnose",
    "environment",
    "fault",
    "lab",
    "own_adapters",
    "page",
    "walker",
]


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
