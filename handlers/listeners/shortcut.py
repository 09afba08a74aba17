"""The message shortcut "Diagnose this message"."""

from collections.abc import Iterator
from typing import Any

from slack_bolt import Ack, App, BoltResponse, Respond

from handlers.acts import Acts
from handlers.listeners.payloads import Interaction, Json, read
from handlers.listeners.replies import Replies, beside

SHORTCUT = "diagnose_message"
"""Its `callback_id`."""


def register(app: App, acts: Acts, replies: Replies) -> None:
    """Listen for the shortcut."""

    def chosen(ack: Ack, body: Json, respond: Respond) -> BoltResponse:
        act = read(body, Interaction)
        text = "\n".join(dict.fromkeys(_texts(body.get("message") or {})))
        replies.alone(respond, acts.pasted(text, act.caller("shortcut", act.thread)), **beside(act.thread))
        return ack()

    app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(chosen)


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
