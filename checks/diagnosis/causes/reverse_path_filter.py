"""A packet comes in where its answer would not go out, so that a strict filter drops it."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="reverse-path-filter",
    title=say("A node drops packets that come in another way than they would go out"),
    at=(Node,),
    shows=(
        Effect("node.reverse-path", ("dropping",), Strength.ITSELF),
        Effect("paths.host-tcp", ("lost", "rejected"), Strength.MAY),
        Effect("paths.tunnel-arrivals", ("dropped-by-host", "partly"), Strength.MAY, Reach.ENDS_AT),
        *UNSURE,
    ),
    logged=(Effect("texts.kernel", ("martian",), Strength.MAY),),
    # Lost bulk is explained by lost packets, whoever loses them; and nobody answers from a node that is cut off.
    hides=frozenset({"vmxnet3-lro", "node-unreachable", "firewall-vxlan"}),
    fix=say(
        "On {places}: `ip route get ADDRESS` for the packet's source. Repair the route, or the two "
        "networks that share addresses; where several adapters are meant to be so, set "
        "`net.ipv4.conf.*.rp_filter` to 2."
    ),
    rollback=say("Set the former rp_filter again."),
    decide=say("The route to the source of the packet: does it lead out of the adapter that it came in on?"),
    source="Linux net/ipv4/route.c; ip-sysctl documentation, rp_filter",
    example={"node.reverse-path": "dropping"},
)
