"""NSX or ESXi uses the tunnel's port for itself, or a network between the nodes filters it."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import TUNNEL, TUNNEL_IPV6
from checks.place import Between, Node
from checks.text import say

CAUSE = Declaration(
    slug="vxlan-port-conflict",
    title=say("The network below uses or blocks the VXLAN port"),
    at=(Node, Between),
    stops=(TUNNEL, TUNNEL_IPV6),
    shows=(Effect("paths.tunnel-arrivals", ("not-arriving", "partly"), Strength.MOSTLY, Reach.BETWEEN_NODES),),
    spares=("paths.host-tcp", "paths.same-node"),
    hides=frozenset({"ipv6-tunnel", "firewall-vxlan", "vmxnet3-tunnel-offload", "vmxnet3-lro", "mtu-mismatch"}),
    fix=say(
        "At {places}: ask for the ESXi build and whether NSX is in use before changing the VXLAN port, because "
        "the vendors' advice differs by build."
    ),
    rollback=say("Set the former port again."),
    decide=say("Count what arrives at the receiving adapter: datagrams that never arrive are eaten below the node."),
    source="projectcalico/calico #9433; Broadcom KB 432932; Cilium documentation on NSX",
    example={
        "paths.cross-ping": "lost",
        "paths.cross-tcp": "lost",
        "paths.cross-tcp-bulk": "lost",
        "paths.host-pod": "lost",
        "paths.webhook-endpoint": "timeout",
        "paths.webhook-service": "timeout",
        "webhook.dry-run": "timeout",
        "dns.replica-remote": "unanswered",
        "dns.path-loss": "loses",
        "paths.tunnel-arrivals": "not-arriving",
    },
)
