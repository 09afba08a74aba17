"""The node lost its way out over IPv6: no route, or router advertisements that it ignores."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import IPV6
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="ipv6-routing",
    title=say("IPv6 does not get from node to node"),
    at=(Node,),
    stops=(IPV6,),
    requires={"ipv6.in-use": ("dual-stack", "ipv6-only")},
    shows=(
        Effect("ipv6.host-reach", ("lost", "rejected"), Strength.ALWAYS),
        Effect("ipv6.default-route", ("missing",), Strength.ALWAYS),
    ),
    spares=("ipv6.dad",),
    hides=frozenset({"ipv6-dad", "ipv6-tunnel"}),
    fix=say("Look at router advertisements and `net.ipv6.conf.*.accept_ra` (2 where forwarding is on) on {places}."),
    decide=say("Neighbour discovery and the default route on the nodes named."),
    source="Linux ip-sysctl documentation, accept_ra",
    example={"ipv6.in-use": "dual-stack", "ipv6.host-reach": "lost", "ipv6.default-route": "missing"},
)
