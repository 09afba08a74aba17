"""Starts the stand-in: `serve` for the command line, `Playground` for synchronous code such as tests.

The latter in three lines:

    with Playground() as slack:
        WebClient(slack.bot_token, base_url=slack.base_url).chat_postMessage(channel="#incidents", text="hello")
        assert slack.messages("incidents")[0]["text"] == "hello"
"""

import asyncio
import copy
import threading
from collections.abc import Callable, Coroutine, Mapping
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.playground import events, people
from bot.playground.application import Options, Server
from bot.playground.modals import view_as_slack
from bot.playground.service import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Acknowledgement, Call, Delivery, Fault
from bot.playground.settings import Settings
from bot.playground.workspace import Message

Result = TypeVar("Result")


async def serve(
    host: str = "127.0.0.1", port: int = 8080, *, ready: Callable[[str], None] = lambda _page: None, **options: Any
) -> None:
    """Run the stand-in until cancelled.

    Args:
        host: Address to listen on.
        port: Port to listen on, 0 for a free one.
        ready: Called with the address of the page once it can be opened; the Web API is at `api/` below it.
        options: See `Options` for the rest.

    Raises:
        OSError: When the address is taken.
    """
    server = Server(Options(host=host, port=port, **options))
    await server.start()
    try:
        ready(f"{server.service.base_url}/")
        await asyncio.Event().wait()
    finally:
        await server.stop()


