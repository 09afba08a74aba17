"""A packet filter on the node itself drops the tunnel's packets after they arrived."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import TUNNEL, TUNNEL_IPV6
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="firewall-vxlan",
    title=say("A host firewall blocks the tunnel between nodes"),
    at=(Node,),
    stops=(TUNNEL, TUNNEL_IPV6),
    shows=(
        Effect("paths.tunnel-arrivals", ("dropped-by-host",), Strength.ALWAYS, Reach.ENDS_AT),
        Effect("texts.kernel", ("tunnel-filtered",), Strength.MAY),
    ),
    spares=("paths.host-tcp", "paths.same-node"),
    hides=frozenset({"ipv6-tunnel", "vxlan-port-conflict", "vmxnet3-tunnel-offload", "vmxnet3-lro", "mtu-mismatch"}),
    fix=say(
        "On {places}, allow the tunnel's packets from the other nodes: UDP 8472 or 4789 (VXLAN), UDP 6081 (Geneve: "
        "OVN-Kubernetes, Antrea, Kube-OVN), IP protocol 4 (Calico's IPIP) or UDP 51820 (WireGuard), whichever it is. "
        "On Talos a NetworkRuleConfig does, elsewhere `nft list ruleset | grep -nE 'drop|reject'` shows the rule."
    ),
    rollback=say("Remove the rule that was added."),
    decide=say(
        "Count what arrives at the receiving adapter: datagrams that arrive but are not delivered meet a firewall."
    ),
    source="Flannel documentation, Firewalls; Calico documentation, Network requirements; Talos NetworkRuleConfig",
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
