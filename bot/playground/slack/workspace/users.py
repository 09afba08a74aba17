"""Who is in the workspace: people named by role, the app's bot, and Slackbot."""

from dataclasses import dataclass
from typing import Any

TEAM = "T0PLAYGROUND"
TEAM_NAME = "Playground"
TEAM_DOMAIN = "playground"
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class User:
    """A person or bot, named by role."""

    id: str
    name: str
    real_name: str
    is_bot: bool = False

    def as_slack(self, *, with_email: bool = False) -> dict[str, Any]:
        """The user object of the Web API; the address only where the scope allows it."""
        profile = {"real_name": self.real_name, "display_name": self.real_name}
        if with_email and not self.is_bot:
            profile["email"] = f"{self.name}@playground.invalid"
        return {
            "id": self.id,
            "team_id": TEAM,
            "name": self.name,
            "real_name": self.real_name,
            "is_bot": self.is_bot,
            "deleted": False,
            "tz": "UTC",
            "tz_offset": 0,
            "profile": profile,
        }


PEOPLE = (
    User("U0ONCALL", "on-call", "On-call engineer"),
    User("U0PLATFORM", "platform", "Platform engineer"),
    User("U0VIRTUAL", "virtualisation", "Virtualisation engineer"),
    User("U0DEVELOPER", "developer", "Application developer"),
)
