"""The workspace: people, channels, messages, views and files, in memory. No IO.

Everything that people or the bot see is here; the Web API, the page and tests read and change the same objects.
"""

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.playground.manifest import App
from bot.playground.refusal import Refusal

TEAM = "T0PLAYGROUND"
TEAM_NAME = "Playground"
TEAM_DOMAIN = "playground"
SLACKBOT = "USLACKBOT"


@dataclass
class User:
    """A person or bot, named by role."""

    id: str
    name: str
    real_name: str
    is_bot: bool = False

    def as_slack(self, *, with_email: bool = False) -> dict[str, Any]:
        """Return the user object of the Web API; the address only where the scope allows it."""
        profile = {"real_name": self.real_name, "display_name": self.real_name}
        if with_email and not self.is_bot:
            profile["email"] = f"{self.name}@playground.invalid"
        return {
            "id": self.id,
            "team_id": TEAM,
            "name": self.name,
            "real_name": self.real_name,
            "is_bot": self.is_bot,
            "deleted": False,
            "tz": "UTC",
            "tz_offset": 0,
            "profile": profile,
        }


@dataclass
class Channel:
    """A channel or a direct conversation; `person` is set for the latter."""

    id: str
    name: str
    topic: str = ""
    is_private: bool = False
    person: str | None = None
    members: set[str] = field(default_factory=set)

    def as_slack(self, bot_user: str) -> dict[str, Any]:
        """Return the conversation object of the Web API as the bot sees it."""
        if self.person:
            return {"id": self.id, "is_im": True, "user": self.person, "is_open": True}
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_private": self.is_private,
            "is_archived": False,
            "is_member": bot_user in self.members,
            "num_members": len(self.members),
            "topic": {"value": self.topic},
            "purpose": {"value": ""},
            "context_team_id": TEAM,
        }


@dataclass
class Message:
    """A message; `visible_to` is set for an ephemeral one, `edited_at` once people would see "(edited)"."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    visible_to: str | None = None
    edited_at: str | None = None
    metadata: dict[str, Any] | None = None
    files: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    selected: dict[str, Any] = field(default_factory=dict)
    revision: int = 0

    @property
    def root(self) -> str:
        """The ts of the thread that this message belongs to or starts."""
        return self.thread_ts or self.ts


@dataclass
class View:
    """A modal or home view of one person; `parent` is the view under it in the stack of modals."""

    id: str
    user: str
    body: dict[str, Any]
    root: str
    parent: str | None
    hash: str
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""


@dataclass
class File:
    """An upload on its way: announced, received, completed."""

    id: str
    name: str
    length: int
    title: str = ""
    content: bytes | None = None
    mode: str = "pending"

    def as_slack(self, base_url: str) -> dict[str, Any]:
        """Return the file object of the Web API; `base_url` is where the stand-in serves downloads."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": len(self.content or b""),
            "mode": self.mode,
            "url_private": f"{base_url}/files/{self.id}/{self.name}",
            "permalink": f"{base_url}/files/{self.id}/{self.name}",
        }


