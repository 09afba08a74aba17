"""What Slack checks of every call before it does anything: method, token, rate limit, scopes, required arguments."""

from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.credentials import APP_TOKEN, BOT_TOKEN
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method, need_scope
from bot.playground.slack.web.methods import METHODS


def run(service: Service, name: str, arguments: Arguments, token: str) -> dict[str, Any]:
    """Check a call as Slack does and do it.

    Raises:
        Refusal: whatever Slack refuses it for.
        RateLimited: there were too many calls.
    """
    method = METHODS.get(name)
    if method is None:
        raise Refusal("unknown_method")
    _check_token(method, token)
    service.rate_limits.call(name, method.tier)
    need_scope(service, *method.scopes)
    for argument, code in (method.required or {}).items():
        if arguments.get(argument) in (None, ""):
            raise Refusal(code, [f"[ERROR] missing required field: {argument}"])
    return method.run(service, arguments)


def _check_token(method: Method, token: str) -> None:
    if token and token not in {BOT_TOKEN, APP_TOKEN}:
        raise Refusal("invalid_auth")
    right = {"bot": BOT_TOKEN, "app": APP_TOKEN}.get(method.token, token)
    if token != right:
        raise Refusal("not_allowed_token_type" if token else "not_authed")
