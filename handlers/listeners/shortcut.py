"""The message shortcut "Diagnose this message"."""

from collections.abc import Iterator
from typing import Any

import msgspec
from slack_bolt import Ack, App, BoltResponse, Respond

from handlers.acts import Acts
from handlers.listeners.payloads import Interaction, Json, read
from handlers.listeners.replies import Replies, beside
from handlers.offers import Reply
from handlers.shared_files import SharedFile, SharedFiles

SHORTCUT = "diagnose_message"
"""Its `callback_id`."""


def register(app: App, acts: Acts, replies: Replies, files: SharedFiles) -> None:
    """Listen for the shortcut."""

    def chosen(ack: Ack, body: Json, respond: Respond) -> BoltResponse:
        act = read(body, Interaction)
        caller, message = act.caller("shortcut", act.thread), body.get("message") or {}
        text = "\n".join(dict.fromkeys(_texts(message)))
        shared = _files(message)
        if not shared:
            replies.alone(respond, acts.pasted(text, caller), **beside(act.thread))
            return ack()

        def with_files() -> Reply:
            contents = files.read(shared)
            return acts.pasted("\n".join((text, *contents.texts)), caller, contents.unread)

        # They are fetched from Slack, which may take longer than it waits for the acknowledgement.
        replies.alone_later(respond, with_files, **beside(act.thread))
        return ack()

    app.shortcut({"type": "message_action", "callback_id": SHORTCUT})(chosen)


def _files(message: Json) -> list[SharedFile]:
    """Those of the message; what Slack leaves out of them is not believed to be there."""
    found = []
    for file in message.get("files") or ():
        try:
            found.append(msgspec.convert(file, SharedFile))
        except msgspec.ValidationError:
            found.append(SharedFile())
    return found


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
