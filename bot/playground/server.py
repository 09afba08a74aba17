"""Puts Slack and the page together into one HTTP server on the running event loop."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from bot.playground.page import api, assets
from bot.playground.page.recorded import RECORDED, Recorded
from bot.playground.slack.delivery.http import HttpDelivery
from bot.playground.slack.delivery.socketmode import SocketMode
from bot.playground.slack.manifest import DEFAULT, read
from bot.playground.slack.service import Service
from bot.playground.slack.settings import Settings
from bot.playground.slack.web import http

LARGEST_REQUEST = 8 * 2**20
"""Bytes of the largest request body that is read."""


@dataclass(frozen=True)
class Options:
    """How to run the stand-in."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 for a free one."""
    manifest: Mapping[str, Any] = field(default_factory=lambda: DEFAULT)
    """Commands, shortcuts, scopes and events come from it."""
    settings: Settings = field(default_factory=Settings)
    http_url: str = ""
    """Deliver to this address by signed requests instead of Socket Mode."""
    recorded: Recorded | None = None
    """The recorded nodes, where people look at some."""


class Server:
    """The stand-in on the running event loop."""

    def __init__(self, options: Options) -> None:
        app = read(options.manifest)
        if options.http_url:
            app = replace(app, socket_mode=False)
        self._options = options
        self.service = Service(app, options.settings)
        self.sockets = SocketMode(self.service)
        self.service.transport = self.sockets if app.socket_mode else HttpDelivery(self.service, options.http_url)
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application[http.SERVICE] = self.service
        application[RECORDED] = options.recorded
        link = web.get("/link", self.sockets.connect)
        application.add_routes([*http.routes(), link, *api.routes(), *assets.routes()])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is taken or not ours.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, self._options.host, self._options.port).start()
        port = self._runner.addresses[0][1]
        self.service.base_url = f"http://{self._options.host}:{port}"

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        self.service.stopping = True
        self.service.workspace.changed()
        for task in list(self.service.background):
            task.cancel()
        await self.sockets.close()
        await self._runner.cleanup()


async def serve(options: Options, ready: Callable[[str], None]) -> None:
    """Run the stand-in until cancelled; `ready` is given the address of the page once it can be opened.

    Raises:
        OSError: the address is taken.
    """
    server = Server(options)
    await server.start()
    try:
        ready(f"{server.service.base_url}/")
        await asyncio.Event().wait()
    finally:
        await server.stop()
