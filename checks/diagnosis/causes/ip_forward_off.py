"""The kernel of a node is set not to forward packets: its pods reach nothing beyond the node."""

from checks.diagnosis.causes import forward_drop
from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="ip-forward-off",
    title=say("A node's kernel does not forward packets"),
    at=(Node,),
    shows=(Effect("node.forwarding", ("off",), Strength.ALWAYS), *forward_drop.CAUSE.shows),
    spares=forward_drop.CAUSE.spares,
    hides=forward_drop.CAUSE.hides | {forward_drop.CAUSE.slug},
    fix=say(
        "On {places}: `sysctl -w net.ipv4.ip_forward=1` (IPv6: `net.ipv6.conf.all.forwarding=1`), and find who set it "
        "to 0: `grep -rn forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d`, a hardening role, or `sysctl "
        "--system` after the network plugin had switched it on."
    ),
    rollback=say("Set the former value again."),
    decide=say("`sysctl net.ipv4.ip_forward` on the node."),
    source="Kubernetes documentation, Container Runtimes: enable IPv4 packet forwarding; Linux ip-sysctl documentation",
    example={"node.forwarding": "off", **forward_drop.CAUSE.example},
)
