"""Where people talk: channels, public and private, and the app's direct conversations."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack.workspace.users import PEOPLE, TEAM


@dataclass
class Channel:
    """A channel or a direct conversation; `person` is set for the latter."""

    id: str
    name: str
    topic: str = ""
    is_private: bool = False
    person: str | None = None
    members: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """What scopes and events call it: `im`, `groups` or `channels`."""
        if self.person:
            return "im"
        return "groups" if self.is_private else "channels"

    def as_slack(self, bot_user: str) -> dict[str, Any]:
        """The conversation object of the Web API as the bot sees it."""
        if self.person:
            return {"id": self.id, "is_im": True, "user": self.person, "is_open": True}
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_private": self.is_private,
            "is_archived": False,
            "is_member": bot_user in self.members,
            "num_members": len(self.members),
            "topic": {"value": self.topic},
            "purpose": {"value": ""},
            "context_team_id": TEAM,
        }


def channels(bot: str) -> list[Channel]:
    """The channels of a new workspace; `bot` is the user ID of the app."""
    staff = {person.id for person in PEOPLE}
    return [
        Channel("C0INCIDENTS", "incidents", "Something is broken", members={*staff, bot}),
        Channel("C0PLATFORM", "platform", "Clusters and what runs them", members={*staff, bot}),
        Channel("C0DIGESTS", "cluster-health", "Health digests", members={*staff, bot}),
        Channel("C0GENERAL", "general", "The app has not been invited here", members=staff),
        Channel("C0VMWARE", "vmware-admins", "Private; the app is in", is_private=True, members={"U0VIRTUAL", bot}),
    ]


def direct(person: str, bot: str) -> Channel:
    """The app's conversation with one person."""
    return Channel(f"D{person[1:]}", "directmessage", is_private=True, person=person, members={person, bot})
