"""The speakers gossip on 7946 about who is alive; without that they announce too late or twice."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="memberlist-blocked",
    title=say("MetalLB's speakers do not reach each other (7946)"),
    at=(Node,),
    shows=(
        Effect("metallb.memberlist", ("blocked",), Strength.ALWAYS, Reach.ENDS_AT),
        Effect("texts.metallb", ("memberlist",), Strength.MAY),
    ),
    fix=say(
        "Allow TCP and UDP 7946 between {places} and the other nodes, in firewalls and host policies. Both: with "
        "TCP alone speakers still suspect each other."
    ),
    rollback=say("Remove the rules that were added."),
    decide=say("A connection to TCP 7946 of another node, and a datagram to UDP 7946."),
    source="metallb/metallb #782, #1539; hashicorp/memberlist state.go",
    example={"metallb.memberlist": "blocked"},
)
