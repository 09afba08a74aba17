"""The methods that say who there is."""

from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method
from bot.playground.slack.workspace.users import TEAM, TEAM_DOMAIN, TEAM_NAME


def user_info(service: Service, arguments: Arguments) -> dict[str, Any]:
    """One user."""
    user = service.workspace.users.get(arguments.text("user"))
    if user is None:
        raise Refusal("user_not_found")
    return {"user": user.as_slack(with_email="users:read.email" in service.app.scopes)}


def user_list(service: Service, _arguments: Arguments) -> dict[str, Any]:
    """All users."""
    with_email = "users:read.email" in service.app.scopes
    members = [user.as_slack(with_email=with_email) for user in service.workspace.users.values()]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


def team_info(_service: Service, _arguments: Arguments) -> dict[str, Any]:
    """The workspace."""
    return {"team": {"id": TEAM, "name": TEAM_NAME, "domain": TEAM_DOMAIN}}


METHODS = {
    "team.info": Method(team_info, 3, ("team:read",)),
    "users.info": Method(user_info, 4, ("users:read",), {"user": "user_not_found"}),
    "users.list": Method(user_list, 2, ("users:read",)),
}
