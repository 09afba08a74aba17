"""The page and the small JSON API it lives on; tests may use the API as well.

Everything people see is one document, `/ui/state?user=ID`; `/ui/events` says when it changed.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any

from aiohttp import web
from yarl import URL

from bot.playground import events, modals, people
from bot.playground.refusal import Refusal
from bot.playground.service import Acknowledgement, Call, Service
from bot.playground.webapi import SERVICE
from bot.playground.workspace import Channel, Message, View

POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
"""Whatever a cluster's text contains, the page loads and runs nothing but its own files."""

KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
PAGE = {entry.name: entry.read_text(encoding="utf-8") for entry in files("bot.playground").joinpath("page").iterdir()}
"""The files of the page by name."""


SHOWN = 200
"""Calls of the bot among which the page looks for refused ones."""


def routes() -> list[web.RouteDef]:
    """Return the routes of the page."""
    return [
        web.get("/ui/state", _state),
        web.get("/ui/events", _events),
        web.post("/ui/message", _message),
        web.post("/ui/action", _action),
        web.post("/ui/shortcut", _shortcut),
        web.post("/ui/view", _submit),
        web.post("/ui/close", _close),
        web.post("/ui/home", _home),
        web.get("/files/{file}/{name}", _file),
        web.get("/{name:(?:[a-z]+\\.[a-z]+)?}", _static),
    ]


def state(service: Service, user: str) -> dict[str, Any]:
    """Return everything that one person sees.

    Raises:
        Refusal: `user_not_found`.
    """
    workspace = service.workspace
    person = workspace.user(user)
    view = workspace.top_view(person.id)
    home = workspace.homes.get(person.id)
    return {
        "version": workspace.version,
        "me": person.id,
        "bot": service.app.ids["user"],
        "connected": service.connected,
        "app": {
            "name": service.app.name,
            "commands": [vars(command) for command in service.app.commands.values()],
            "shortcuts": [vars(shortcut) for shortcut in service.app.shortcuts.values()],
            "home_tab": service.app.home_tab,
        },
        "users": {
            u.id: {"name": u.name, "real_name": u.real_name, "is_bot": u.is_bot} for u in workspace.users.values()
        },
        "channels": [_channel(service, c, person.id) for c in workspace.channels.values() if person.id in c.members],
        "refused": [_refusal(call) for call in list(service.calls)[-SHOWN:] if call.error],
        "view": view and _view(service, view),
        "home": home and _view(service, home),
    }


def _refusal(call: Call) -> dict[str, Any]:
    messages = call.answer.get("response_metadata", {}).get("messages", [])
    return {"at": call.at, "method": call.method, "error": call.error, "messages": messages}


def _channel(service: Service, channel: Channel, user: str) -> dict[str, Any]:
    seen = [m for m in service.workspace.in_channel(channel.id) if m.visible_to in (None, user)]
    return {
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "is_private": channel.is_private,
        "is_direct": channel.person is not None,
        "has_app": service.app.ids["user"] in channel.members,
        "messages": [_seen(service, message) for message in seen],
    }


def _seen(service: Service, message: Message) -> dict[str, Any]:
    shown = {"revision": message.revision, "selected": message.selected, "broadcast": message.broadcast}
    return {**service.workspace.message_as_slack(message), **shown}


def _view(service: Service, view: View) -> dict[str, Any]:
    return {**modals.view_as_slack(service, view), "errors": view.errors, "trouble": view.trouble}


def _outcome(outcome: Acknowledgement | Message | None) -> dict[str, Any]:
    if isinstance(outcome, Acknowledgement):
        return {"ok": outcome.ok, "error": outcome.error, "seconds": outcome.seconds}
    return {"ok": True, "ts": outcome.ts if outcome else ""}


def _from_the_page(request: web.Request) -> bool:
    """Tell whether a request cannot come from another site: not by its origin, nor by a name that leads here."""
    origin = request.headers.get("Origin")
    name = URL(f"http://{request.host}").host or ""
    own = URL(request.app[SERVICE].base_url).host
    known = name in {"localhost", own} or name.replace(".", "").isdigit() or ":" in name
    return known and (not origin or origin.split("://")[-1] == request.host)


