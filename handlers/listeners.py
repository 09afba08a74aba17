"""What comes from Slack, handed to the commands; the only module that knows Slack's payloads.

A listener does its work, which is a few short questions to Redis, before it acknowledges: acknowledged means stored.
It calls Slack only afterwards, and elsewhere, so that a slow Slack delays no acknowledgement.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from slack_bolt import Ack, App, BoltResponse, Respond

from handlers import refusals
from handlers.commands import Caller, Commands
from handlers.views import answers
from handlers.views.blocks import Message
from handlers.views.run import CANCEL

SHORTCUT = "diagnose_message"
REPLIERS = 4

log = logging.getLogger(__name__)

Json = Mapping[str, Any]
Reply = Callable[..., None]


def register(app: App, commands: Commands) -> Callable[[], None]:
    """Add all listeners to the app; returns what sends the last replies and ends."""
    pool = ThreadPoolExecutor(REPLIERS, thread_name_prefix="reply")

    def reply(respond: Respond, view: Message | None, **how: Any) -> None:
        if view is not None:
            pool.submit(_send, respond, {**view, "response_type": "ephemeral", **how})

    app.command(answers.COMMAND)(_command(commands))
    app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(_shortcut(commands, reply))
    app.action(CANCEL)(_cancel(commands, reply))
    app.action(re.compile(rf"^{answers.CHOOSE}(_\d+)?$"))(_choose(commands, reply))
    app.action(re.compile(""))(_unknown(reply))
    app.error(_broken)
    return pool.shutdown


def _command(commands: Commands) -> Callable[..., Any]:
    def command(ack: Ack, body: Json) -> BoltResponse:
        caller = Caller(
            channel=body["channel_id"],
            user=body["user_id"],
            name=body.get("user_name") or body["user_id"],
            team=body.get("team_id", ""),
            trigger=body.get("trigger_id", ""),
        )
        view = commands.typed(body.get("text", ""), caller)
        return ack() if view is None else ack(response_type="ephemeral", **view)

    return command


def _shortcut(commands: Commands, reply: Reply) -> Callable[..., Any]:
    def shortcut(ack: Ack, body: Json, respond: Respond) -> BoltResponse:
        message = body["message"]
        thread = message.get("thread_ts") or message["ts"]
        view = commands.pasted("\n".join(dict.fromkeys(_texts(message))), _caller(body, thread=thread))
        reply(respond, view, replace_original=False, thread_ts=thread)
        return ack()

    return shortcut


def _cancel(commands: Commands, reply: Reply) -> Callable[..., Any]:
    def cancel(ack: Ack, body: Json, action: Json, respond: Respond) -> BoltResponse:
        reply(respond, commands.stopped(action.get("value", ""), _caller(body)), **_beside(body))
        return ack()

    return cancel


def _choose(commands: Commands, reply: Reply) -> Callable[..., Any]:
    def choose(ack: Ack, body: Json, action: Json, respond: Respond) -> BoltResponse:
        option = action.get("selected_option") or {}
        reply(
            respond,
            commands.chosen(action.get("value") or option.get("value", ""), _caller(body)),
            replace_original=True,
        )
        return ack()

    return choose


def _unknown(reply: Reply) -> Callable[..., Any]:
    """A button of a former version: it must not be silent."""

    def unknown(ack: Ack, body: Json, respond: Respond) -> BoltResponse:
        reply(
            respond, answers.said("This button is from an older netcheck and does nothing any more."), **_beside(body)
        )
        return ack()

    return unknown


def _broken(error: Exception, body: Json) -> BoltResponse:
    """Whatever we did not think of: people hear of it, and the log has the rest."""
    log.error("a listener failed for %s", body.get("command") or body.get("type"), exc_info=error)
    view = answers.said("netcheck itself failed here; its log says why. Nothing else is affected.")
    return BoltResponse(status=200, body={"response_type": "ephemeral", **view} if "command" in body else "")


def _caller(body: Json, thread: str = "") -> Caller:
    """Who pressed or chose something."""
    user = body["user"]
    return Caller(
        channel=body["channel"]["id"],
        user=user["id"],
        name=user.get("username") or user.get("name") or user["id"],
        team=(body.get("team") or {}).get("id", ""),
        trigger=body.get("trigger_id", ""),
        thread=thread,
        message=(body.get("message") or {}).get("ts", ""),
    )


def _beside(body: Json) -> dict[str, Any]:
    """How to answer next to the message whose button was pressed, in its thread if it is in one."""
    thread = (body.get("message") or {}).get("thread_ts")
    return {"replace_original": False, **({"thread_ts": thread} if thread else {})}


def _texts(message: Json) -> Iterator[str]:
    """What can be read in a message: its text, and what alerting tools put into attachments and blocks instead."""
    yield from _strings(message, ("text",))
    for attachment in message.get("attachments") or ():
        yield from _strings(attachment, ("pretext", "title", "text"))
        for field in attachment.get("fields") or ():
            yield from _strings(field, ("title", "value"))
        yield from _block_texts(attachment.get("blocks") or ())
    if not message.get("text"):
        yield from _block_texts(message.get("blocks") or ())


def _block_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _block_texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _block_texts(inner)


def _strings(holder: Json, keys: tuple[str, ...]) -> Iterator[str]:
    return (holder[key] for key in keys if isinstance(holder.get(key), str) and holder[key])


def _send(respond: Respond, view: Message) -> None:
    try:
        answer = respond(view)
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP's number
            log.warning("a reply was refused: %s %s", answer.status_code, answer.body)
    except refusals.NO_ANSWER as error:
        log.warning("a reply could not be sent: %s", error)
