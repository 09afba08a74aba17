"""The parts that all payloads of people's acts share.

https://docs.slack.dev/reference/interaction-payloads
"""

from typing import Any

from bot.playground.slack.service import Service
from bot.playground.slack.workspace.users import TEAM, TEAM_DOMAIN

VERIFICATION_TOKEN = "playground"  # noqa: S105 - Slack's deprecated field, still sent


def who(service: Service, user: str) -> dict[str, Any]:
    """The person who acted, and the app they used."""
    person = service.workspace.user(user)
    return {
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM},
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "api_app_id": service.app.ids["app"],
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def where(service: Service, channel: str) -> dict[str, str]:
    """The channel of an act."""
    return {"id": channel, "name": service.workspace.channels[channel].name}


def response_url(
    service: Service, channel: str, user: str, message: str | None = None, thread: str | None = None
) -> str:
    """A new address at which the bot may answer an act."""
    return f"{service.base_url}/response/{service.response_urls.issue(channel, user, message, thread)}"
