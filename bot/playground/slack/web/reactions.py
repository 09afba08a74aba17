"""Reactions to messages."""

from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method


def add_reaction(service: Service, arguments: Arguments) -> dict[str, Any]:
    """React to a message with an emoji."""
    message = service.workspace.message(arguments.text("channel"), arguments.text("timestamp"))
    people = message.reactions.setdefault(arguments.text("name").strip(":"), [])
    if service.app.ids["user"] in people:
        raise Refusal("already_reacted")
    people.append(service.app.ids["user"])
    service.workspace.touch(message)
    return {}


_REQUIRED = {"name": "invalid_name", "channel": "channel_not_found", "timestamp": "no_item_specified"}
METHODS = {"reactions.add": Method(add_reaction, 3, ("reactions:write",), _REQUIRED)}
