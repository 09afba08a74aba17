"""What Slack sends, as far as it is read here.

https://docs.slack.dev/interactivity/implementing-slash-commands, .../reference/interaction-payloads and
.../reference/events/message.im.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from bot.access.requester import Requester
from bot.commands.caller import Caller
from bot.messages.where import Where

Json = Mapping[str, Any]
Payload = TypeVar("Payload")


class SlashCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A line after `/netcheck`."""

    channel_id: str
    user_id: str
    user_name: str = ""
    team_id: str = ""
    trigger_id: str = ""
    text: str = ""

    def caller(self) -> Caller:
        """Who typed it, and where."""
        return Caller(
            by=Requester(self.user_name or self.user_id, self.user_id, self.team_id),
            surface="command",
            where=Where(self.channel_id),
            trigger=self.trigger_id,
        )


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who pressed or chose something."""

    id: str
    username: str = ""
    name: str = ""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A channel or a team."""

    id: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The message that was acted on."""

    ts: str = ""
    thread_ts: str = ""


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """A button, a menu or a shortcut."""

    user: Person
    channel: Named | None = None
    team: Named | None = None
    message: Message = Message()
    trigger_id: str = ""

    @property
    def thread(self) -> str:
        """The thread that the message begins or is in."""
        return self.message.thread_ts or self.message.ts

    def caller(self, surface: str, thread: str = "") -> Caller:
        """Who acted, and where an answer belongs."""
        name = self.user.username or self.user.name or self.user.id
        return Caller(
            by=Requester(name, self.user.id, self.team.id if self.team else ""),
            surface=surface,
            where=Where(self.channel.id, thread) if self.channel else None,
            message=self.message.ts,
            trigger=self.trigger_id,
        )


class MessageEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a conversation that the app is in."""

    channel: str = ""
    channel_type: str = ""
    user: str = ""
    text: str = ""
    thread_ts: str = ""
    subtype: str = ""
    """Empty for what a person wrote: others are edits, files, joins."""
    bot_id: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event and its envelope."""

    event: MessageEvent
    event_id: str
    team_id: str = ""

    def caller(self) -> Caller:
        """Who wrote, and where; the same event that is sent again is the same act."""
        return Caller(
            by=Requester(self.event.user, self.event.user, self.team_id),
            surface="conversation",
            where=Where(self.event.channel, self.event.thread_ts),
            trigger=self.event_id,
        )


def read(body: Json, kind: type[Payload]) -> Payload:
    """A payload as its type.

    Raises:
        msgspec.ValidationError: it is none of Slack's.
    """
    return msgspec.convert(body, kind)
