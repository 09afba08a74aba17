"""Socket Mode: the bot opens the connections, so nothing needs to reach it."""

import logging
import threading
import time
from collections.abc import Callable

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.config import Config
from bot.errors import ConfigError
from handlers import refusals
from handlers.transport.connection import SteadyClient

WORKERS = 8
"""Payloads that are worked on at once: each waits for Redis, at most as long as a person may wait."""
LOOK_EVERY_S = 0.5
"""How often we look whether the connection is there."""
LONGEST_PAUSE_S = 15.0

log = logging.getLogger(__name__)


def transport(config: Config, app: App) -> Callable[[threading.Event], None]:
    """What keeps a connection to Slack until an event is set.

    Raises:
        ConfigError: no app-level token is set; when it runs, that Slack does not accept it.
    """
    token = config.required("SLACK_APP_TOKEN")

    def handle(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        started = time.time()
        send_response(client, request, run_bolt_app(app, request), started)

    def run(stop: threading.Event) -> None:
        client = SteadyClient(token, app.client, WORKERS)
        client.socket_mode_request_listeners.append(handle)
        try:
            _connect(client, config["NETCHECK_SLACK_API"], stop)
            while not stop.wait(LOOK_EVERY_S):
                client.renew_if_gone()
        finally:
            client.close()

    return run


def _connect(client: SteadyClient, api: str, stop: threading.Event) -> None:
    """Make the first connection, however long it takes; it is renewed afterwards."""
    pause = 1.0
    while not stop.is_set():
        try:
            client.connect()
        except SlackApiError as error:
            if refusals.code(error) in refusals.BAD_TOKEN:
                raise ConfigError(
                    f"Slack does not accept SLACK_APP_TOKEN: {refusals.code(error)}.",
                    hint="Basic Information, App-Level Tokens: it needs the scope connections:write.",
                ) from None
            log.warning("Slack refuses a connection (%s); trying again in %g s", refusals.code(error), pause)
        except refusals.NO_ANSWER as error:
            log.warning("Slack does not answer at %s (%s); trying again in %g s", api, error, pause)
        else:
            log.info("connected to Slack")
            return
        stop.wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
