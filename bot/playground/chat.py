"""The chat methods, and the writing of messages that response addresses share with them."""

from collections.abc import Mapping
from typing import Any

from bot.playground.blocks import check_message
from bot.playground.method import Arguments, Method
from bot.playground.refusal import Refusal
from bot.playground.service import Service
from bot.playground.workspace import Channel, Message

POST_CHARACTERS = 40_000
"""Longest `text` of a posted message (https://docs.slack.dev/reference/methods/chat.postMessage)."""
UPDATE_CHARACTERS = 4_000
"""Longest `text` of an update (https://docs.slack.dev/reference/methods/chat.update)."""


class RateLimitedError(Exception):
    """Too many messages in one channel; carries the seconds for `Retry-After`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def content(arguments: Arguments, most: int = POST_CHARACTERS) -> dict[str, Any]:
    """Read and check text, blocks and attachments of a message.

    Raises:
        Refusal: `no_text`, `msg_too_long` or what `check_message` raises.
    """
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    attachments = arguments.structure("attachments") or []
    text = arguments.text("text")
    if not text.strip() and not blocks and not attachments:
        raise Refusal("no_text")
    if len(text) > most:
        raise Refusal("msg_too_long")
    if blocks is not None:
        check_message(blocks)
    for attachment in attachments:
        check_message(attachment.get("blocks") or [])
    return {"text": text, "blocks": blocks or [], "attachments": attachments}


def _target(service: Service, arguments: Arguments) -> Channel:
    reference = arguments.text("channel")
    if reference in service.workspace.users:
        return service.workspace.open_direct(reference)
    channel = service.workspace.channel(reference)
    if channel.person is None and service.app.ids["user"] not in channel.members:
        if channel.is_private:
            raise Refusal("channel_not_found")
        if "chat:write.public" not in service.app.scopes:
            raise Refusal("not_in_channel")
    return channel


def _thread(service: Service, channel: Channel, arguments: Arguments) -> str | None:
    thread_ts = arguments.text("thread_ts")
    if not thread_ts:
        return None
    if thread_ts not in service.workspace.messages.get(channel.id, {}):
        raise Refusal("thread_not_found")
    return service.workspace.message(channel.id, thread_ts).root


def _metadata(arguments: Arguments) -> dict[str, Any] | None:
    metadata = arguments.structure("metadata", "invalid_metadata_format")
    if metadata is None or metadata == {}:
        return None
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise Refusal("invalid_metadata_format")
    return metadata


def count_post(service: Service, channel: str) -> None:
    """Count a message that everyone in a channel sees.

    Raises:
        RateLimitedError: When there were too many.
    """
    seconds = service.rate_limits.post(channel)
    if seconds:
        raise RateLimitedError(seconds)


def post_message(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Post a message to a channel, a thread or a person."""
    channel = _target(service, arguments)
    count_post(service, channel.id)
    workspace = service.workspace
    message = workspace.add(
        Message(
            channel.id,
            workspace.next_ts(),
            service.app.ids["user"],
            **content(arguments),
            thread_ts=_thread(service, channel, arguments),
            broadcast=arguments.flag("reply_broadcast"),
            metadata=_metadata(arguments),
        )
    )
    return {"channel": channel.id, "ts": message.ts, "message": workspace.message_as_slack(message, with_metadata=True)}


def post_ephemeral(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Show a message to one person."""
    channel = _target(service, arguments)
    if arguments.text("user") not in channel.members:
        raise Refusal("user_not_in_channel")
    workspace = service.workspace
    message = workspace.add(
        Message(
            channel.id,
            workspace.next_ts(),
            service.app.ids["user"],
            **content(arguments),
            thread_ts=_thread(service, channel, arguments),
            visible_to=arguments.text("user"),
        )
    )
    return {"message_ts": message.ts}


def _own(service: Service, arguments: Arguments, code: str) -> Message:
    if arguments.text("channel") not in service.workspace.channels:
        raise Refusal("channel_not_found")
    message = service.workspace.message(arguments.text("channel"), arguments.text("ts"))
    if message.visible_to is not None:
        raise Refusal("message_not_found")
    if message.user != service.app.ids["user"]:
        raise Refusal(code)
    return message


def rewrite(service: Service, message: Message, new: Mapping[str, Any], *, shows_edited: bool) -> None:
    """Replace what a message says; people see "(edited)" only where it has no blocks, as in Slack."""
    message.text, message.blocks = new["text"], new["blocks"]
    message.attachments = new["attachments"]
    message.selected = {}
    message.edited_at = service.workspace.next_ts() if shows_edited else message.edited_at
    service.workspace.touch(message)


def update(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Change a message of the bot; without text the former blocks stay, with text alone they go."""
    message = _own(service, arguments, "cant_update_message")
    if "metadata" in arguments:
        message.metadata = _metadata(arguments)
    keeps_blocks = "blocks" not in arguments and not arguments.text("text")
    if keeps_blocks and "attachments" not in arguments and "metadata" in arguments:
        service.workspace.touch(message)
    else:
        new = content(arguments, UPDATE_CHARACTERS)
        rewrite(service, message, new, shows_edited=not new["blocks"])
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": service.workspace.message_as_slack(message, with_metadata=True),
    }


def delete(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Delete a message of the bot."""
    message = _own(service, arguments, "cant_delete_message")
    service.workspace.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Return the address of a message on the page."""
    channel, ts = arguments.text("channel"), arguments.text("message_ts")
    if channel not in service.workspace.channels:
        raise Refusal("channel_not_found")
    service.workspace.message(channel, ts)
    return {"channel": channel, "permalink": f"{service.base_url}/#{channel}/{ts}"}


_CHANNEL = {"channel": "channel_not_found"}
METHODS = {
    "chat.postMessage": Method(post_message, 4, ("chat:write",), _CHANNEL),
    "chat.postEphemeral": Method(post_ephemeral, 4, ("chat:write",), {**_CHANNEL, "user": "user_not_in_channel"}),
    "chat.update": Method(update, 3, ("chat:write",), {**_CHANNEL, "ts": "message_not_found"}),
    "chat.delete": Method(delete, 3, ("chat:write",), {**_CHANNEL, "ts": "message_not_found"}),
    "chat.getPermalink": Method(permalink, 4, (), {**_CHANNEL, "message_ts": "message_not_found"}),
}
