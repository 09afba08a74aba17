"""The router and the speaker have no session, so that nobody learns where the addresses are."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="bgp-down",
    title=say("A BGP session with a router is not up"),
    at=(Node,),
    shows=(
        Effect("metallb.bgp", ("down",), Strength.ALWAYS),
        Effect("texts.metallb", ("bgp",), Strength.MAY),
    ),
    fix=say(
        "Compare the BGPPeers (`kubectl get bgppeers -A -o yaml`) with the router of {places}: address, both AS "
        "numbers, password, hold time, and `ebgpMultiHop` where the router is not on the node's own network. TCP "
        "179 must be open."
    ),
    rollback=say("Restore the former BGPPeer."),
    decide=say("A connection to TCP 179 of the router from that node, and what the router logs about its neighbour."),
    source="metallb/metallb #343, #1114, #497; RFC 4271 section 6",
    example={"metallb.bgp": "down"},
)