class Playground:
    """The stand-in on a thread of its own, for synchronous code; a context manager.

    Every method may be called from any thread. Users and channels are given by ID or name; users are `on-call`,
    `platform`, `virtualisation` and `developer`; channels are `incidents`, `platform`, `cluster-health`, `general`
    (without the app) and `vmware-admins` (private).

    Args:
        options: See `Options`.
    """

    bot_token = BOT_TOKEN
    app_token = APP_TOKEN
    signing_secret = SIGNING_SECRET

    def __init__(self, **options: Any) -> None:
        self._server = Server(Options(**options))
        self._service = self._server.service
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="playground", daemon=True)
        self._changed = threading.Condition()

    def start(self) -> Self:
        """Start the thread and listen.

        Raises:
            OSError: When the address is taken.
        """
        self._thread.start()
        self._service.workspace.listeners.append(self._notify)
        try:
            self._do(self._server.start())
        except OSError:
            self._end()
            raise
        return self

    def stop(self) -> None:
        """Close every connection, stop listening and end the thread."""
        self._do(self._server.stop())
        self._end()

    __enter__ = start

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    # Where it is.

    @property
    def page_url(self) -> str:
        """Address of the page."""
        return f"{self._service.base_url}/"

    @property
    def base_url(self) -> str:
        """Address to give to `slack_sdk.WebClient` as `base_url`."""
        return f"{self._service.base_url}/api/"

    # What people do.

    def command(self, user: str, channel: str, text: str) -> Acknowledgement:
        """Type a slash command; returns once it is acknowledged or failed."""
        return self._do(people.command(self._service, user, channel, text))

    def post(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> dict[str, Any]:
        """Type a message; returns it as `messages` does. What starts with a slash is a command and returns nothing."""

        async def act() -> dict[str, Any]:
            message = await people.type_text(self._service, user, self._channel(channel), text, thread_ts)
            return self._as_seen(message) if isinstance(message, Message) else {}

        return self._do(act())

    def press(
        self, user: str, message: Mapping[str, Any], action_id: str, value: Any = None, block_id: str = ""
    ) -> Acknowledgement:
        """Press a button of a message, or choose `value` (an option's value) in a select or overflow menu.

        Raises:
            Refusal: When the message or the element is not there.
        """
        channel, ts = message["channel"], message["ts"]
        return self._do(people.press(self._service, user, channel, ts, action_id, value=value, block_id=block_id))

    def press_in_view(self, user: str, action_id: str, value: Any = None, block_id: str = "") -> Acknowledgement:
        """Use an element of the modal a person sees, or of their home where no modal is open.

        Raises:
            Refusal: When there is no such view or element.
        """
        return self._do(
            people.press_in_view(self._service, user, self._view_id(user), action_id, value=value, block_id=block_id)
        )

    def shortcut(self, user: str, callback_id: str, message: Mapping[str, Any] | None = None) -> Acknowledgement:
        """Use a message shortcut on a message, or a global shortcut.

        Raises:
            Refusal: When there is no such shortcut or message.
        """
        place = (message["channel"], message["ts"]) if message else ("", "")
        return self._do(people.shortcut(self._service, user, callback_id, *place))

    def submit(self, user: str, values: Mapping[str, Mapping[str, Any]] | None = None) -> Acknowledgement:
        """Submit the modal a person sees, with values by block ID and action ID.

        Raises:
            Refusal: When no modal is open or it does not offer a value.
        """
        return self._do(people.submit(self._service, user, self._view_id(user), values or {}))

    def close_view(self, user: str) -> None:
        """Close the modal a person sees.

        Raises:
            Refusal: When no modal is open.
        """
        self._do(people.close(self._service, user, self._view_id(user)))

    def open_home(self, user: str) -> None:
        """Look at the app's home."""

        async def act() -> None:
            events.home_opened(self._service, self._service.workspace.user(user).id)

        self._do(act())

    def emit(self, event: Mapping[str, Any]) -> str:
        """Send any event to the app, with redelivery until it is acknowledged; returns its ID."""

        async def act() -> str:
            return events.emit(self._service, event)

        return self._do(act())

    def redeliver(self, delivery: Delivery) -> Acknowledgement:
        """Deliver the same payload once more, as Slack does after a lost acknowledgement."""
        return self._do(self._service.deliver(delivery.envelope))

    # What people see.

    def messages(self, channel: str) -> list[dict[str, Any]]:
        """Return what everyone sees in a channel, oldest first, replies and metadata included."""
        return [m for m in self._seen() if m["channel"] == self._channel(channel) and not m.get("is_ephemeral")]

    def thread(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the replies to a message, oldest first."""
        return [m for m in self.messages(message["channel"]) if m.get("thread_ts") == message["ts"] != m["ts"]]

    def ephemerals(self, user: str) -> list[dict[str, Any]]:
        """Return what only this person sees, oldest first, in all channels."""
        person = self._service.workspace.user(user).id
        return [m for m in self._seen() if m.get("visible_to") == person]

    def view(self, user: str) -> dict[str, Any] | None:
        """Return the modal a person sees, with `errors` and `trouble` as shown there."""

        def look() -> dict[str, Any] | None:
            view = self._service.workspace.top_view(self._service.workspace.user(user).id)
            if view is None:
                return None
            return {**view_as_slack(self._service, view), "errors": view.errors, "trouble": view.trouble}

        return self._look(look)

    def home(self, user: str) -> dict[str, Any] | None:
        """Return the home view a person sees."""

        def look() -> dict[str, Any] | None:
            view = self._service.workspace.homes.get(self._service.workspace.user(user).id)
            return view_as_slack(self._service, view) if view else None

        return self._look(look)

    def file(self, name: str) -> bytes:
        """Return the content of the newest shared file of that name.

        Raises:
            KeyError: When no such file was shared.
        """
        shared = [f for f in self._look(lambda: list(self._service.workspace.files.values())) if f.name == name]
        content = next((f.content for f in reversed(shared) if f.mode == "hosted"), None)
        if content is None:
            raise KeyError(name)
        return content

    def wait_for(self, predicate: Callable[[], Result], timeout: float = 10.0) -> Result:
        """Call `predicate` after each change until it returns something true, and return that.

        Args:
            predicate: Takes nothing; typically a lambda that looks at `messages` and the like.
            timeout: Seconds to wait.

        Raises:
            TimeoutError: With what was called and refused meanwhile, to make a failing test readable.
        """
        deadline = monotonic() + timeout
        workspace = self._service.workspace
        while True:
            version = workspace.version
            if result := predicate():
                return result
            with self._changed:
                if not self._changed.wait_for(lambda: workspace.version != version, deadline - monotonic()):  # noqa: B023
                    raise TimeoutError(f"nothing came within {timeout} s; {self._summary()}")

    # What the bot did.

    @property
    def calls(self) -> list[Call]:
        """Every request of the bot, in order."""
        return list(self._service.calls)

    def calls_of(self, method: str) -> list[Call]:
        """Return the requests of one Web API method, or of `response_url`."""
        return [call for call in self.calls if call.method == method]

    @property
    def refusals(self) -> list[Call]:
        """Every request that was not accepted, whatever the reason."""
        return [call for call in self.calls if call.error]

    @property
    def rate_limited(self) -> list[Call]:
        """Every request that was answered 429."""
        return [call for call in self.calls if call.status == 429]  # noqa: PLR2004  HTTP's number

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to deliver something to the bot, with its acknowledgement and time."""
        return list(self._service.deliveries)

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

    @property
    def settings(self) -> Settings:
        """The delays and limits in force."""
        return self._service.settings

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._thread.is_alive()

    # What goes wrong.

    def inject(self, method: str, **fault: Any) -> Fault:
        """Make the next calls of a method fail; see `Fault` for what can go wrong."""
        injected = Fault(method, **fault)
        self._look(lambda: self._service.faults.append(injected))
        return injected

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Send the disconnect frame to every connection; `link_disabled` also refuses new ones."""
        if reason == "link_disabled":
            self._service.link_enabled = False
        self._do(self._server.sockets.disconnect(reason))

    def enable_link(self) -> None:
        """Allow Socket Mode again after `link_disabled`."""
        self._service.link_enabled = True

    def drop_connections(self) -> None:
        """Cut every Socket Mode connection without a word."""
        self._do(self._server.sockets.drop())

    # Plumbing.

    def _do(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def _look(self, look: Callable[[], Result]) -> Result:
        async def on_loop() -> Result:
            return look()

        return self._do(on_loop())

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _channel(self, reference: str) -> str:
        return self._service.workspace.channel(reference).id

    def _view_id(self, user: str) -> str:
        person = self._service.workspace.user(user).id
        view = self._service.workspace.top_view(person) or self._service.workspace.homes.get(person)
        return view.id if view else ""

    def _seen(self) -> list[dict[str, Any]]:
        workspace = self._service.workspace
        return self._look(
            lambda: [self._as_seen(m) for channel in workspace.channels for m in workspace.in_channel(channel)]
        )

    def _as_seen(self, message: Message) -> dict[str, Any]:
        shown = self._service.workspace.message_as_slack(message, with_metadata=True)
        shown["channel"] = message.channel
        if message.visible_to:
            shown["visible_to"] = message.visible_to
        return copy.deepcopy(shown)

    def _summary(self) -> str:
        last = [f"{call.method} {call.status} {call.error}".strip() for call in self.calls[-5:]]
        return f"last calls: {last}, refused: {[(c.method, c.error) for c in self.refusals[-5:]]}"

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
