"""A node is chosen to announce an address on interfaces that it does not have."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="missing-interface",
    title=say("The node that announces an address has none of the interfaces that its advertisement names"),
    at=(Service,),
    shows=(Effect("metallb.announced", ("no-interface",), Strength.ITSELF, Reach.ANYWHERE),),
    hides=frozenset({"local-traffic-policy"}),
    fix=say(
        "Choose the nodes that have the interface: `nodeSelectors` beside `interfaces` in the L2Advertisement of "
        "{places} (MetalLB chooses the node without asking for interfaces), or name the interfaces of every node."
    ),
    rollback=say("Set the former selectors again."),
    decide=say("`ip -br link` on the node that announces it."),
    source="MetalLB documentation, advanced L2 configuration: specify network interfaces",
    example={"metallb.announced": "no-interface"},
)
