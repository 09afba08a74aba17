"""The methods of conversations: which there are, what was said, and making one."""

import re
from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method, need_scope
from bot.playground.slack.workspace.channels import Channel
from bot.playground.slack.workspace.messages import Message


def _visible(service: Service, arguments: Arguments, right: str) -> Channel:
    channel = service.workspace.channels.get(arguments.text("channel"))
    if channel is None or (channel.is_private and service.app.ids["user"] not in channel.members):
        raise Refusal("channel_not_found")
    need_scope(service, f"{channel.kind}:{right}")
    return channel


def _page(messages: list[Message], arguments: Arguments) -> tuple[list[Message], str]:
    """Cut one page out of messages in the order they are to be sent; return it and the next cursor."""
    limit = min(max(arguments.integer("limit", 100), 1), 999)
    start = arguments.integer("cursor", 0)
    end = start + limit
    return messages[start:end], str(end) if end < len(messages) else ""


def _between(messages: list[Message], arguments: Arguments) -> list[Message]:
    oldest, latest = arguments.text("oldest") or "0", arguments.text("latest") or "9999999999"
    edges = {oldest, latest} if arguments.flag("inclusive") else set()
    return [m for m in messages if float(oldest) < float(m.ts) < float(latest) or m.ts in edges]


def _answer(service: Service, messages: list[Message], arguments: Arguments) -> dict[str, Any]:
    page, cursor = _page(messages, arguments)
    with_metadata = arguments.flag("include_all_metadata")
    return {
        "messages": [service.workspace.message_as_slack(m, with_metadata=with_metadata) for m in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def history(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Messages of a channel, newest first, without replies and ephemeral messages."""
    channel = _visible(service, arguments, "history")
    if service.app.ids["user"] not in channel.members:
        raise Refusal("not_in_channel")
    everyone = [m for m in service.workspace.in_channel(channel.id) if m.visible_to is None]
    top = [m for m in everyone if m.thread_ts is None or m.broadcast]
    return _answer(service, _between(top, arguments)[::-1], arguments)


def replies(service: Service, arguments: Arguments) -> dict[str, Any]:
    """A thread, oldest first, starting with the message it hangs on."""
    channel = _visible(service, arguments, "history")
    first = service.workspace.messages.get(channel.id, {}).get(arguments.text("ts"))
    if first is None or first.visible_to is not None:
        raise Refusal("thread_not_found")
    thread = [first, *_between(service.workspace.replies(channel.id, first.ts), arguments)]
    return _answer(service, thread, arguments)


def info(service: Service, arguments: Arguments) -> dict[str, Any]:
    """One conversation."""
    return {"channel": _visible(service, arguments, "read").as_slack(service.app.ids["user"])}


def listing(service: Service, arguments: Arguments) -> dict[str, Any]:
    """The conversations of the given types that the bot may know of."""
    bot = service.app.ids["user"]
    types = {"public_channel": "channels", "private_channel": "groups", "im": "im"}
    wanted = [types[t] for t in (arguments.text("types") or "public_channel").split(",") if t in types]
    need_scope(service, *(f"{kind}:read" for kind in wanted))
    known = [
        channel.as_slack(bot)
        for channel in service.workspace.channels.values()
        if channel.kind in wanted and (not channel.is_private or bot in channel.members)
    ]
    return {"channels": known, "response_metadata": {"next_cursor": ""}}


def open_conversation(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Open the direct conversation with one person."""
    users = arguments.text("users").split(",")
    if len(users) != 1 or users[0] not in service.workspace.users:
        raise Refusal("user_not_found")
    need_scope(service, "im:write")
    channel = service.workspace.open_direct(users[0])
    return {"channel": channel.as_slack(service.app.ids["user"])}


def create(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Make a channel, with the bot in it: https://docs.slack.dev/reference/methods/conversations.create."""
    name, private = arguments.text("name"), arguments.flag("is_private")
    need_scope(service, "groups:write" if private else "channels:manage")
    if not name.strip():
        raise Refusal("invalid_name_required")
    if len(name) > NAME_CHARACTERS:
        raise Refusal("invalid_name_maxlength")
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise Refusal("invalid_name_specials")
    if not re.search(r"[a-z0-9]", name):
        raise Refusal("invalid_name_punctuation")
    if any(channel.name == name for channel in service.workspace.channels.values()):
        raise Refusal("name_taken")
    channel = service.workspace.make_channel(name, is_private=private)
    return {"channel": channel.as_slack(service.app.ids["user"])}


def invite(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Have people in a channel: https://docs.slack.dev/reference/methods/conversations.invite."""
    channel = service.workspace.channels.get(arguments.text("channel"))
    bot = service.app.ids["user"]
    if channel is None or channel.person or (channel.is_private and bot not in channel.members):
        raise Refusal("channel_not_found")
    need_scope(service, "groups:write" if channel.is_private else "channels:manage")
    if bot not in channel.members:
        raise Refusal("not_in_channel")
    users = [user for user in arguments.text("users").split(",") if user]
    if not users:
        raise Refusal("no_user")
    if bot in users:
        raise Refusal("cant_invite_self")
    if unknown := [user for user in users if user not in service.workspace.users]:
        raise Refusal("user_not_found", details={"errors": [{"user": user} for user in unknown]})
    if set(users) <= channel.members:
        raise Refusal("already_in_channel")
    channel.members |= set(users)
    service.workspace.changed()
    return {"channel": channel.as_slack(bot)}


NAME_CHARACTERS = 80
_CHANNEL = {"channel": "channel_not_found"}
METHODS = {
    "conversations.history": Method(history, 3, (), _CHANNEL),
    "conversations.replies": Method(replies, 3, (), {**_CHANNEL, "ts": "thread_not_found"}),
    "conversations.info": Method(info, 3, (), _CHANNEL),
    "conversations.list": Method(listing, 2),
    "conversations.create": Method(create, 2, (), {"name": "invalid_name_required"}),
    "conversations.invite": Method(invite, 3, (), {**_CHANNEL, "users": "no_user"}),
    "conversations.open": Method(open_conversation, 3, (), {"users": "users_list_not_supplied"}),
}
