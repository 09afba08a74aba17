"""Socket Mode: the bot opens the connections, so nothing needs to reach it."""

import contextlib
import json
import logging
import select
import socket
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
PING_EVERY_S = 3
"""How often the SDK pings Slack; a connection without an answer for four times as long is replaced."""
LOOK_EVERY_S = 0.5
"""How often we look whether the connection is there at all."""
RECEIVE_BYTES = 65_536
"""The SDK calls itself once for each so many bytes of a payload, so a small figure ends in a RecursionError."""
LONGEST_PAUSE_S = 15.0
LAST_READ_S = 0.05
_FRAME_CHARACTERS = 1000
"""More than any frame that is about the connection itself."""
_LOST = (*NO_ANSWER, AttributeError)
"""Also what the SDK raises when two of its threads close the same socket at the same moment."""
_CLOSED = getattr(select, "POLLRDHUP", 0) | select.POLLHUP | select.POLLERR

log = logging.getLogger(__name__)


def transport(config: Config, app: App) -> Callable[[threading.Event], None]:
    """What keeps a connection to Slack until an event is set.

    Raises:
        ConfigError: no app-level token is set; when it runs, that Slack does not accept it.
    """
    token = config.required("SLACK_APP_TOKEN")

    def run(stop: threading.Event) -> None:
        handler: Any = SocketModeHandler(
            app,
            token,
            logger=log,
            ping_interval=PING_EVERY_S,
            concurrency=WORKERS,
            receive_buffer_size=RECEIVE_BYTES,
        )
        _renew_aside(handler.client)
        try:
            _connect(handler, config["NETCHECK_SLACK_API"], stop)
            while not stop.wait(LOOK_EVERY_S):
                _renew_if_gone(handler.client)
        finally:
            _close(handler)

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


def _renew_if_gone(client: Any) -> None:
    """Replace a connection that the other side has closed.

    The SDK itself reads from such a connection in a busy loop until five pings in a row have failed, and no command
    arrives meanwhile.
    """
    session = client.current_session
    if session.sock is None or not _gone(session.sock):
        return
    log.warning("the connection to Slack is gone; making a new one")
    with contextlib.suppress(AttributeError):
        session.disconnect()
    _renew(client)


def _renew_aside(client: Any) -> None:
    """Replace a connection that Slack is about to close without holding up what still arrives on it.

    The SDK does it in the thread that hands out payloads, and reads nothing from the new connection until its read from
    the old one has timed out, after three seconds; whoever types a command meanwhile is told that it failed.
    """
    enqueue = client.enqueue_message

    def enqueue_or_renew(message: str) -> None:
        if len(message) > _FRAME_CHARACTERS or json.loads(message).get("type") != "disconnect":
            enqueue(message)
            return
        client.current_session.sock.settimeout(LAST_READ_S)  # this is the thread that reads from it
        threading.Thread(target=_renew, args=(client,), name="renewal", daemon=True).start()

    client.enqueue_message = enqueue_or_renew


def _renew(client: Any) -> None:
    try:
        client.connect_to_new_endpoint(force=True)
    except _LOST as error:
        log.warning("Slack does not answer (%s); trying again every %g s", error, PING_EVERY_S)


def _gone(sock: socket.socket) -> bool:
    """Whether the other side has closed, by the kernel's account: below TLS there is nothing to look into."""
    poll = select.poll()
    try:
        poll.register(sock, _CLOSED)
    except ValueError:  # closed on this side a moment ago
        return False
    return bool(poll.poll(0))


def _close(handler: Any) -> None:
    # The thread that reads this queue looks whether it is closed once a second, or when something comes.
    handler.client.closed = True
    handler.client.message_queue.put(None)
    with contextlib.suppress(AttributeError):
        handler.close()
