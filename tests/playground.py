"""The stand-in for Slack as tests use it.

with Playground() as slack:
WebClient(slack.bot_token, base_url=slack.base_url).chat_postMessage(channel="#incidents", text="hello")
assert "hello" == slack.messages("incidents")[0]["text"]
"""

import copy
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.playground.blockkit.views import check_view
from bot.playground.server import Options, Server
from bot.playground.slack.credentials import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from bot.playground.slack.delivery import events
from bot.playground.slack.envelope import Acknowledgement, Delivery
from bot.playground.slack.faults import Fault
from bot.playground.slack.journal import Call, IdenticalEdit
from bot.playground.slack.people import composer, elements, modals, shortcuts
from bot.playground.slack.settings import Settings
from bot.playground.slack.workspace.messages import Message
from tests.loop import LoopThread
from tests.waiting import TIMEOUT_S, Changes, until

Result = TypeVar("Result")
Json = dict[str, Any]


class Playground:
    """The stand-in on a thread of its own; a context manager. `options` are those of `bot.playground.server.Options`.

    Every method may be called from any thread. Users and channels are given by ID or name; users are `on-call`,
    `platform`, `virtualisation` and `developer`; channels are `incidents`, `platform`, `cluster-health`, `general`
    (without the app) and `vmware-admins` (private). What people do raises `Refusal` where they could not do it.
    """

    bot_token = BOT_TOKEN
    app_token = APP_TOKEN
    signing_secret = SIGNING_SECRET

    def __init__(self, **options: Any) -> None:
        self._server = Server(Options(**options))
        self._service = self._server.service
        self._workspace = self._service.workspace
        self._loop = LoopThread("playground")
        self._changes = Changes()

    def start(self) -> Self:
        """Start the thread and listen.

        Raises:
            OSError: the address is taken.
        """
        self._loop.start()
        self._workspace.listeners.append(self._changes.tell)
        try:
            self._loop.do(self._server.start())
        except OSError:
            self._loop.stop()
            raise
        return self

    def stop(self) -> None:
        """Close every connection, stop listening and end the thread."""
        self._loop.do(self._server.stop())
        self._loop.stop()

    __enter__ = start

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._loop.running

    @property
    def page_url(self) -> str:
        """Address of the page."""
        return f"{self._service.base_url}/"

    @property
    def base_url(self) -> str:
        """Address to give to `slack_sdk.WebClient` as `base_url`."""
        return f"{self._service.base_url}/api/"

    @property
    def settings(self) -> Settings:
        """The delays and limits in force."""
        return self._service.settings

    # What people do.

    def command(self, user: str, channel: str, text: str) -> Acknowledgement:
        """Type a slash command; returns once it is acknowledged or failed."""
        return self._loop.do(composer.command(self._service, user, channel, text))

    def post(
        self, user: str, channel: str, text: str, thread_ts: str | None = None, file: tuple[str, bytes] | None = None
    ) -> Json:
        """Type a message; returns it as `messages` does. What starts with a slash is a command and returns nothing.

        `file` is the name and the content of a file that is attached to it.
        """
        attached = composer.Attached(*file) if file else None

        async def act() -> Json:
            message = await composer.type_text(self._service, user, channel, text, thread_ts, attached=attached)
            return self._as_seen(message) if isinstance(message, Message) else {}

        return self._loop.do(act())

    def press(
        self, user: str, message: Mapping[str, Any], action_id: str, value: Any = None, block_id: str = ""
    ) -> Acknowledgement:
        """Press a button of a message, or choose `value` (an option's value) in a select or overflow menu."""
        channel, ts = message["channel"], message["ts"]
        return self._loop.do(
            elements.press(self._service, user, channel, ts, action_id, value=value, block_id=block_id)
        )

    def press_in_view(self, user: str, action_id: str, value: Any = None, block_id: str = "") -> Acknowledgement:
        """Use an element of the modal a person sees, or of their home where no modal is open."""
        view_id = self._view_id(user)
        return self._loop.do(
            elements.press_in_view(self._service, user, view_id, action_id, value=value, block_id=block_id)
        )

    def shortcut(self, user: str, callback_id: str, message: Mapping[str, Any] | None = None) -> Acknowledgement:
        """Use a message shortcut on a message, or a global one; any that the manifest declares."""
        if message is None:
            return self._loop.do(shortcuts.shortcut(self._service, user, callback_id, self.direct(user)))
        channel, ts = message["channel"], message["ts"]
        return self._loop.do(shortcuts.shortcut_on_message(self._service, user, callback_id, channel, ts))

    def show_modal(self, user: str, view: Json) -> None:
        """Show a person a modal, as one that the bot opened before it was replaced by another version."""
        check_view(view, "modal")
        person = self._workspace.user(user).id
        self._loop.call(lambda: self._workspace.show_view(person, copy.deepcopy(view)))

    def publish(self, user: str, view: Json) -> None:
        """Show a person a home, as one that another version of the bot has published."""
        check_view(view, "home")
        person = self._workspace.user(user).id
        self._loop.call(lambda: self._workspace.publish_home(person, copy.deepcopy(view)))

    def submit(self, user: str, values: Mapping[str, Mapping[str, Any]] | None = None) -> Acknowledgement:
        """Submit the modal a person sees, with values by block ID and action ID."""
        return self._loop.do(modals.submit(self._service, user, self._view_id(user), values or {}))

    def close_view(self, user: str) -> None:
        """Close the modal a person sees."""
        self._loop.do(modals.close(self._service, user, self._view_id(user)))

    def open_home(self, user: str) -> None:
        """Look at the app's home."""
        self._loop.call(lambda: events.home_opened(self._service, self._workspace.user(user).id))

    def emit(self, event: Mapping[str, Any]) -> str:
        """Send any event to the app, with redelivery until it is acknowledged; returns its ID."""
        return self._loop.call(lambda: events.emit(self._service, event))

    def redeliver(self, delivery: Delivery) -> Acknowledgement:
        """Deliver the same payload once more, as Slack does after a lost acknowledgement."""
        return self._loop.do(self._service.deliver(delivery.envelope))

    # What the workspace's administrators do.

    def set_members(self, usergroup: str, users: Sequence[str]) -> None:
        """Make these the people of a user group."""
        group, members = self._workspace.usergroups[usergroup], [self._workspace.user(user).id for user in users]
        self._loop.call(lambda: setattr(group, "users", members))

    def disable_usergroup(self, usergroup: str) -> None:
        """Switch a user group off."""
        group = self._workspace.usergroups[usergroup]
        self._loop.call(lambda: setattr(group, "disabled", True))

    # What people see.

    def direct(self, user: str) -> str:
        """The ID of the app's own conversation with a person."""
        return self._workspace.open_direct(self._workspace.user(user).id).id

    def messages(self, channel: str) -> list[Json]:
        """What everyone sees in a channel, oldest first, replies and metadata included."""
        channel_id = self._workspace.channel(channel).id
        return [m for m in self._seen() if m["channel"] == channel_id and not m.get("is_ephemeral")]

    def thread(self, message: Mapping[str, Any]) -> list[Json]:
        """The replies to a message, oldest first."""
        return [m for m in self.messages(message["channel"]) if m.get("thread_ts") == message["ts"] != m["ts"]]

    def ephemerals(self, user: str) -> list[Json]:
        """What only this person sees, oldest first, in all channels."""
        person = self._workspace.user(user).id
        return [m for m in self._seen() if m.get("visible_to") == person]

    def view(self, user: str) -> Json | None:
        """The modal that a person sees, with `errors` and `trouble` as shown there."""

        def look() -> Json | None:
            view = self._workspace.top_view(self._workspace.user(user).id)
            if view is None:
                return None
            return {**view.as_slack(self._service.app.ids), "errors": view.errors, "trouble": view.trouble}

        return self._loop.call(look)

    def home(self, user: str) -> Json | None:
        """The home view that a person sees."""

        def look() -> Json | None:
            view = self._workspace.homes.get(self._workspace.user(user).id)
            return view.as_slack(self._service.app.ids) if view else None

        return self._loop.call(look)

    def file(self, name: str) -> bytes:
        """The content of the newest shared file of that name.

        Raises:
            KeyError: no such file was shared.
        """
        shared = [f for f in self._loop.call(lambda: list(self._workspace.files.values())) if f.name == name]
        content = next((f.content for f in reversed(shared) if f.mode == "hosted"), None)
        if content is None:
            raise KeyError(name)
        return content

    def wait_for(self, condition: Callable[[], Result], timeout_s: float = TIMEOUT_S) -> Result:
        """What `condition` gives, once that is true; it is asked again whenever something changed here.

        Raises:
            TimeoutError: it was not true in time; says what was called and refused meanwhile.
        """
        try:
            return until(condition, timeout_s, self._changes)
        except TimeoutError as error:
            last = [f"{call.method} {call.status} {call.error}".strip() for call in self.calls[-5:]]
            refused = [(call.method, call.error) for call in self.refusals[-5:]]
            raise TimeoutError(f"{error}; last calls: {last}, refused: {refused}") from None

    # What the bot did.

    @property
    def calls(self) -> list[Call]:
        """Every request of the bot, in order."""
        return list(self._service.journal.calls)

    def calls_of(self, method: str) -> list[Call]:
        """The requests of one Web API method, or of `response_url`."""
        return [call for call in self.calls if call.method == method]

    @property
    def refusals(self) -> list[Call]:
        """Every request that was not accepted, whatever the reason."""
        return self._loop.call(self._service.journal.refused)

    @property
    def rate_limited(self) -> Counter[str]:
        """How often each method was answered 429."""
        return self._loop.call(self._service.journal.rate_limited)

    @property
    def identical_edits(self) -> list[IdenticalEdit]:
        """Every accepted `chat.update` that changed nothing that people see."""
        return list(self._service.journal.identical_edits)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to deliver something to the bot, with its acknowledgement and time."""
        return list(self._service.journal.deliveries)

    @property
    def connections(self) -> int:
        """Number of open Socket Mode connections."""
        return len(self._server.sockets.connections)

    @property
    def connection_numbers(self) -> list[int]:
        """The open Socket Mode connections, numbered from 1 in the order they were opened."""
        return [connection.number for connection in self._server.sockets.connections]

    @property
    def late_acknowledgements(self) -> int:
        """Number of Socket Mode acknowledgements that came after their time."""
        return self._server.sockets.late

    # What goes wrong.

    def inject(self, method: str, **fault: Any) -> Fault:
        """Make the next calls of a method fail; see `Fault` for what can go wrong."""
        injected = Fault(method, **fault)
        self._loop.call(lambda: self._service.faults.waiting.append(injected))
        return injected

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send the disconnect frame to every connection; `link_disabled` also refuses new ones."""
        if reason == "link_disabled":
            self._service.link.enabled = False
        self._loop.do(self._server.sockets.disconnect(reason))

    def enable_link(self) -> None:
        """Allow Socket Mode again after `link_disabled`."""
        self._service.link.enabled = True

    def drop_connections(self) -> None:
        """Cut every Socket Mode connection without a word."""
        self._loop.do(self._server.sockets.drop())

    # Inside.

    def _view_id(self, user: str) -> str:
        person = self._workspace.user(user).id
        view = self._workspace.top_view(person) or self._workspace.homes.get(person)
        return view.id if view else ""

    def _seen(self) -> list[Json]:
        def look() -> list[Json]:
            workspace = self._workspace
            return [self._as_seen(m) for channel in workspace.channels for m in workspace.in_channel(channel)]

        return self._loop.call(look)

    def _as_seen(self, message: Message) -> Json:
        shown = self._workspace.message_as_slack(message, with_metadata=True)
        shown["channel"] = message.channel
        if message.visible_to:
            shown["visible_to"] = message.visible_to
        return copy.deepcopy(shown)
