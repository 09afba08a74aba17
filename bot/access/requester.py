"""Who asked for something."""

import msgspec


class Requester(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person, as Slack knows them; on the command line only the name is set.

    A user id is unique within a team alone, so whoever compares people compares both.
    """

    name: str = ""
    """For people: Slack's user name, or `the command line`."""
    user: str = ""
    """Slack's user id, `U…` or `W…`."""
    team: str = ""
    """Slack's workspace id, `T…`."""

    def same_person(self, other: "Requester") -> bool:
        """Whether both are one person, or cannot be told apart: on a command line there are no names."""
        if not self.user or not other.user:
            return self.user == other.user
        return self.user == other.user and (not self.team or not other.team or self.team == other.team)
