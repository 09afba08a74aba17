"""Replies that leave after the acknowledgement, on threads of their own: a slow Slack delays no acknowledgement."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import Respond, Say
from slack_sdk import WebClient

from handlers import refusals
from handlers.views.blocks import Message

SENDERS = 4

log = logging.getLogger(__name__)


class Replies:
    """What sends them."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="reply")

    def finish(self) -> None:
        """Send the last ones and end."""
        self._pool.shutdown()

    def alone(self, respond: Respond, view: Message | None, **how: Any) -> None:
        """Say something that only the person who acted sees."""
        if view is not None:
            self._pool.submit(_send, lambda: _respond(respond, {**view, "response_type": "ephemeral", **how}))

    def aloud(self, say: Say, view: Message | None, **how: Any) -> None:
        """Say something in the conversation."""
        if view is not None:
            self._pool.submit(_send, lambda: say(**view, **how))

    def direct(self, client: WebClient, user: str, view: Message) -> None:
        """Say something in the bot's own conversation with a person."""
        self._pool.submit(_send, lambda: client.chat_postMessage(channel=user, **view))


def beside(thread: str) -> dict[str, Any]:
    """How to answer next to a message, in its thread if it is in one."""
    return {"replace_original": False, **({"thread_ts": thread} if thread else {})}


def _respond(respond: Respond, view: Message) -> None:
    answer = respond(view)
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP's number
        log.warning("a reply was refused: %s %s", answer.status_code, answer.body)


def _send(call: Callable[[], Any]) -> None:
    try:
        call()
    except refusals.NO_ANSWER as error:
        log.warning("a reply could not be sent: %s", error)
