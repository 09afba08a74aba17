"""The connection to Slack: made however long it takes, and made again whenever it is lost."""

import logging
import threading
from collections.abc import Callable

import pytest

from bot.errors import ConfigError
from bot.playground.slack.settings import Settings
from bot.runs.runs import Runs
from handlers.app import serve
from tests.handlers.conftest import MANIFEST, Bot, config_for, free_port, serving
from tests.playground import Playground
from tests.waiting import until

AGAIN_S = 20.0
"""Seconds within which a connection is back after Slack was away."""


def works(slack: Playground) -> bool:
    """Whether a command is acknowledged."""
    return slack.command("on-call", "incidents", "/netcheck help").ok


def test_slack_is_away_at_the_start(runs: Runs, redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """The bot says where it looked for Slack, keeps trying, and works once Slack is there."""
    del runs
    port = free_port()
    slack = Playground(port=port, manifest=MANIFEST)
    config = config_for(slack, redis_url).override(NETCHECK_SLACK_API=f"http://127.0.0.1:{port}/api/")
    with caplog.at_level(logging.WARNING, "handlers"):
        bot = Bot(config)
        until(lambda: f"Slack does not answer at http://127.0.0.1:{port}/api/" in caplog.text)
    with slack:
        slack.wait_for(lambda: slack.connections, AGAIN_S)
        assert works(slack)
        bot.stop.set()
        slack.drop_connections()
        bot.end()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
@pytest.mark.usefixtures("bot")
def test_slack_renews_the_connection(slack: Playground, reason: str) -> None:
    """Slack closes each connection every few hours; what is typed meanwhile is acknowledged all the same."""
    slack.disconnect(reason)
    outcomes: list[bool] = []

    def renewed() -> bool:
        outcomes.append(works(slack))
        return slack.connection_numbers == [2]

    until(renewed)
    # A payload that is on its way at the very moment may be lost with the old connection; more must not be.
    assert outcomes.count(False) <= 1
    assert {1, 2} >= {delivery.connection for delivery in slack.deliveries}
    assert works(slack)
    assert 2 == slack.deliveries[-1].connection


@pytest.mark.usefixtures("bot")
def test_the_network_drops_the_connection(slack: Playground) -> None:
    """A connection that is cut without a word is replaced."""
    slack.drop_connections()
    slack.wait_for(lambda: not slack.connections)
    slack.wait_for(lambda: slack.connections, AGAIN_S)
    assert works(slack)


@pytest.mark.usefixtures("runs")
def test_socket_mode_is_switched_off_and_on(redis_url: str) -> None:
    """Socket Mode may be disabled for a while in the app's settings; the bot is back when it is enabled."""
    with Playground(manifest=MANIFEST, settings=Settings(warning_s=0.5)) as slack, serving(slack, redis_url):
        slack.disconnect("link_disabled")
        slack.wait_for(lambda: slack.refusals)
        slack.wait_for(lambda: not slack.connections, AGAIN_S)
        slack.enable_link()
        slack.wait_for(lambda: slack.connections, AGAIN_S)
        assert works(slack)


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("SLACK_APP_TOKEN", "xapp-wrong", "Slack does not accept SLACK_APP_TOKEN: invalid_auth."),
        ("SLACK_APP_TOKEN", "", "SLACK_APP_TOKEN is not set."),
        ("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN is not set."),
        ("NETCHECK_SLACK_MODE", "pigeon", "NETCHECK_SLACK_MODE is 'pigeon'."),
        ("NETCHECK_JOB_KEY", "short", "NETCHECK_JOB_KEY has 5 characters"),
    ],
)
def test_settings_that_cannot_work(slack: Playground, redis_url: str, setting: str, value: str, message: str) -> None:
    """A setting that only a person can mend ends the bot with the name of the setting."""
    config = config_for(slack, redis_url, **{setting: value})
    with pytest.raises(ConfigError) as error:
        serve(config, threading.Event())
    assert message in error.value.text


def test_one_of_two_replicas_is_told(slack: Playground, runs: Runs, start: Callable[..., Bot]) -> None:
    """Each payload goes to one of the replicas, and any of them can take it."""
    start()
    start()
    for n in range(6):
        assert slack.command("on-call", "incidents", f"/netcheck diagnose {n}").ok
    assert len(runs.recent(10)) == 6
    assert {1, 2} == {delivery.connection for delivery in slack.deliveries}
