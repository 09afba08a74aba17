"""Puts the parts of the stand-in together into one HTTP server on the running event loop."""

from collections.abc import Mapping
from dataclasses import replace
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


class Server:
    """The stand-in on the running event loop."""

    def __init__(self, manifest: Mapping[str, Any] | None, settings: Settings | None, http_url: str) -> None:
        self.service = Service(read(manifest or DEFAULT), settings or Settings())
        if http_url:
            self.service.app = replace(self.service.app, socket_mode=False)
        self.sockets = SocketMode(self.service)
        self.service.transport = self.sockets if self.service.app.socket_mode else HttpDelivery(self.service, http_url)
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application[webapi.SERVICE] = self.service
        application.add_routes([*webapi.routes(), web.get("/link", self.sockets.connect), *pageapi.routes()])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)

    async def start(self, host: str, port: int) -> None:
        """Listen; `port` 0 picks a free one.

        Raises:
            OSError: When the address is taken or not ours.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0]
        self.service.base_url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{bound[1]}"  # noqa: S104

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        for task in list(self.service.background):
            task.cancel()
        await self.sockets.close()
        await self._runner.cleanup()