async def _read(request: web.Request) -> Mapping[str, Any]:
    if not _from_the_page(request):
        raise web.HTTPForbidden(text="only the page itself may do this")
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    body = await request.json()
    return body if isinstance(body, dict) else {}


def _refused(refusal: Refusal) -> web.Response:
    return web.json_response(refusal.answer(), status=HTTPStatus.BAD_REQUEST)


async def _state(request: web.Request) -> web.Response:
    service = request.app[SERVICE]
    try:
        return web.json_response(state(service, request.query.get("user", "U0ONCALL")))
    except Refusal as refusal:
        return _refused(refusal)


async def _events(request: web.Request) -> web.StreamResponse:
    service = request.app[SERVICE]
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    changed = asyncio.Event()
    service.workspace.listeners.append(changed.set)
    try:
        while not service.stopping:
            changed.clear()
            await response.write(f"retry: 500\ndata: {service.workspace.version}\n\n".encode())
            await changed.wait()
    except ConnectionError:
        pass  # the page was closed
    finally:
        service.workspace.listeners.remove(changed.set)
    return response


async def _message(request: web.Request) -> web.Response:
    body = await _read(request)
    service = request.app[SERVICE]
    try:
        outcome = await people.type_text(
            service, body.get("user", ""), body.get("channel", ""), body.get("text", ""), body.get("thread_ts") or None
        )
    except Refusal as refusal:
        return _refused(refusal)
    return web.json_response(_outcome(outcome))


async def _action(request: web.Request) -> web.Response:
    body = await _read(request)
    service, user = request.app[SERVICE], body.get("user", "")
    what = {"action_id": body.get("action_id", ""), "value": body.get("value"), "block_id": body.get("block_id", "")}
    try:
        if body.get("view_id"):
            outcome = await people.press_in_view(service, user, body["view_id"], **what)
        else:
            outcome = await people.press(service, user, body.get("channel", ""), body.get("ts", ""), **what)
    except Refusal as refusal:
        return _refused(refusal)
    return web.json_response(_outcome(outcome))


async def _shortcut(request: web.Request) -> web.Response:
    body = await _read(request)
    wanted = [str(body.get(key, "")) for key in ("user", "callback_id", "channel", "ts")]
    try:
        return web.json_response(_outcome(await people.shortcut(request.app[SERVICE], *wanted)))
    except Refusal as refusal:
        return _refused(refusal)


async def _submit(request: web.Request) -> web.Response:
    body = await _read(request)
    try:
        outcome = await people.submit(
            request.app[SERVICE], body.get("user", ""), body.get("view_id", ""), body.get("values", {})
        )
    except Refusal as refusal:
        return _refused(refusal)
    return web.json_response(_outcome(outcome))


async def _close(request: web.Request) -> web.Response:
    body = await _read(request)
    try:
        await people.close(request.app[SERVICE], body.get("user", ""), body.get("view_id", ""))
    except Refusal as refusal:
        return _refused(refusal)
    return web.json_response(_outcome(None))


async def _home(request: web.Request) -> web.Response:
    body = await _read(request)
    service = request.app[SERVICE]
    try:
        events.home_opened(service, service.workspace.user(body.get("user", "")).id)
    except Refusal as refusal:
        return _refused(refusal)
    return web.json_response(_outcome(None))


async def _file(request: web.Request) -> web.Response:
    file = request.app[SERVICE].workspace.files.get(request.match_info["file"])
    if file is None or file.content is None:
        raise web.HTTPNotFound
    return web.Response(
        body=file.content,
        content_type="text/plain",
        charset="utf-8",
        headers={"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"},
    )


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"] or "index.html"
    if name not in PAGE:
        raise web.HTTPNotFound
    return web.Response(
        text=PAGE[name],
        content_type=KINDS[PurePosixPath(name).suffix],
        headers={
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )
