"""The method that says who is in a user group.

https://docs.slack.dev/reference/methods/usergroups.users.list. Slack takes a group that is not named for one that does
not exist, and a disabled one too unless `include_disabled` asks for it.
"""

from typing import Any

from bot.playground.refusal import Refusal
from bot.playground.slack.service import Service
from bot.playground.slack.web.arguments import Arguments
from bot.playground.slack.web.method import Method

NOT_THERE = "no_such_subteam"


def users(service: Service, arguments: Arguments) -> dict[str, Any]:
    """The ids of everybody in one group."""
    group = service.workspace.usergroups.get(arguments.text("usergroup"))
    if group is None or (group.disabled and not arguments.flag("include_disabled")):
        raise Refusal(NOT_THERE)
    return {"users": list(group.users)}


METHODS = {"usergroups.users.list": Method(users, 2, ("usergroups:read",), {"usergroup": NOT_THERE})}
