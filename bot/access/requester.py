"""Who asked for something."""

import msgspec

COMMAND_LINE = "the command line"
"""The name of whoever has no other: somebody who reaches Redis and holds the signing key."""


class Requester(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person, as Slack knows them; on the command line only the name is set.

    A user id is unique within a team alone, or within an enterprise where there is one: whoever compares people asks
    `same_person`.
    """

    name: str = ""
    """For people: Slack's user name, or `the command line`."""
    user: str = ""
    """Slack's user id, `U…` or `W…`."""
    team: str = ""
    """Slack's workspace id, `T…`: of an enterprise, the one in which they clicked this time."""
    enterprise: str = ""
    """Slack's id of the organisation, `E…`; empty for a workspace that is in none."""

    @property
    def on_command_line(self) -> bool:
        """Whether nobody knows who it is."""
        return not self.user


def same_person(one: Requester, other: Requester) -> bool:
    """Whether two may be one person; who is on the command line may be anybody there, and nobody in Slack.

    Two workspaces of one enterprise give different teams for the same person, so where the enterprise is known the team
    says nothing; and where only one of the two names its enterprise they are taken for the same.
    """
    if one.user != other.user:
        return False
    if one.enterprise and other.enterprise:
        return one.enterprise == other.enterprise
    return bool(one.enterprise or other.enterprise) or one.team == other.team
