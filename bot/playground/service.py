"""What all parts of the stand-in share: state, limits, tokens, the log of calls and the faults to inject."""

import asyncio
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any, Protocol

from bot.playground.limits import RateLimits, ResponseAddresses, Triggers
from bot.playground.manifest import App
from bot.playground.settings import Settings
from bot.playground.workspace import Workspace

LOGGED = 20_000
"""Calls and deliveries that are remembered; a playground may run for weeks."""

BOT_TOKEN = f"xoxb-playground-{secrets.token_hex(12)}"
APP_TOKEN = f"xapp-1-A0PLAYGROUND-{secrets.token_hex(12)}"
SIGNING_SECRET = secrets.token_hex(16)
"""What the bot shows and checks; new in each process, so that no web page of another site can know them."""


@dataclass(frozen=True)
class Call:
    """One request of the bot as it was answered.

    Attributes:
        at: Unix time in seconds.
        method: Web API method, or `response_url`.
        arguments: The arguments as they came, decoded.
        status: HTTP status; 0 when the answer was withheld by an injected fault.
        error: Slack's error code, empty when the call was accepted.
        answer: The JSON body of the answer.
    """

    at: float
    method: str
    arguments: Mapping[str, Any]
    status: int
    error: str
    answer: Mapping[str, Any]


@dataclass
class Fault:
    """A failure to inject into calls of one method.

    Attributes:
        method: Web API method, or `response_url`.
        status: HTTP status to answer with instead of doing anything, for example 500 or 429.
        error: Slack error code to answer with instead of doing anything.
        retry_after: Seconds for `Retry-After`, sent with status 429.
        hang: Seconds to wait before doing anything else.
        lose_answer: Do what was asked, then cut the connection instead of answering.
        times: How many calls it hits.
    """

    method: str
    status: int = 0
    error: str = ""
    retry_after: int = 1
    hang: float = 0.0
    lose_answer: bool = False
    times: int = 1


@dataclass(frozen=True)
class Envelope:
    """Something to deliver to the bot; `kind` is slash_commands, interactive or events_api."""

    kind: str
    payload: Mapping[str, Any]
    accepts_response: bool = False
    retry_number: int = 0
    retry_reason: str = ""


@dataclass
class Acknowledgement:
    """How the bot took an envelope.

    Attributes:
        error: Empty, or what the person is told: `operation_timeout`, `dispatch_failed`, `http_service_error`.
        payload: What the bot sent along with the acknowledgement.
        seconds: Time from sending to the acknowledgement.
        retry: Whether the bot allows redelivery of an event it did not accept.
    """

    error: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    retry: bool = True

    @property
    def ok(self) -> bool:
        """Whether it arrived in time."""
        return not self.error


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an envelope and its outcome; `connection` is the number of the socket, 0 for HTTP."""

    at: float
    envelope: Envelope
    connection: int
    acknowledgement: Acknowledgement


class Transport(Protocol):
    """Carries envelopes to the bot: Socket Mode or HTTP."""

    async def deliver(self, envelope: Envelope) -> tuple[int, Acknowledgement]:
        """Deliver once; return the number of the connection and the acknowledgement, however it went."""


@dataclass
class Service:
    """The running stand-in."""

    app: App
    settings: Settings
    base_url: str = ""
    transport: Transport | None = None
    link_enabled: bool = True
    connections: int = 0
    stopping: bool = False
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=LOGGED))
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=LOGGED))
    faults: list[Fault] = field(default_factory=list)
    tickets: set[str] = field(default_factory=set)
    background: set["asyncio.Task[Any]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.app)
        self.rate_limits = RateLimits(self.settings)
        self.triggers = Triggers(self.settings)
        self.addresses = ResponseAddresses(self.settings)

    @property
    def connected(self) -> bool:
        """Whether the bot can be reached, as far as one can tell: over HTTP one cannot until one tries."""
        return self.connections > 0 or not self.app.socket_mode

    async def deliver(self, envelope: Envelope) -> Acknowledgement:
        """Deliver once and log it."""
        at, started = time(), monotonic()
        connection, acknowledgement = 0, Acknowledgement(error="dispatch_failed")
        if self.transport is not None:
            connection, acknowledgement = await self.transport.deliver(envelope)
        acknowledgement.seconds = monotonic() - started
        self.deliveries.append(Delivery(at, envelope, connection, acknowledgement))
        self.workspace.changed()
        return acknowledgement

    def start(self, coroutine: Any) -> None:
        """Run a coroutine in the background for as long as the stand-in runs."""
        task = asyncio.ensure_future(coroutine)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def fault(self, method: str) -> Fault | None:
        """Return the fault to apply to this call of a method, if one is set."""
        found = next((fault for fault in self.faults if fault.method == method), None)
        if found:
            found.times -= 1
            if found.times <= 0:
                self.faults.remove(found)
        return found

    def log(self, call: Call) -> None:
        """Record a call of the bot."""
        self.calls.append(call)
        self.workspace.changed()
