"""Who is in a user group, as Slack says it.

https://docs.slack.dev/reference/methods/usergroups.users.list; it needs the scope `usergroups:read`, which is optional:
without it, whoever may do something as one of a group is told that this cannot be known.
"""

from collections.abc import Collection
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.access.rules import Subject
from bot.errors import Unavailable
from handlers import refusals

_WHY = {
    "missing_scope": "the app lacks the scope usergroups:read",
    "no_such_subteam": "there is no such group, or it is disabled",
    "plan_upgrade_required": "the workspace's plan has no user groups",
    refusals.TOO_MANY: "it was asked too often",
}


class Groups:
    """The user groups of the workspace or enterprise that the bot is installed in."""

    def __init__(self, slack: WebClient) -> None:
        self._slack: Any = slack

    def users(self, group: Subject) -> Collection[str]:
        """The ids of the users in a group.

        Raises:
            Unavailable: Slack does not say.
        """
        team = {"team_id": group.within} if group.within.startswith("T") else {}
        try:
            answer = self._slack.usergroups_users_list(usergroup=group.id, **team)
        except SlackApiError as error:
            code = refusals.code(error)
            raise Unavailable(_WHY.get(code, code or "it fails")) from None
        except refusals.NO_ANSWER:
            raise Unavailable("it does not answer") from None
        return frozenset(map(str, answer.get("users") or ()))
