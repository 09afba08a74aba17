"""Socket Mode: the app's WebSocket connections, and envelopes to one of them.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from bot.playground.slack.envelope import Acknowledgement, Envelope
from bot.playground.slack.service import Service


@dataclass(eq=False)
class Connection:
    """One WebSocket; `leaving` once it was told to disconnect."""

    number: int
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    leaving: bool = False
    waiting: dict[str, "asyncio.Future[dict[str, Any]]"] = field(default_factory=dict)


class SocketMode:
    """All connections of the app; each envelope goes to one of them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.connections: list[Connection] = []
        self._opened = 0
        self._turn = 0
        self.late = 0

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._service.link.tickets:
            raise web.HTTPForbidden(text="the ticket is unknown or was used")
        self._service.link.tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=self._service.settings.ping_s)
        await socket.prepare(request)
        if len(self.connections) >= self._service.settings.max_connections:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        self._opened += 1
        connection = Connection(self._opened, socket, request.transport)
        self.connections.append(connection)
        self._counted()
        await socket.send_json(self._hello())
        refresh = asyncio.ensure_future(self._grow_old(connection))
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acknowledged(connection, message.data)
        finally:
            refresh.cancel()
            self.connections.remove(connection)
            self._counted()
        return socket

    async def deliver(self, envelope: Envelope) -> tuple[int, Acknowledgement]:
        """Send an envelope to one connection, in turn, and wait for its acknowledgement."""
        connection = self._choose()
        if connection is None:
            return 0, Acknowledgement(error="dispatch_failed")
        envelope_id = str(uuid4())
        frame: dict[str, Any] = {
            "envelope_id": envelope_id,
            "type": envelope.kind,
            "payload": envelope.payload,
            "accepts_response_payload": envelope.accepts_response,
        }
        if envelope.kind == "events_api":
            frame |= {"retry_attempt": envelope.retry_number, "retry_reason": envelope.retry_reason}
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answer
        started = monotonic()
        try:
            await connection.socket.send_json(frame)
            remaining = self._service.settings.ack_s - (monotonic() - started)
            response = await asyncio.wait_for(answer, remaining)
        except (TimeoutError, ConnectionError):
            return connection.number, Acknowledgement(error="operation_timeout")
        finally:
            del connection.waiting[envelope_id]
        payload = response.get("payload") if envelope.accepts_response else None
        return connection.number, Acknowledgement(payload=payload if isinstance(payload, dict) else {})

    async def disconnect(self, reason: str) -> None:
        """Tell every connection to go, and close those that are still there after the warning time."""
        for connection in list(self.connections):
            self._service.start(self._dismiss(connection, reason))

    async def drop(self) -> None:
        """Cut every connection without a word, as a broken network does."""
        for connection in list(self.connections):
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        """Close every connection."""
        for connection in list(self.connections):
            await connection.socket.close()

    def _choose(self) -> Connection | None:
        open_ones = [c for c in self.connections if not c.socket.closed]
        candidates = [c for c in open_ones if not c.leaving] or open_ones
        if not candidates:
            return None
        self._turn += 1
        return candidates[self._turn % len(candidates)]

    def _acknowledged(self, connection: Connection, text: str) -> None:
        try:
            response = json.loads(text)
            answer = connection.waiting.get(response["envelope_id"])
        except (ValueError, KeyError, TypeError):
            return
        if answer is None or answer.done():
            self.late += 1
            self._service.workspace.changed()
            return
        answer.set_result(response)

    def _counted(self) -> None:
        self._service.link.connections = len(self.connections)
        self._service.workspace.changed()

    def _hello(self) -> dict[str, Any]:
        seconds = int(self._service.settings.connection_s)
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self._service.app.ids["app"]},
            "debug_info": {"host": "playground", "build_number": 1, "approximate_connection_time": seconds},
        }

    async def _grow_old(self, connection: Connection) -> None:
        settings = self._service.settings
        await asyncio.sleep(max(settings.connection_s - settings.warning_s, 0))
        await connection.socket.send_json(_disconnect("warning"))
        await asyncio.sleep(settings.warning_s)
        await self._dismiss(connection, "refresh_requested")

    async def _dismiss(self, connection: Connection, reason: str) -> None:
        connection.leaving = True
        await connection.socket.send_json(_disconnect(reason))
        await asyncio.sleep(self._service.settings.warning_s)
        await connection.socket.close()


def _disconnect(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}