class Workspace:
    """All state, with one counter that grows on each change and calls whoever listens."""

    def __init__(self, app: App) -> None:
        self.app = app
        bot = app.ids["user"]
        people = [
            User("U0ONCALL", "on-call", "On-call engineer"),
            User("U0PLATFORM", "platform", "Platform engineer"),
            User("U0VIRTUAL", "virtualisation", "Virtualisation engineer"),
            User("U0DEVELOPER", "developer", "Application developer"),
        ]
        staff = {person.id for person in people}
        self.users = {
            user.id: user
            for user in [
                *people,
                User(bot, app.name.lower().replace(" ", "-"), app.name, is_bot=True),
                User(SLACKBOT, "slackbot", "Slackbot", is_bot=True),
            ]
        }
        self.channels = {
            channel.id: channel
            for channel in [
                Channel("C0INCIDENTS", "incidents", "Something is broken", members={*staff, bot}),
                Channel("C0PLATFORM", "platform", "Clusters and what runs them", members={*staff, bot}),
                Channel("C0DIGESTS", "cluster-health", "Health digests", members={*staff, bot}),
                Channel("C0GENERAL", "general", "The app has not been invited here", members=set(staff)),
                Channel(
                    "C0VMWARE", "vmware-admins", "Private; the app is in", is_private=True, members={"U0VIRTUAL", bot}
                ),
            ]
        }
        for person in people:
            self.open_direct(person.id)
        self.messages: dict[str, dict[str, Message]] = {}
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.version = 0
        self.listeners: list[Callable[[], None]] = []
        self._numbers = itertools.count(1)
        self._last_ts = 0

    def changed(self) -> None:
        """Tell everyone who listens that something is different."""
        self.version += 1
        for listener in list(self.listeners):
            listener()

    def next_ts(self) -> str:
        """Return a timestamp in Slack's form, unique and growing."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 10**6}.{self._last_ts % 10**6:06d}"

    def new_id(self, letter: str) -> str:
        """Return a new ID of the kind that starts with `letter`."""
        return f"{letter}0{next(self._numbers):08d}"

    def open_direct(self, person: str) -> Channel:
        """Return the direct conversation of the bot with a person."""
        channel_id = f"D{person[1:]}"
        found = self.channels.get(channel_id)
        if found is None:
            members = {person, self.app.ids["user"]}
            found = self.channels[channel_id] = Channel(
                channel_id, "directmessage", is_private=True, person=person, members=members
            )
        return found

    def channel(self, reference: str) -> Channel:
        """Find a conversation by ID, or by name with or without `#`.

        Raises:
            Refusal: `channel_not_found`.
        """
        name = reference.removeprefix("#")
        found = self.channels.get(reference) or next(
            (channel for channel in self.channels.values() if channel.name == name and not channel.person), None
        )
        if found is None:
            raise Refusal("channel_not_found")
        return found

    def user(self, reference: str) -> User:
        """Find a user by ID or name.

        Raises:
            Refusal: `user_not_found`.
        """
        found = self.users.get(reference) or next((u for u in self.users.values() if u.name == reference), None)
        if found is None:
            raise Refusal("user_not_found")
        return found

    def message(self, channel: str, ts: str) -> Message:
        """Find a message, ephemeral ones included.

        Raises:
            Refusal: `message_not_found`.
        """
        found = self.messages.get(channel, {}).get(ts)
        if found is None:
            raise Refusal("message_not_found")
        return found

    def in_channel(self, channel: str) -> list[Message]:
        """Return all messages of a channel in order, replies and ephemeral ones included."""
        return list(self.messages.get(channel, {}).values())

    def replies(self, channel: str, root: str) -> list[Message]:
        """Return the replies that everyone sees in a thread, without its first message."""
        return [m for m in self.in_channel(channel) if m.thread_ts == root and m.visible_to is None]

    def add(self, message: Message) -> Message:
        """Store a message, with IDs in its blocks where the sender gave none."""
        name_blocks(message.blocks)
        self.messages.setdefault(message.channel, {})[message.ts] = message
        self.changed()
        return message

    def touch(self, message: Message) -> None:
        """Record that a stored message is different now."""
        name_blocks(message.blocks)
        message.revision += 1
        self.changed()

    def remove(self, message: Message) -> None:
        """Forget a message."""
        del self.messages[message.channel][message.ts]
        self.changed()

    def tell(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Have Slackbot say something that only `user` sees, as Slack does when a command fails."""
        return self.add(Message(channel, self.next_ts(), SLACKBOT, text=text, visible_to=user, thread_ts=thread_ts))

    def top_view(self, user: str) -> View | None:
        """Return the modal that a person sees, if one is open."""
        return next((view for view in reversed(self.views.values()) if view.user == user), None)

    def close_views(self, user: str) -> None:
        """Close all modals of a person."""
        for view in [view for view in self.views.values() if view.user == user]:
            del self.views[view.id]
        self.changed()

    def message_as_slack(self, message: Message, *, with_metadata: bool = False) -> dict[str, Any]:
        """Return the message object of the Web API."""
        author = self.users[message.user]
        body: dict[str, Any] = {"type": "message", "user": message.user, "team": TEAM, "text": message.text}
        body["ts"] = message.ts
        if author.id == self.app.ids["user"]:
            body |= {"bot_id": self.app.ids["bot"], "app_id": self.app.ids["app"]}
        optional = {
            "blocks": message.blocks,
            "attachments": message.attachments,
            "files": message.files,
            "thread_ts": message.thread_ts,
            "is_ephemeral": message.visible_to is not None,
            "reactions": [{"name": n, "users": u, "count": len(u)} for n, u in message.reactions.items()],
            "edited": message.edited_at and {"user": message.user, "ts": message.edited_at},
            "metadata": message.metadata if with_metadata else None,
        }
        body |= {key: value for key, value in optional.items() if value}
        replies = self.replies(message.channel, message.ts)
        if replies:
            body |= {
                "thread_ts": message.ts,
                "reply_count": len(replies),
                "reply_users": sorted({reply.user for reply in replies}),
                "latest_reply": replies[-1].ts,
            }
        return body


def name_blocks(blocks: list[dict[str, Any]]) -> None:
    """Give blocks and elements the IDs that Slack generates where the sender gave none."""
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        holders = [block.get("accessory"), block.get("element"), *block.get("elements", []), *block.get("actions", [])]
        for element in holders:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                element.setdefault("action_id", secrets.token_urlsafe(4))


INTERACTIVE = frozenset(
    {
        "button",
        "checkboxes",
        "channels_select",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "external_select",
        "feedback_buttons",
        "file_input",
        "icon_button",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_static_select",
        "multi_users_select",
        "number_input",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "rich_text_input",
        "static_select",
        "timepicker",
        "url_text_input",
        "users_select",
        "workflow_button",
    }
)
"""Elements that carry an `action_id`."""
