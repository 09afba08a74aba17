"""The Web API over HTTP: decoding, tokens, scopes, rate limits, faults and the answer.

Also the two addresses that Slack hands out: response addresses and upload addresses.
"""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from time import time
from typing import Any

from aiohttp import web

from bot.playground import chat, conversations, modals, uploads
from bot.playground.method import Arguments, Method, need_scope
from bot.playground.refusal import Refusal
from bot.playground.respond import respond
from bot.playground.service import APP_TOKEN, BOT_TOKEN, Call, Fault, Service

METHODS: dict[str, Method] = {**chat.METHODS, **conversations.METHODS, **modals.METHODS, **uploads.METHODS}
"""Every method the stand-in knows."""

RESPONSE_URL = "response_url"
"""Name under which uses of response addresses are logged and can be made to fail."""

SERVICE: web.AppKey[Service] = web.AppKey("service", Service)


def routes() -> list[web.RouteDef]:
    """Return the routes of the Web API and of the addresses it hands out."""
    return [
        web.route("*", "/api/{method}", _call),
        web.post("/response/{secret}", _response),
        web.post("/upload/{file}", _upload),
    ]


async def _call(request: web.Request) -> web.StreamResponse:
    service, name = request.app[SERVICE], request.match_info["method"]
    try:
        arguments = await _arguments(request)
    except Refusal as refusal:
        return await _answered(request, name, Arguments(), _refusing(refusal))
    token = _token(request, arguments)
    return await _answered(request, name, arguments, lambda: run(service, name, arguments, token))


async def _response(request: web.Request) -> web.StreamResponse:
    service, secret = request.app[SERVICE], request.match_info["secret"]
    try:
        arguments = Arguments(json.loads(await request.text()))
    except (ValueError, TypeError):
        return await _answered(request, RESPONSE_URL, Arguments(), _refusing(Refusal("invalid_payload")))
    return await _answered(request, RESPONSE_URL, arguments, lambda: respond(service, secret, arguments))


async def _upload(request: web.Request) -> web.StreamResponse:
    content = await request.read()
    if request.content_type == "multipart/form-data":
        parts = [part for part in (await request.post()).values() if isinstance(part, web.FileField)]
        content = parts[0].file.read() if parts else b""
    try:
        file = uploads.receive(request.app[SERVICE], request.match_info["file"], content)
    except Refusal as refusal:
        return web.Response(status=HTTPStatus.BAD_REQUEST, text=refusal.code)
    return web.Response(text=f"OK - {file.length}")


def run(service: Service, name: str, arguments: Arguments, token: str) -> dict[str, Any]:
    """Check a call as Slack does and do it.

    Raises:
        Refusal: Whatever Slack refuses it for.
        RateLimitedError: When there were too many calls.
    """
    method = METHODS.get(name)
    if method is None:
        raise Refusal("unknown_method")
    _check_token(method, token)
    seconds = service.rate_limits.method(name, method.tier)
    if seconds:
        raise chat.RateLimitedError(seconds)
    need_scope(service, *method.scopes)
    for argument, code in (method.required or {}).items():
        if arguments.get(argument) in (None, ""):
            raise Refusal(code, [f"[ERROR] missing required field: {argument}"])
    return method.run(service, arguments)


def _check_token(method: Method, token: str) -> None:
    right = {"bot": BOT_TOKEN, "app": APP_TOKEN}.get(method.token)
    if right is None or token == right:
        return
    if not token:
        raise Refusal("not_authed")
    raise Refusal("not_allowed_token_type" if token in {BOT_TOKEN, APP_TOKEN} else "invalid_auth")


def _token(request: web.Request, arguments: Arguments) -> str:
    header = request.headers.get("Authorization", "")
    in_form = "json" not in request.content_type
    return header.removeprefix("Bearer ").strip() or (str(arguments.pop("token", "")) if in_form else "")


async def _arguments(request: web.Request) -> Arguments:
    arguments = Arguments(request.query)
    if request.method != "POST" or not request.body_exists:
        return arguments
    kind = request.content_type
    if kind == "application/json":
        try:
            body = json.loads(await request.text())
        except ValueError:
            raise Refusal("invalid_json") from None
        if not isinstance(body, dict):
            raise Refusal("json_not_object")
        return Arguments({**arguments, **body})
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        form = await request.post()
        return Arguments({**arguments, **{key: value for key, value in form.items() if isinstance(value, str)}})
    raise Refusal("invalid_post_type")


def _refusing(refusal: Refusal) -> Callable[[], dict[str, Any]]:
    def refuse() -> dict[str, Any]:
        raise refusal

    return refuse


async def _answered(
    request: web.Request, name: str, arguments: Arguments, do: Callable[[], dict[str, Any]]
) -> web.StreamResponse:
    """Do something, log it and answer, with the fault that is set for it."""
    service = request.app[SERVICE]
    fault = service.fault(name) or Fault(name)
    await asyncio.sleep(fault.hang)
    at = time()
    status, headers, body = _outcome(fault, do)
    if name == RESPONSE_URL and status == HTTPStatus.OK and not body["ok"]:
        status = HTTPStatus.NOT_FOUND if body["error"].endswith("_url") else HTTPStatus.BAD_REQUEST
    headers["x-oauth-scopes"] = ",".join(sorted(service.app.scopes))
    lost = fault.lose_answer
    service.log(Call(at, name, arguments, 0 if lost else status, "" if body["ok"] else body["error"], body))
    if lost and request.transport is not None:
        request.transport.abort()
    return web.json_response(body, status=status, headers=headers)


def _outcome(fault: Fault, do: Callable[[], dict[str, Any]]) -> tuple[int, dict[str, str], dict[str, Any]]:
    limited = HTTPStatus.TOO_MANY_REQUESTS.value
    if fault.status == limited:
        return limited, {"Retry-After": str(fault.retry_after)}, {"ok": False, "error": "ratelimited"}
    if fault.status or fault.error:
        return fault.status or 200, {}, {"ok": False, "error": fault.error or "internal_error"}
    try:
        return 200, {}, {"ok": True, **do()}
    except chat.RateLimitedError as error:
        return limited, {"Retry-After": str(error.seconds)}, {"ok": False, "error": "ratelimited"}
    except Refusal as refusal:
        return 200, {}, refusal.answer()
