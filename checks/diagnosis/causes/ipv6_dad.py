"""Somebody else has the node's IPv6 address, so the kernel does not use it."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import IPV6
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="ipv6-dad",
    title=say("An IPv6 address is in use twice"),
    at=(Node,),
    stops=(IPV6,),
    shows=(
        Effect("ipv6.dad", ("duplicate",), Strength.ALWAYS),
        Effect("texts.kernel", ("duplicate-address",), Strength.MAY),
    ),
    hides=frozenset({"ipv6-routing", "ipv6-tunnel"}),
    fix=say(
        "Find the other holder of the address of {places} (`ip -6 neigh` on a third node) and change one of the two."
    ),
    decide=say("The dadfailed flag in /proc/net/if_inet6."),
    source="RFC 4862 section 5.4",
    example={"ipv6.in-use": "dual-stack", "ipv6.dad": "duplicate", "ipv6.host-reach": "lost"},
)
