"""What the nodes are, and how their kernels are set: from the Node objects, and from what their agents told."""

from checks.code import Code
from checks.finding import Finding
from checks.node import clock, conditions, identity, overlay, room, settings, versions
from checks.node.clock import judge_clock
from checks.node.conditions import NO_NODE, judge_conditions
from checks.node.identity import judge_identity
from checks.node.looks import Observed
from checks.node.overlay import judge_overlay
from checks.node.room import judge_room
from checks.node.settings import judge_settings
from checks.node.versions import judge_versions

OF_OBJECTS = (*conditions.CODES, *identity.CODES, *versions.CODES)
"""Those that the Node objects tell of."""
CODES: tuple[Code, ...] = (*OF_OBJECTS, *settings.CODES, *room.CODES, *clock.CODES, *overlay.CODES)


def judge(gathered: Observed) -> list[Finding]:
    """One finding a code, with every node as a place; of objects alone for a recording of before agents were asked."""
    of_agents = [*judge_settings(gathered), *judge_room(gathered), *judge_clock(gathered), *judge_overlay(gathered)]
    if not gathered.snapshot.nodes:
        return [*(code.unseen(NO_NODE, gathered.gaps(["nodes"])) for code in OF_OBJECTS), *of_agents]
    asked = bool(gathered.heard or gathered.silent)
    return [
        *judge_conditions(gathered.snapshot),
        *judge_identity(gathered),
        *judge_versions(gathered),
        *(of_agents if asked else ()),
    ]
