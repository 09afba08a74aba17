"""Puts the parts of the stand-in together into one HTTP server on the running event loop."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web

from bot.playground import pageapi, webapi
from bot.playground.delivery import HttpDelivery
from bot.playground.manifest import DEFAULT, read
from bot.playground.service import Service
from bot.playground.settings import Settings
from bot.playground.socketmode import SocketMode

LARGEST_REQUEST = 8 * 2**20
"""Bytes of the largest request body that is read."""


@dataclass(frozen=True)
class Options:
    """How to run the stand-in.

    Attributes:
        host: Address to listen on.
        port: Port to listen on, 0 for a free one.
        public_url: Where others reach it, when that differs from where it listens; without a slash at the end.
        manifest: App manifest; commands, shortcuts, scopes and events come from it.
        settings: Delays and limits.
        http_url: Deliver to this address by signed requests instead of Socket Mode.
    """

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""
    manifest: Mapping[str, Any] = field(default_factory=lambda: DEFAULT)
    settings: Settings = field(default_factory=Settings)
    http_url: str = ""


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
        application[webapi.SERVICE] = self.service
        application.add_routes([*webapi.routes(), web.get("/link", self.sockets.connect), *pageapi.routes()])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: When the address is taken or not ours.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, self._options.host, self._options.port).start()
        port = self._runner.addresses[0][1]
        self.service.base_url = self._options.public_url or f"http://{self._options.host}:{port}"

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        self.service.stopping = True
        self.service.workspace.changed()
        for task in list(self.service.background):
            task.cancel()
        await self.sockets.close()
        await self._runner.cleanup()
