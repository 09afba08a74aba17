"""The user groups of the workspace."""

from dataclasses import dataclass, field


@dataclass
class Usergroup:
    """People who are addressed together."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    disabled: bool = False


def usergroups() -> list[Usergroup]:
    """The groups of a new workspace."""
    return [
        Usergroup("S0PLATFORM", "platform-team", "Platform team", ["U0PLATFORM", "U0ONCALL"]),
        Usergroup("S0VIRTUAL", "virtualisation-team", "Virtualisation team", ["U0VIRTUAL"]),
    ]
