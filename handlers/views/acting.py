"""Buttons that do what a command does: their value is what was asked for, so any later process can act on them."""

import msgspec

from bot.commands.grammar import Asked
from bot.decoding import decoded
from bot.errors import Unreadable, UsageError
from handlers.views.blocks import Block, button

ACT = "act"
"""The beginning of the `action_id`; the rest tells the buttons of a message apart."""
VALUE_CHARACTERS = 2000
"""Slack's limit for the value of a button (https://docs.slack.dev/reference/block-kit/block-elements/button-element)."""
_COMMANDS = ("diagnose", "digest", "fix", "incident", "plan")


def acting(label: str, asked: Asked, style: str = "", act: str = ACT) -> list[Block]:
    """A button that asks for this; none where it would be more than a button may hold.

    `act` is the beginning of its `action_id`.
    """
    value = msgspec.json.encode(asked).decode()
    if len(value) > VALUE_CHARACTERS:
        return []
    return [button(label, f"{act}_{asked.command}_{asked.subject.replace(' ', '_')[:80]}", value, style)]


def asked_by(value: str) -> Asked:
    """What a button asks for.

    Raises:
        UsageError: this version of netcheck did not make it.
    """
    try:
        asked = decoded(value.encode(), Asked)
    except Unreadable:
        asked = Asked(command="")
    if asked.command not in _COMMANDS:
        raise UsageError("This button is from another version of netcheck and does nothing any more.")
    return asked
