"""What Slack sends, as far as it is read here.

https://docs.slack.dev/interactivity/implementing-slash-commands, .../reference/interaction-payloads and
.../reference/events/message.im, app_mention and app_home_opened.
"""

import re
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
    enterprise_id: str | None = None
    trigger_id: str = ""
    text: str = ""

    def caller(self) -> Caller:
        """Who typed it, and where."""
        return Caller(
            by=Requester(self.user_name or self.user_id, self.user_id, self.team_id, self.enterprise_id or ""),
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
    """A channel, a team or an enterprise."""

    id: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The message that was acted on."""

    ts: str = ""
    thread_ts: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What was entered, by block and field."""

    values: dict[str, dict[str, Any]] = {}


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A form or a home."""

    id: str
    hash: str = ""
    """Of what it shows; an update that names it loses against a later one."""
    private_metadata: str = ""
    state: State = State()


class Interaction(msgspec.Struct, frozen=True, kw_only=True):
    """A button, a menu or a shortcut."""

    user: Person
    channel: Named | None = None
    team: Named | None = None
    enterprise: Named | None = None
    message: Message = Message()
    view: View | None = None
    """Where it was pressed, where that was in no channel."""
    trigger_id: str = ""
    response_url: str = ""

    @property
    def thread(self) -> str:
        """The thread that the message begins or is in."""
        return self.message.thread_ts or self.message.ts

    def caller(self, surface: str, thread: str = "") -> Caller:
        """Who acted, and where an answer belongs."""
        name = self.user.username or self.user.name or self.user.id
        return Caller(
            by=Requester(name, self.user.id, _id(self.team), _id(self.enterprise)),
            surface=surface,
            where=Where(self.channel.id, thread) if self.channel else None,
            message=self.message.ts,
            trigger=self.trigger_id,
        )


class Filling(msgspec.Struct, frozen=True, kw_only=True):
    """Something in a form was chosen or entered."""

    view: View


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A form that somebody submitted."""

    user: Person
    view: View
    team: Named | None = None
    enterprise: Named | None = None

    def caller(self) -> Caller:
        """Who filled it in. One form is one act, however often it is submitted; where it belongs, it knows itself."""
        name = self.user.username or self.user.name or self.user.id
        return Caller(
            by=Requester(name, self.user.id, _id(self.team), _id(self.enterprise)),
            surface="form",
            trigger=f"form {self.view.id}",
        )


def _id(named: Named | None) -> str:
    return named.id if named else ""


class MessageEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a conversation that the app is in, or its home that was opened."""

    channel: str = ""
    channel_type: str = ""
    user: str = ""
    text: str = ""
    ts: str = ""
    thread_ts: str = ""
    subtype: str = ""
    """Empty for what a person wrote: others are edits, files, joins."""
    bot_id: str = ""
    tab: str = ""
    """Which tab of the app was opened, where that is what happened."""

    @property
    def by_person(self) -> bool:
        """Whether somebody has written it, and no bot."""
        return bool(self.user) and not self.subtype and not self.bot_id


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """An installation of the app that may see an event."""

    enterprise_id: str | None = None
    user_id: str = ""
    """Of the app's bot there."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event and its envelope."""

    event: MessageEvent
    event_id: str
    team_id: str = ""
    enterprise_id: str | None = None
    authorizations: tuple[Authorization, ...] = ()

    @property
    def addressed(self) -> bool:
        """Whether the text begins with the bot's own name."""
        return self._cut is not None

    @property
    def words(self) -> str:
        """The text after the bot's own name."""
        return self.event.text[self._cut.end() :] if self._cut else ""

    @property
    def _cut(self) -> re.Match[str] | None:
        own = "|".join(re.escape(each.user_id) for each in self.authorizations if each.user_id)
        return re.match(rf"\s*<@(?:{own})(?:\|[^>]*)?>[\s:,]*", self.event.text) if own else None

    @property
    def beside(self) -> Where:
        """Where something can be said to the person alone: Slack shows that in a thread only if there is one already.

        https://docs.slack.dev/reference/methods/chat.postEphemeral
        """
        return Where(self.event.channel, self.event.thread_ts)

    def caller(self, surface: str, thread: str = "") -> Caller:
        """Who wrote, and where an answer belongs; the same event that is sent again is the same act."""
        seen_by = (each.enterprise_id for each in self.authorizations if each.enterprise_id)
        enterprise = self.enterprise_id or next(seen_by, "")
        return Caller(
            by=Requester(self.event.user, self.event.user, self.team_id, enterprise),
            surface=surface,
            where=Where(self.event.channel, thread or self.event.thread_ts),
            trigger=self.event_id,
        )


def read(body: Json, kind: type[Payload]) -> Payload:
    """A payload as its type.

    Raises:
        msgspec.ValidationError: it is none of Slack's.
    """
    return msgspec.convert(body, kind)
