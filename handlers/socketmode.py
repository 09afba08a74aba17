"""Socket Mode: the bot opens the connections, so nothing needs to reach it."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError

from bot.config import Config
from bot.errors import ConfigError
from handlers import refusals
from handlers.announcer import NO_ANSWER

WORKERS = 32
"""Payloads that are worked on at once: each waits for Redis, at most as long as a person may wait."""
PING_EVERY_S = 5
"""How often the SDK looks at its connection; a lost one is replaced at the next look."""
LONGEST_PAUSE_S = 15.0

log = logging.getLogger(__name__)


def transport(config: Config, app: App) -> Callable[[threading.Event], None]:
    """What keeps a connection to Slack until an event is set.

    Raises:
        ConfigError: no app-level token is set; when it runs, that Slack does not accept it.
    """
    token = config.required("SLACK_APP_TOKEN")

    def run(stop: threading.Event) -> None:
        handler: Any = SocketModeHandler(app, token, logger=log, ping_interval=PING_EVERY_S, concurrency=WORKERS)
        try:
            _connect(handler, config["NETCHECK_SLACK_API"], stop)
            stop.wait()
        finally:
            handler.close()

    return run


def _connect(handler: Any, api: str, stop: threading.Event) -> None:
    """Make the first connection, however long it takes; the SDK renews it afterwards."""
    pause = 1.0
    while not stop.is_set():
        try:
            handler.connect()
        except SlackApiError as error:
            if refusals.code(error) in refusals.BAD_TOKEN:
                raise ConfigError(
                    f"Slack does not accept SLACK_APP_TOKEN: {refusals.code(error)}.",
                    hint="Basic Information, App-Level Tokens: it needs the scope connections:write.",
                ) from None
            log.warning("Slack refuses a connection (%s); trying again in %g s", refusals.code(error), pause)
        except NO_ANSWER as error:
            log.warning("Slack does not answer at %s (%s); trying again in %g s", api, error, pause)
        else:
            log.info("connected to Slack")
            return
        stop.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
