"""The node drops what it should forward: the chain's policy, `ip_forward` or a strict `rp_filter`."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

_TO, _ACROSS = Reach.ENDS_AT, Reach.BETWEEN_NODES

CAUSE = Declaration(
    slug="forward-drop",
    title=say("A node drops what it should forward to and from its pods"),
    at=(Node,),
    shows=(
        # Where a node's pod agent cannot answer any more its host stands in, and what that sends is not forwarded.
        Effect("paths.cross-ping", ("lost",), Strength.ALWAYS, _TO),
        Effect("paths.cross-ping", ("lost",), Strength.MAY, _ACROSS),
        Effect("paths.cross-tcp", ("lost",), Strength.ALWAYS, _TO),
        Effect("paths.cross-tcp", ("lost",), Strength.MAY, _ACROSS),
        Effect("paths.cross-tcp-bulk", ("lost",), Strength.ALWAYS, _TO),
        Effect("paths.cross-tcp-bulk", ("lost",), Strength.MAY, _ACROSS),
        # From the node's own network nothing is forwarded there and back: that tells it from a broken tunnel.
        Effect("paths.host-pod", ("lost",), Strength.ALWAYS, _TO),
        Effect("paths.webhook-endpoint", ("timeout",), Strength.ALWAYS, _TO),
        Effect("paths.webhook-service", ("timeout",), Strength.MAY, _ACROSS),
        Effect("mtu.path", ("black-hole",), Strength.MAY, _ACROSS),
        Effect("paths.api-service", ("timeout", "refused"), Strength.MAY, Reach.ASKED_FROM),
        Effect("paths.same-node", ("lost",), Strength.MAY),
        Effect("paths.webhook-local", ("timeout",), Strength.MAY),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), Strength.MOSTLY, _ACROSS),
        Effect("dns.path-loss", ("loses",), Strength.MAY, _ACROSS),
        Effect("dns.transport", ("tcp-only", "udp-only"), Strength.MAY, _ACROSS),
        Effect("dns.large-answers", ("cut", "lost"), Strength.MAY, _ACROSS),
        Effect("dns.service", ("unanswered", "tcp-unanswered", "loses"), Strength.MAY),
        # CoreDNS in a pod of the node reaches nobody outside.
        Effect("dns.external", ("no-answer", "no-answer-here"), Strength.MAY),
        Effect("dns.counters", ("upstream", "server-failures"), Strength.MAY),
        Effect("ipv6.reach", ("lost",), Strength.MAY, _ACROSS),
        Effect("ipv6.dns", ("unanswered",), Strength.MAY, _ACROSS),
        Effect("services.aggregated", ("refused", "timeout"), Strength.MAY),
        Effect("services.address", ("refused", "timeout"), Strength.MAY),
        Effect("services.endpoint", ("refused", "timeout"), Strength.MAY),
        Effect("apiserver.admission", ("slow", "failing", "fails-open"), Strength.MAY),
        Effect("webhook.dry-run", ("timeout", "hangs"), Strength.MAY),
        Effect("texts.connection", ("timeout", "hangs"), Strength.MAY),
        Effect("texts.api-service", ("timeout",), Strength.MAY),
        Effect("texts.webhook", ("timeout", "hangs"), Strength.MAY),
    ),
    spares=("paths.host-tcp", "paths.tunnel-arrivals"),
    hides=frozenset(
        {
            "vmxnet3-tunnel-offload",
            "vmxnet3-lro",
            "mtu-mismatch",
            "firewall-vxlan",
            "vxlan-port-conflict",
            "forward-reject",
            "vxlan-tx-checksum",
            "kube-proxy",
            "webhook-blocked",
            "apiserver-proxy",
            "webhook-slow",
        }
    ),
    fix=say(
        "On {places}: `sysctl net.ipv4.ip_forward` has to be 1 and `iptables -S FORWARD | head -1` ACCEPT (Docker sets "
        "DROP: `iptables -P FORWARD ACCEPT`); `rp_filter` has to be 0 or 2 on the tunnel's device."
    ),
    rollback=say("Set the former value again."),
    decide=say(
        "From the node's own network a pod of another node answers, while from a pod of the same node it does not."
    ),
    source="flannel-io/flannel #799; Kubernetes documentation, Container Runtimes: forwarding IPv4",
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
    },
)
