"""The Web API over HTTP: how calls are decoded and answered, with the fault that is set for them.

Also the two addresses that Slack hands out: response addresses and upload addresses.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from time import time
from typing import Any

from aiohttp import web

from bot.playground.refusal import Refusal
from bot.playground.slack.credentials import BOT_TOKEN
from bot.playground.slack.faults import Fault
from bot.playground.slack.journal import Call
from bot.playground.slack.limits import RateLimited
from bot.playground.slack.service import Service
from bot.playground.slack.web import files
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.calls import run
from bot.playground.slack.web.response_urls import respond

RESPONSE_URL = "response_url"
"""Name under which uses of response addresses are noted and can be made to fail."""
SERVICE: web.AppKey[Service] = web.AppKey("service", Service)
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}

Do = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class _Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def routes() -> list[web.RouteDef]:
    """The routes of the Web API and of the addresses that it hands out."""
    return [
        web.route("*", "/api/{method}", _call),
        web.post("/response/{secret}", _respond),
        web.post("/upload/{file}", _upload),
        web.get("/files-pri/{file}/{name}", _private),
        web.get("/login", _login),
    ]


async def _call(request: web.Request) -> web.StreamResponse:
    service, name = request.app[SERVICE], request.match_info["method"]
    try:
        arguments = await _arguments(request)
    except Refusal as refusal:
        return await _answered(request, name, Arguments(), _refusing(refusal))
    token = _token(request, arguments)
    answer = await _answered(request, name, arguments, lambda: run(service, name, arguments, token))
    if token == BOT_TOKEN:
        answer.headers["x-oauth-scopes"] = ",".join(sorted(service.app.scopes))
    return answer


async def _respond(request: web.Request) -> web.StreamResponse:
    service, secret = request.app[SERVICE], request.match_info["secret"]
    try:
        arguments = Arguments(json.loads(await request.text()))
    except (ValueError, TypeError, RecursionError):
        return await _answered(request, RESPONSE_URL, Arguments(), _refusing(Refusal("invalid_payload")))
    return await _answered(request, RESPONSE_URL, arguments, lambda: respond(service, secret, arguments))


async def _upload(request: web.Request) -> web.StreamResponse:
    content = await request.read()
    if request.content_type == "multipart/form-data":
        parts = [part for part in (await request.post()).values() if isinstance(part, web.FileField)]
        content = parts[0].file.read() if parts else b""
    try:
        file = files.receive(request.app[SERVICE], request.match_info["file"], content)
    except Refusal as refusal:
        return web.Response(status=HTTPStatus.BAD_REQUEST, text=refusal.code)
    return web.Response(text=f"OK - {file.length}")


async def _private(request: web.Request) -> web.StreamResponse:
    """The `url_private` of a file: whoever has no token that may read files is led to where people log in.

    https://docs.slack.dev/reference/objects/file-object
    """
    service = request.app[SERVICE]
    header = request.headers.get("Authorization", "")
    permitted = header == f"Bearer {BOT_TOKEN}" and "files:read" in service.app.scopes
    file = service.workspace.files.get(request.match_info["file"])
    status = HTTPStatus.OK if permitted else HTTPStatus.FOUND
    if permitted and (file is None or file.content is None):
        status = HTTPStatus.NOT_FOUND
    service.log(Call(time(), "url_private", Arguments(), status, "" if status == HTTPStatus.OK else "not_readable", {}))
    if not permitted:
        raise web.HTTPFound(f"{service.base_url}/login")
    if file is None or file.content is None:
        raise web.HTTPNotFound
    return web.Response(body=file.content, content_type=file.as_slack("")["mimetype"])


async def _login(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")


def _token(request: web.Request, arguments: Arguments) -> str:
    header = request.headers.get("Authorization", "")
    in_form = "json" not in request.content_type
    return header.removeprefix("Bearer ").strip() or (str(arguments.pop("token", "")) if in_form else "")


async def _arguments(request: web.Request) -> Arguments:
    arguments = Arguments(request.query)
    if request.method != "POST" or not request.body_exists:
        return arguments
    if request.content_type == "application/json":
        return Arguments({**arguments, **await _json(request)})
    if request.content_type in _FORMS:
        return Arguments({**arguments, **await _form(request)})
    raise Refusal("invalid_post_type")


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text())
    except (ValueError, RecursionError):
        raise Refusal("invalid_json") from None
    if not isinstance(body, dict):
        raise Refusal("json_not_object")
    return body


async def _form(request: web.Request) -> dict[str, str]:
    try:
        form = await request.post()
    except ValueError:
        raise Refusal("invalid_form_data") from None
    return {key: value for key, value in form.items() if isinstance(value, str)}


def _refusing(refusal: Refusal) -> Do:
    def refuse() -> dict[str, Any]:
        raise refusal

    return refuse


async def _answered(request: web.Request, name: str, arguments: Arguments, do: Do) -> web.StreamResponse:
    """Do something, note it and answer, with the fault that is set for it."""
    service = request.app[SERVICE]
    fault = service.faults.take(name) or Fault(name)
    await asyncio.sleep(fault.hang)
    at = time()
    answer = _failed(fault) or _done(do)
    if name == RESPONSE_URL:
        answer = _as_response_url(answer)
    status = 0 if fault.lose_answer else answer.status
    service.log(Call(at, name, arguments, status, answer.body.get("error", ""), answer.body))
    if fault.lose_answer and request.transport is not None:
        request.transport.abort()
    return web.json_response(answer.body, status=answer.status, headers=answer.headers)


def _failed(fault: Fault) -> _Answer | None:
    if fault.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(fault.retry_after)
    if fault.status or fault.error:
        return _Answer(fault.status or HTTPStatus.OK, {"ok": False, "error": fault.error or "internal_error"})
    return None


def _done(do: Do) -> _Answer:
    try:
        return _Answer(HTTPStatus.OK, {"ok": True, **do()})
    except RateLimited as limited:
        return _too_many(limited.retry_after)
    except Refusal as refusal:
        return _Answer(HTTPStatus.OK, refusal.answer())


def _too_many(retry_after: int) -> _Answer:
    body = {"ok": False, "error": "ratelimited"}
    return _Answer(HTTPStatus.TOO_MANY_REQUESTS, body, {"Retry-After": str(retry_after)})


def _as_response_url(answer: _Answer) -> _Answer:
    """Response addresses say by the HTTP status what the Web API says by `ok`."""
    if answer.body["ok"] or answer.status != HTTPStatus.OK:
        return answer
    gone = answer.body["error"].endswith("_url")
    return _Answer(HTTPStatus.NOT_FOUND if gone else HTTPStatus.BAD_REQUEST, answer.body)
