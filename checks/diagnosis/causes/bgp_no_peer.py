"""A pool is announced by BGP alone, and there is no router to tell."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Pool
from checks.text import say

CAUSE = Declaration(
    slug="bgp-no-peer",
    title=say("No BGPPeer is for a pool that BGP announces"),
    at=(Pool,),
    shows=(
        Effect("metallb.announcers", ("no-peer",), Strength.ALWAYS),
        Effect("metallb.announced", ("no-peer",), Strength.MAY, Reach.EVERYWHERE),
    ),
    hides=frozenset({"no-announcer"}),
    fix=say(
        "Make a BGPPeer for the nodes that are to announce {places}, or correct `peers` and `nodeSelectors` of its "
        "BGPAdvertisement and of the BGPPeers."
    ),
    rollback=say("Delete the BGPPeer."),
    decide=say("The BGPPeers, and which of them the BGPAdvertisement names."),
    source="MetalLB documentation, Configuration: BGP; speaker/bgp_controller.go",
    example={"metallb.announcers": "no-peer"},
)
