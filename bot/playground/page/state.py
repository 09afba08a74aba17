"""Everything that one person sees, as one document."""

from typing import Any

from bot.playground.slack.journal import Call
from bot.playground.slack.service import Service
from bot.playground.slack.workspace.channels import Channel
from bot.playground.slack.workspace.messages import Message
from bot.playground.slack.workspace.views import View

RECENT = 200
"""Calls of the bot among which refused ones are looked for."""


def state(service: Service, user: str) -> dict[str, Any]:
    """Everything that one person sees.

    Raises:
        Refusal: `user_not_found`.
    """
    workspace = service.workspace
    person = workspace.user(user)
    view = workspace.top_view(person.id)
    home = workspace.homes.get(person.id)
    return {
        "version": workspace.version,
        "me": person.id,
        "bot": service.app.ids["user"],
        "connected": service.connected,
        "app": {
            "name": service.app.name,
            "commands": [vars(command) for command in service.app.commands.values()],
            "shortcuts": [vars(shortcut) for shortcut in service.app.shortcuts.values()],
            "home_tab": service.app.home_tab,
        },
        "users": {
            u.id: {"name": u.name, "real_name": u.real_name, "is_bot": u.is_bot} for u in workspace.users.values()
        },
        "usergroups": {group.id: {"handle": group.handle} for group in workspace.usergroups.values()},
        "channels": [_channel(service, c, person.id) for c in workspace.channels.values() if person.id in c.members],
        "refused": [_refusal(call) for call in list(service.journal.calls)[-RECENT:] if call.error],
        "view": view and _view(service, view),
        "home": home and _view(service, home),
    }


def _refusal(call: Call) -> dict[str, Any]:
    messages = call.answer.get("response_metadata", {}).get("messages", [])
    return {"at": call.at, "method": call.method, "error": call.error, "messages": messages}


def _channel(service: Service, channel: Channel, user: str) -> dict[str, Any]:
    seen = [m for m in service.workspace.in_channel(channel.id) if m.visible_to in (None, user)]
    return {
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "is_private": channel.is_private,
        "is_direct": channel.person is not None,
        "has_app": service.app.ids["user"] in channel.members,
        "messages": [_seen(service, message) for message in seen],
    }


def _seen(service: Service, message: Message) -> dict[str, Any]:
    shown = {"revision": message.revision, "selected": message.selected, "broadcast": message.broadcast}
    return {**service.workspace.message_as_slack(message), **shown}


def _view(service: Service, view: View) -> dict[str, Any]:
    return {**view.as_slack(service.app.ids), "errors": view.errors, "trouble": view.trouble}
