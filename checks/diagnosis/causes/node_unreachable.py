"""Nobody hears from a node: its machine is off, or its link or its adapter is."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import NODE_NETWORK, PODS_OF_NODE, TUNNEL_IPV6
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="node-unreachable",
    title=say("A node is down or cut off from all others"),
    at=(Node,),
    stops=(NODE_NETWORK, TUNNEL_IPV6),
    # Who answers is not cut off; agents that do not answer may have other reasons.
    unless={"coverage.agents": ("pass", "part")},
    shows=(
        *PODS_OF_NODE,
        Effect("paths.kubelet", ("timeout", "refused"), Strength.MOSTLY, Reach.ENDS_AT),
        Effect("paths.tunnel-arrivals", ("not-arriving",), Strength.MAY, Reach.BETWEEN_NODES),
        Effect("paths.api-server", ("timeout", "refused"), Strength.MAY, Reach.BETWEEN_NODES),
        Effect("paths.api-service", ("timeout", "refused"), Strength.MAY, Reach.BETWEEN_NODES),
        Effect("node.ready", ("silent",), Strength.MAY),
        Effect("texts.node", ("silent",), Strength.MAY),
    ),
    hides=frozenset(
        {
            "ipv6-tunnel",
            "node-not-ready",
            "forward-reject",
            "forward-drop",
            "firewall-vxlan",
            "vxlan-port-conflict",
            "vmxnet3-tunnel-offload",
            "vmxnet3-lro",
            "mtu-mismatch",
            "webhook-slow",
        }
    ),
    fix=say(
        "Look at the machine of {places} on its console: is it on, is its adapter connected (`ip -br link`), does it "
        "have its address (`ip -br address`), does it reach its gateway?"
    ),
    decide=say("The machine's power state and its adapter's link, on its console or in vCenter."),
    source="Kubernetes documentation, Nodes: heartbeats (40 s without one make the Ready condition Unknown)",
    example={
        "coverage.agents": "unseen",
        "paths.host-tcp": "lost",
        "paths.cross-ping": "lost",
        "paths.cross-tcp": "lost",
        "paths.cross-tcp-bulk": "lost",
        "paths.host-pod": "lost",
        "paths.kubelet": "timeout",
        "paths.webhook-endpoint": "timeout",
        "paths.webhook-service": "timeout",
        "webhook.dry-run": "timeout",
        "dns.replica-remote": "unanswered",
        "dns.path-loss": "loses",
    },
)
