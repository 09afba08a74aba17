"""All state of the workspace, in memory. No IO.

Everything that people or the bot see is here; the Web API, the page and tests read and change the same objects.
"""

import itertools
import time
from collections.abc import Callable
from typing import Any

from bot.playground.blockkit.ids import name_blocks
from bot.playground.refusal import Refusal
from bot.playground.slack.manifest import App
from bot.playground.slack.workspace.channels import Channel, channels, direct
from bot.playground.slack.workspace.files import File
from bot.playground.slack.workspace.messages import Message
from bot.playground.slack.workspace.usergroups import usergroups
from bot.playground.slack.workspace.users import PEOPLE, SLACKBOT, TEAM, User
from bot.playground.slack.workspace.views import View


class Workspace:
    """All state, with one counter that grows on each change and calls whoever listens."""

    def __init__(self, app: App) -> None:
        self.app = app
        bot = User(app.ids["user"], app.name.lower().replace(" ", "-"), app.name, is_bot=True)
        slackbot = User(SLACKBOT, "slackbot", "Slackbot", is_bot=True)
        self.users = {user.id: user for user in [*PEOPLE, bot, slackbot]}
        self.channels = {channel.id: channel for channel in channels(bot.id)}
        self.usergroups = {group.id: group for group in usergroups()}
        for person in PEOPLE:
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
        """A timestamp in Slack's form, unique and growing."""
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 10**6}.{self._last_ts % 10**6:06d}"

    def new_id(self, letter: str) -> str:
        """A new ID of the kind that starts with `letter`."""
        return f"{letter}0{next(self._numbers):08d}"

    def open_direct(self, person: str) -> Channel:
        """The direct conversation of the bot with a person."""
        channel = direct(person, self.app.ids["user"])
        return self.channels.setdefault(channel.id, channel)

    def make_channel(self, name: str, *, is_private: bool) -> Channel:
        """A new channel with the bot alone in it."""
        channel = Channel(self.new_id("C"), name, is_private=is_private, members={self.app.ids["user"]})
        self.channels[channel.id] = channel
        self.changed()
        return channel

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
        """All messages of a channel in order, replies and ephemeral ones included."""
        return list(self.messages.get(channel, {}).values())

    def replies(self, channel: str, root: str) -> list[Message]:
        """The replies that everyone sees in a thread, without its first message."""
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
        """The modal that a person sees, if one is open."""
        return next((view for view in reversed(self.views.values()) if view.user == user), None)

    def show_view(self, user: str, body: dict[str, Any], parent: View | None = None) -> View:
        """Put a modal in front of a person, on top of `parent` if that is given, else in place of all."""
        if parent is None:
            self.close_views(user)
        view_id = self.new_id("V")
        name_blocks(body["blocks"])
        view = View(view_id, user, body, parent.root if parent else view_id, parent.id if parent else None)
        self.views[view_id] = view
        self.changed()
        return view

    def replace_view(self, view: View, body: dict[str, Any]) -> None:
        """Change what a modal or home shows."""
        name_blocks(body["blocks"])
        view.replace(body)
        self.changed()

    def publish_home(self, user: str, body: dict[str, Any]) -> View:
        """Show a person their home, in place of what it showed."""
        view = self.homes.get(user)
        if view is None:
            view_id = self.new_id("V")
            view = self.homes[user] = View(view_id, user, body, view_id, None)
        self.replace_view(view, body)
        return view

    def close_view(self, view: View) -> None:
        """Close one modal."""
        self.views.pop(view.id, None)
        self.changed()

    def close_views(self, user: str) -> None:
        """Close all modals of a person."""
        for view in [view for view in self.views.values() if view.user == user]:
            del self.views[view.id]
        self.changed()

    def message_as_slack(self, message: Message, *, with_metadata: bool = False) -> dict[str, Any]:
        """The message object of the Web API."""
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
