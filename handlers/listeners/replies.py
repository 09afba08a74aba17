"""Replies that leave after the acknowledgement, on threads of their own: a slow Slack delays no acknowledgement."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import Respond, Say
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.messages.where import Where
from bot.pictures.render import NotDrawnError, rendered
from handlers import refusals
from handlers.offers import Form, Reply, Upload
from handlers.views import answers
from handlers.views.blocks import Message

SENDERS = 4
NOT_DRAWN = "not_drawn"
"""Beside Slack's own words for why a file is not there."""

log = logging.getLogger(__name__)


class Replies:
    """What sends them. `first` tells whether an act is done for the first time: what is uploaded is so once."""

    def __init__(self, slack: WebClient, first: Callable[[str], bool]) -> None:
        self._slack = slack
        self._first = first
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="reply")

    def finish(self) -> None:
        """Send the last ones and end."""
        self._pool.shutdown()

    def alone(self, respond: Respond, reply: Reply, trigger: str = "", **how: Any) -> None:
        """Say something that only the person who acted sees; `trigger` opens a form if it is one."""
        if reply is not None:
            self._pool.submit(_send, lambda: self._respond(respond, reply, trigger, how))

    def alone_later(self, respond: Respond, act: Callable[[], Reply], **how: Any) -> None:
        """Do something that takes long, and say to the person who acted alone what comes of it."""
        self._pool.submit(_send, lambda: self.alone(respond, act(), **how))

    def aloud(self, say: Say, reply: Reply, act: str = "", **how: Any) -> None:
        """Say something in the conversation, in which no form opens."""
        if reply is not None:
            self._pool.submit(_send, lambda: self._say(say, reply, act, how))

    def direct(self, user: str, reply: Reply, trigger: str = "") -> None:
        """Say something in the bot's own conversation with a person; `trigger` opens a form if it is one."""
        if reply is not None:
            self._pool.submit(_send, lambda: self._direct(user, reply, trigger))

    def privately(self, where: Where, user: str, reply: Reply, act: str) -> None:
        """Say something in a channel that one person sees, in which no form opens."""
        if reply is not None:
            self._pool.submit(_send, lambda: self._privately(where, user, reply, act))

    def aside(self, call: Callable[[], Any]) -> None:
        """Call Slack about something that nobody misses when it fails."""
        self._pool.submit(_send, call)

    def _respond(self, respond: Respond, reply: Reply, trigger: str, how: dict[str, Any]) -> None:
        view = self._made(reply, trigger, trigger)
        if view is None:
            return
        answer = respond({**view, "response_type": "ephemeral", **how})
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP's number
            log.warning("a reply was refused: %s %s", answer.status_code, answer.body)

    def _say(self, say: Say, reply: Reply, act: str, how: dict[str, Any]) -> None:
        view = self._made(reply, "", act)
        if view is not None:
            say(**view, **how)

    def _direct(self, user: str, reply: Reply, trigger: str) -> None:
        view = self._made(reply, trigger, trigger)
        if view is not None:
            self._slack.chat_postMessage(channel=user, **view)

    def _privately(self, where: Where, user: str, reply: Reply, act: str) -> None:
        view = self._made(reply, "", act)
        if view is None:
            return
        thread = where.thread or None
        try:
            self._slack.chat_postEphemeral(channel=where.channel, user=user, thread_ts=thread, **view)
        except SlackApiError as error:
            log.warning("nothing can be said to one person in %s: %s", where.channel, refusals.code(error))
            self._slack.chat_postMessage(channel=user, **view)

    def _made(self, reply: Reply, trigger: str, act: str) -> Message | None:
        """The message that is left to be said once a form has opened or a file was uploaded."""
        if isinstance(reply, Form):
            return None if trigger and opened(self._slack, trigger, reply) else reply.instead
        if isinstance(reply, Upload):
            return uploaded(self._slack, reply) if self._first(f"upload {act}") else None
        return reply


def opened(slack: WebClient, trigger: str, form: Form) -> bool:
    """Whether a form has opened. A trigger that was used already has opened it."""
    try:
        slack.views_open(trigger_id=trigger, view=form.view)
    except SlackApiError as error:
        log.warning("a form did not open: %s", refusals.code(error))
        return refusals.code(error) == "exchanged_trigger_id"
    except refusals.NO_ANSWER as error:
        log.warning("whether a form has opened is not known: %s", error)
        return False
    return True


def uploaded(slack: WebClient, upload: Upload) -> Message:
    """Put a file into its thread; what is to be said then."""
    file, where = upload.file, upload.file.where
    if where is None:
        return upload.instead
    picture = file.picture
    try:
        slack.files_upload_v2(
            filename=file.name,
            title=file.title,
            content=rendered(picture) if picture else file.text,
            alt_txt=picture.alt if picture else None,
            channel=where.channel,
            thread_ts=where.thread or None,
        )
    except NotDrawnError as error:
        log.warning("%s could not be drawn: %s", file.name, error)
        return answers.instead_of_file(upload.instead, NOT_DRAWN)
    except refusals.NO_ANSWER as error:
        code = refusals.code(error) if isinstance(error, SlackApiError) else ""
        log.warning("%s could not be uploaded: %s", file.name, code or error)
        return answers.instead_of_file(upload.instead, code)
    return upload.done


def beside(thread: str) -> dict[str, Any]:
    """How to answer next to a message, in its thread if it is in one."""
    return {"replace_original": False, **({"thread_ts": thread} if thread else {})}


def _send(call: Callable[[], Any]) -> None:
    try:
        call()
    except refusals.NO_ANSWER as error:
        log.warning("a reply could not be sent: %s", error)
    except Exception:
        # Nobody looks at what a thread of the pool comes to, and a person waits for it.
        log.exception("making a reply")
