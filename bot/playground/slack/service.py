"""The running stand-in: what the Web API, delivery, people and the page share."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

from bot.playground.slack.envelope import Acknowledgement, Delivery, Envelope, Transport
from bot.playground.slack.faults import Faults
from bot.playground.slack.journal import Call, Journal
from bot.playground.slack.limits import RateLimits
from bot.playground.slack.manifest import App
from bot.playground.slack.settings import Settings
from bot.playground.slack.tickets import ResponseUrls, Triggers
from bot.playground.slack.workspace.workspace import Workspace


@dataclass
class Link:
    """Socket Mode as the app's settings have it."""

    enabled: bool = True
    tickets: set[str] = field(default_factory=set)
    """Each opens one connection."""
    connections: int = 0
    """Open ones."""


@dataclass
class Service:
    """State, limits, journal and faults of one workspace with one app in it."""

    app: App
    settings: Settings
    base_url: str = ""
    """Where it listens, without a slash at the end."""
    transport: Transport | None = None
    stopping: bool = False
    link: Link = field(default_factory=Link)
    journal: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    background: set["asyncio.Task[Any]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.workspace = Workspace(self.app)
        self.rate_limits = RateLimits(self.settings)
        self.triggers = Triggers(self.settings)
        self.response_urls = ResponseUrls(self.settings)

    @property
    def connected(self) -> bool:
        """Whether the bot can be reached, as far as one can tell: over HTTP one cannot until one tries."""
        return self.link.connections > 0 or not self.app.socket_mode

    async def deliver(self, envelope: Envelope) -> Acknowledgement:
        """Deliver once and note it; interactions go nowhere unless the manifest switches them on."""
        at, started = time(), monotonic()
        connection, acknowledgement = 0, Acknowledgement(error="dispatch_failed")
        if self.transport is not None and (envelope.kind != "interactive" or self.app.interactivity):
            connection, acknowledgement = await self.transport.deliver(envelope)
        acknowledgement.seconds = monotonic() - started
        self.journal.deliveries.append(Delivery(at, envelope, connection, acknowledgement))
        self.workspace.changed()
        return acknowledgement

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in the background for as long as the stand-in runs."""
        task = asyncio.ensure_future(coroutine)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def log(self, call: Call) -> None:
        """Note a call of the bot."""
        self.journal.calls.append(call)
        self.workspace.changed()
