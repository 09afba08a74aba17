"""A node forwards and so ignores the router that gives it its default route."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="ipv6-advertisements",
    title=say("A node that forwards ignores its IPv6 router"),
    at=(Node,),
    requires={"ipv6.in-use": ("dual-stack", "ipv6-only")},
    shows=(
        Effect("ipv6.advertisements", ("ignored", "ends"), Strength.ALWAYS),
        Effect("ipv6.default-route", ("missing",), Strength.MAY),
    ),
    spares=("ipv6.reach",),
    fix=say(
        "`sysctl -w net.ipv6.conf.INTERFACE.accept_ra=2` on {places}, and in /etc/sysctl.d so that it lasts: with "
        "forwarding on, 1 means that router advertisements are ignored."
    ),
    rollback=say("Set it to 1 again."),
    decide=say("`ip -6 route show default` on the nodes named, a minute after the change."),
    source="Linux ip-sysctl documentation, accept_ra; cilium/cilium #21819",
    example={"ipv6.in-use": "dual-stack", "ipv6.advertisements": "ignored"},
)
