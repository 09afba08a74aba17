"""The small JSON API that the page lives on.

Everything people see is one document, `/ui/state?user=ID`; `/ui/events` says when it changed; what people do is posted.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web
from yarl import URL

from bot.playground.page import recorded
from bot.playground.page.state import state
from bot.playground.refusal import Refusal
from bot.playground.slack.delivery.events import home_opened
from bot.playground.slack.envelope import Acknowledgement
from bot.playground.slack.people import composer, elements, modals, shortcuts
from bot.playground.slack.service import Service
from bot.playground.slack.web.http import SERVICE
from bot.playground.slack.workspace.messages import Message

Body = Mapping[str, Any]
Act = Callable[[Service, Body], Awaitable[Acknowledgement | Message | None]]


def routes() -> list[web.RouteDef]:
    """The routes of the API, and of the files that were shared."""
    acts: dict[str, Act] = {
        "message": _message,
        "action": _action,
        "shortcut": _shortcut,
        "view": _submit,
        "close": _close,
        "home": _home,
    }
    return [
        web.get("/ui/state", _state),
        web.get("/ui/events", _events),
        *(web.post(f"/ui/{name}", _posted(act)) for name, act in acts.items()),
        web.post("/ui/recorded", _recorded),
        web.get("/files/{file}/{name}", _file),
    ]


async def _message(service: Service, body: Body) -> Acknowledgement | Message:
    user, channel, text = (_text(body, key) for key in ("user", "channel", "text"))
    return await composer.type_text(
        service, user, channel, text, _text(body, "thread_ts") or None, attached=_attached(body.get("file"))
    )


def _attached(file: Any) -> composer.Attached | None:
    if not isinstance(file, dict):
        return None
    try:
        content = base64.b64decode(_text(file, "content"), validate=True)
    except ValueError:
        raise web.HTTPBadRequest(text="the file is no base64") from None
    return composer.Attached(_text(file, "name") or "untitled", content)


async def _action(service: Service, body: Body) -> Acknowledgement:
    user, action_id, block_id = (_text(body, key) for key in ("user", "action_id", "block_id"))
    value = body.get("value")
    if body.get("view_id"):
        view_id = _text(body, "view_id")
        return await elements.press_in_view(service, user, view_id, action_id, value=value, block_id=block_id)
    channel, ts = _text(body, "channel"), _text(body, "ts")
    return await elements.press(service, user, channel, ts, action_id, value=value, block_id=block_id)


async def _shortcut(service: Service, body: Body) -> Acknowledgement:
    user, callback_id, channel = (_text(body, key) for key in ("user", "callback_id", "channel"))
    if body.get("ts"):
        return await shortcuts.shortcut_on_message(service, user, callback_id, channel, _text(body, "ts"))
    return await shortcuts.shortcut(service, user, callback_id, channel)


async def _submit(service: Service, body: Body) -> Acknowledgement:
    return await modals.submit(service, _text(body, "user"), _text(body, "view_id"), body.get("values", {}))


async def _close(service: Service, body: Body) -> None:
    await modals.close(service, _text(body, "user"), _text(body, "view_id"))


async def _home(service: Service, body: Body) -> None:
    home_opened(service, service.workspace.user(_text(body, "user")).id)


def _text(body: Body, key: str) -> str:
    return str(body.get(key) or "")


def _posted(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        body = await _read(request)
        try:
            return web.json_response(_outcome(await act(request.app[SERVICE], body)))
        except Refusal as refusal:
            return _refused(refusal)

    return handle


async def _recorded(request: web.Request) -> web.Response:
    body = await _read(request)
    answer = await recorded.press(request.app, _text(body, "offer"))
    request.app[SERVICE].workspace.changed()
    return web.json_response(answer)


async def _read(request: web.Request) -> Body:
    if not _from_the_page(request):
        raise web.HTTPForbidden(text="only the page itself may do this")
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text="this is no JSON") from None
    return body if isinstance(body, dict) else {}


def _from_the_page(request: web.Request) -> bool:
    """Whether a request cannot come from another site: not by its origin, nor by a name that leads here."""
    origin = request.headers.get("Origin")
    name = URL(f"http://{request.host}").host or ""
    own = URL(request.app[SERVICE].base_url).host
    known = name in {"localhost", own} or name.replace(".", "").isdigit() or ":" in name
    return known and (not origin or origin.split("://")[-1] == request.host)


def _outcome(outcome: Acknowledgement | Message | None) -> dict[str, Any]:
    if isinstance(outcome, Acknowledgement):
        return {"ok": outcome.ok, "error": outcome.error, "seconds": outcome.seconds}
    return {"ok": True, "ts": outcome.ts if outcome else ""}


def _refused(refusal: Refusal) -> web.Response:
    return web.json_response(refusal.answer(), status=HTTPStatus.BAD_REQUEST)


async def _state(request: web.Request) -> web.Response:
    try:
        seen = state(request.app[SERVICE], request.query.get("user", ""))
        return web.json_response({**seen, "recorded": await recorded.shown(request.app)})
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


async def _file(request: web.Request) -> web.Response:
    file = request.app[SERVICE].workspace.files.get(request.match_info["file"])
    if file is None or file.content is None:
        raise web.HTTPNotFound
    return web.Response(
        body=file.content,
        content_type=file.kind,
        charset="utf-8" if file.kind.startswith("text/") else None,
        headers={"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"},
    )
