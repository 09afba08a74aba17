"""A packet filter on the node itself drops the tunnel's packets after they arrived."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import TUNNEL, TUNNEL_IPV6
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="firewall-vxlan",
    title=say("A host firewall blocks VXLAN between nodes"),
    at=(Node,),
    stops=(TUNNEL, TUNNEL_IPV6),
    shows=(
        Effect("paths.tunnel-arrivals", ("dropped-by-host",), Strength.ALWAYS, Reach.ENDS_AT),
        Effect("texts.kernel", ("tunnel-filtered",), Strength.MAY),
    ),
    spares=("paths.host-tcp", "paths.same-node"),
    hides=frozenset({"ipv6-tunnel", "vxlan-port-conflict", "vmxnet3-tunnel-offload", "vmxnet3-lro", "mtu-mismatch"}),
    fix=say(
        "Allow UDP 4789 between the nodes (8472 where Flannel or Cilium use it) on {places}: on Talos a "
        "NetworkRuleConfig, elsewhere `nft list ruleset | grep -n drop` shows the rule."
    ),
    rollback=say("Remove the rule that was added."),
    decide=say(
        "Count what arrives at the receiving adapter: datagrams that arrive but are not delivered meet a firewall."
    ),
    source="Flannel documentation, Firewalls; Talos NetworkRuleConfig",
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
        "paths.tunnel-arrivals": "dropped-by-host",
    },
)
