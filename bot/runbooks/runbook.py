"""What a runbook declares about itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from bot.runbooks.model import Plan
from bot.runbooks.situation import Situation


class Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a runbook leaves to people when it leaves nothing but who does it."""

    way: str = ""
    """`manual`: people do everything, although an operator is there."""


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """One runbook: a folder with its README in `bot/runbooks/catalogue`."""

    name: str
    """In people's commands; the folder is called so with underscores."""
    title: str
    cures: tuple[str, ...] = ()
    """The causes that it cures."""
    rank: int = 0
    """How disruptive it is among those that cure the same cause; the least is offered first."""
    plan: Callable[[Situation], Plan]
    choices: type[msgspec.Struct] = Choices
    needs: Mapping[str, str] = field(default_factory=dict)
    """Choices without which it plans nothing, each with an example."""
    checks: tuple[str, ...] = ()
    """Checks that its plans are made from besides those of a diagnosis."""
    nodes: bool = False
    """Whether it is about nodes, which can be named after `on`."""
