"""The methods about the app itself: whose token it is, and how it connects."""

import secrets
from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method
from bot.playground.slack.workspace.users import TEAM, TEAM_NAME


def auth_test(service: Service, _arguments: Arguments) -> dict[str, Any]:
    """Say who the token belongs to."""
    ids = service.app.ids
    return {
        "url": f"{service.base_url}/",
        "team": TEAM_NAME,
        "user": service.workspace.users[ids["user"]].name,
        "team_id": TEAM,
        "user_id": ids["user"],
        "bot_id": ids["bot"],
        "is_enterprise_install": False,
    }


def api_test(_service: Service, arguments: Arguments) -> dict[str, Any]:
    """The arguments, or the error asked for."""
    if arguments.text("error"):
        raise Refusal(arguments.text("error"))
    return {"args": dict(arguments)}


def open_connection(service: Service, _arguments: Arguments) -> dict[str, Any]:
    """Hand out the address of a new Socket Mode connection."""
    if not service.app.socket_mode or not service.link.enabled:
        raise Refusal("socket_mode_not_enabled")
    ticket = secrets.token_urlsafe(18)
    service.link.tickets.add(ticket)
    socket_url = service.base_url.replace("http", "ws", 1)
    return {"url": f"{socket_url}/link?ticket={ticket}&app_id={service.app.ids['app']}"}


METHODS = {
    "api.test": Method(api_test, 4, token=""),
    "auth.test": Method(auth_test, 4),
    "apps.connections.open": Method(open_connection, 1, token="app"),  # noqa: S106 - the kind of token, not a token
}
