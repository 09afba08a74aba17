"""No node that an advertisement chooses can announce."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Pool
from checks.text import say

CAUSE = Declaration(
    slug="no-announcer",
    title=say("No node may announce the addresses of a pool"),
    at=(Pool,),
    shows=(
        Effect("metallb.announcers", ("no-node",), Strength.ALWAYS),
        Effect("metallb.announced", ("no-node",), Strength.MAY, Reach.EVERYWHERE),
    ),
    fix=say(
        "The finding `metallb.announcers` says of each node why it may not announce {places}: correct the "
        "`nodeSelectors` of its advertisements, bring a speaker to a node that is chosen, or mend a node whose "
        "condition NetworkUnavailable is True."
    ),
    rollback=say("Set the former selectors again."),
    decide=say("The labels of the nodes, and where speakers run."),
    source="MetalLB speaker/layer2_controller.go and bgp_controller.go: ShouldAnnounce",
    example={"metallb.announcers": "no-node"},
)
