"""Reading methods: who and what is there, and what was said."""

import secrets
from typing import Any

from bot.playground.method import Arguments, Method, need_scope
from bot.playground.refusal import Refusal
from bot.playground.service import Service
from bot.playground.workspace import TEAM, TEAM_DOMAIN, TEAM_NAME, Channel, Message


def _kind(channel: Channel) -> str:
    return "im" if channel.person else "groups" if channel.is_private else "channels"


def _visible(service: Service, arguments: Arguments, right: str) -> Channel:
    channel = service.workspace.channels.get(arguments.text("channel"))
    if channel is None or (channel.is_private and service.app.ids["user"] not in channel.members):
        raise Refusal("channel_not_found")
    need_scope(service, f"{_kind(channel)}:{right}")
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
    """Return messages of a channel, newest first, without replies and ephemeral messages."""
    channel = _visible(service, arguments, "history")
    if service.app.ids["user"] not in channel.members:
        raise Refusal("not_in_channel")
    everyone = [m for m in service.workspace.in_channel(channel.id) if m.visible_to is None]
    top = [m for m in everyone if m.thread_ts is None or m.broadcast]
    return _answer(service, _between(top, arguments)[::-1], arguments)


def replies(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Return a thread, oldest first, starting with the message it hangs on."""
    channel = _visible(service, arguments, "history")
    first = service.workspace.messages.get(channel.id, {}).get(arguments.text("ts"))
    if first is None or first.visible_to is not None:
        raise Refusal("thread_not_found")
    thread = [first, *_between(service.workspace.replies(channel.id, first.ts), arguments)]
    return _answer(service, thread, arguments)


def info(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Return one conversation."""
    return {"channel": _visible(service, arguments, "read").as_slack(service.app.ids["user"])}


def listing(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Return the conversations of the given types that the bot may know of."""
    bot = service.app.ids["user"]
    types = {"public_channel": "channels", "private_channel": "groups", "im": "im"}
    wanted = [types[t] for t in (arguments.text("types") or "public_channel").split(",") if t in types]
    need_scope(service, *(f"{kind}:read" for kind in wanted))
    known = [
        channel.as_slack(bot)
        for channel in service.workspace.channels.values()
        if _kind(channel) in wanted and (not channel.is_private or bot in channel.members)
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


def user_info(service: Service, arguments: Arguments) -> dict[str, Any]:
    """Return one user."""
    user = service.workspace.users.get(arguments.text("user"))
    if user is None:
        raise Refusal("user_not_found")
    return {"user": user.as_slack(with_email="users:read.email" in service.app.scopes)}


def user_list(service: Service, _arguments: Arguments) -> dict[str, Any]:
    """Return all users."""
    with_email = "users:read.email" in service.app.scopes
    members = [user.as_slack(with_email=with_email) for user in service.workspace.users.values()]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


def add_reaction(service: Service, arguments: Arguments) -> dict[str, Any]:
    """React to a message with an emoji."""
    message = service.workspace.message(arguments.text("channel"), arguments.text("timestamp"))
    people = message.reactions.setdefault(arguments.text("name").strip(":"), [])
    if service.app.ids["user"] in people:
        raise Refusal("already_reacted")
    people.append(service.app.ids["user"])
    service.workspace.touch(message)
    return {}


def team_info(_service: Service, _arguments: Arguments) -> dict[str, Any]:
    """Return the workspace."""
    return {"team": {"id": TEAM, "name": TEAM_NAME, "domain": TEAM_DOMAIN}}


def auth_test(service: Service, _arguments: Arguments) -> dict[str, Any]:
    """Say who the token belongs to."""
    ids = service.app.ids
    return {
        "url": f"{service.base_url}/",
        "team": TEAM_NAME,
        "user": service.workspace.users[ids["user"]].name,
        "team_id": TEAM,
        "user_id": ids["user"],
        "bot_id": ids["bot"],
        "is_enterprise_install": False,
    }


def api_test(_service: Service, arguments: Arguments) -> dict[str, Any]:
    """Return the arguments, or the error asked for."""
    if arguments.text("error"):
        raise Refusal(arguments.text("error"))
    return {"args": dict(arguments)}


def open_connection(service: Service, _arguments: Arguments) -> dict[str, Any]:
    """Hand out the address of a new Socket Mode connection."""
    if not service.app.socket_mode or not service.link_enabled:
        raise Refusal("socket_mode_not_enabled")
    ticket = secrets.token_urlsafe(18)
    service.tickets.add(ticket)
    socket_url = service.base_url.replace("http", "ws", 1)
    return {"url": f"{socket_url}/link?ticket={ticket}&app_id={service.app.ids['app']}"}


_CHANNEL = {"channel": "channel_not_found"}
METHODS = {
    "api.test": Method(api_test, 4, token=""),
    "auth.test": Method(auth_test, 4),
    "apps.connections.open": Method(open_connection, 1, token="app"),  # noqa: S106  the kind of token, not a token
    "conversations.history": Method(history, 3, (), _CHANNEL),
    "conversations.replies": Method(replies, 3, (), {**_CHANNEL, "ts": "thread_not_found"}),
    "conversations.info": Method(info, 3, (), _CHANNEL),
    "conversations.list": Method(listing, 2),
    "conversations.open": Method(open_conversation, 3, (), {"users": "users_list_not_supplied"}),
    "reactions.add": Method(
        add_reaction, 3, ("reactions:write",), {"name": "invalid_name", **_CHANNEL, "timestamp": "no_item_specified"}
    ),
    "team.info": Method(team_info, 3, ("team:read",)),
    "users.info": Method(user_info, 4, ("users:read",), {"user": "user_not_found"}),
    "users.list": Method(user_list, 2, ("users:read",)),
}
