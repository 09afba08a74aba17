"""Pods of a node are not reached over IPv6, although the node is, and they are over IPv4."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import TUNNEL_IPV6
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="ipv6-tunnel",
    title=say("IPv6 between pods stops at a node"),
    at=(Node,),
    requires={"ipv6.in-use": ("dual-stack", "ipv6-only")},
    stops=(TUNNEL_IPV6,),
    shows=(Effect("ipv6.reach", ("lost", "rejected"), Strength.ALWAYS, Reach.BETWEEN_NODES),),
    # Beside it a node that loses large packets looks like one that loses some of all, and an address that is in use
    # twice like one of IPv6.
    # Each of these stops both families, in whatever way.
    hides=frozenset(
        {
            "mtu-mismatch",
            "vmxnet3-lro",
            "address-conflict",
            "conntrack-full",
            "duplicate-machine",
            "duplicate-pod-cidr",
            "neighbour-table",
            "network-unavailable",
            "overlay-state",
            "reverse-path-filter",
            "transmit-timeout",
        }
    ),
    spares=("ipv6.host-reach", "paths.cross-tcp"),
    fix=say(
        "On {places}: `ip -d -6 link show type vxlan` (the IPv6 tunnel is up and has its port), `ip -6 route`, `sysctl "
        "net.ipv6.conf.all.forwarding` (1), and `nft list ruleset | grep -n drop`: the tunnel's UDP port must be "
        "allowed over IPv6 too."
    ),
    rollback=say("Remove the rule that was added."),
    decide=say("`tcpdump -ni any 'ip6 and udp port 4789'` on the node named, while a pod there is pinged over IPv6."),
    source="Flannel documentation, Dual-stack; Kubernetes documentation, IPv4/IPv6 dual-stack",
    example={"ipv6.in-use": "dual-stack", "ipv6.reach": "lost"},
)
