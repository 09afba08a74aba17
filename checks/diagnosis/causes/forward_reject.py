"""A rule of the node's own rejects what it should forward to its pods, before the network plugin's rules see it."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

_TO, _ACROSS = Reach.ENDS_AT, Reach.BETWEEN_NODES

CAUSE = Declaration(
    slug="forward-reject",
    title=say("A node rejects what it should forward to its pods"),
    at=(Node,),
    shows=(
        # Where a node's pod agent cannot answer any more its host stands in, and what that sends is not forwarded.
        Effect("paths.rejections", ("rejects",), Strength.ALWAYS),
        # From the node's own network what comes back is not forwarded, so only the way to its pods is closed.
        Effect("paths.host-pod", ("rejected",), Strength.ALWAYS, _TO),
        # An answer that is rejected on its way back looks lost to who asked.
        Effect("paths.cross-tcp", ("rejected", "lost"), Strength.ALWAYS, _TO),
        Effect("paths.cross-tcp", ("rejected", "lost"), Strength.MAY, _ACROSS),
        Effect("paths.cross-tcp-bulk", ("rejected", "lost"), Strength.ALWAYS, _TO),
        Effect("paths.cross-tcp-bulk", ("rejected", "lost"), Strength.MAY, _ACROSS),
        Effect("paths.cross-ping", ("rejected", "lost"), Strength.MAY, _ACROSS),
        Effect("paths.webhook-endpoint", ("refused", "timeout"), Strength.MOSTLY, _TO),
        Effect("paths.webhook-service", ("refused", "timeout"), Strength.MAY, _ACROSS),
        Effect("paths.api-service", ("timeout", "refused"), Strength.MAY, Reach.ASKED_FROM),
        Effect("paths.same-node", ("rejected", "lost"), Strength.MAY),
        Effect("paths.webhook-local", ("refused", "timeout"), Strength.MAY),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), Strength.MAY, _ACROSS),
        Effect("dns.path-loss", ("loses",), Strength.MAY, _ACROSS),
        Effect("dns.transport", ("udp-only",), Strength.MAY, _ACROSS),
        Effect("dns.large-answers", ("cut", "lost"), Strength.MAY, _ACROSS),
        Effect("dns.service", ("unanswered", "tcp-unanswered", "loses"), Strength.MAY),
        # CoreDNS in a pod of the node reaches nobody outside.
        Effect("dns.external", ("no-answer", "no-answer-here"), Strength.MAY),
        Effect("dns.counters", ("upstream", "server-failures"), Strength.MAY),
        Effect("ipv6.reach", ("lost", "rejected"), Strength.MAY, _ACROSS),
        Effect("ipv6.dns", ("unanswered",), Strength.MAY, _ACROSS),
        Effect("services.aggregated", ("refused", "timeout"), Strength.MAY),
        Effect("services.address", ("refused", "timeout"), Strength.MAY),
        Effect("services.endpoint", ("refused", "timeout"), Strength.MAY),
        Effect("apiserver.admission", ("slow", "failing", "fails-open"), Strength.MAY),
        Effect("webhook.dry-run", ("refused", "timeout", "no-route"), Strength.MAY),
        Effect("texts.connection", ("no-route", "refused", "timeout"), Strength.MAY),
        Effect("texts.api-service", ("no-route", "refused", "timeout"), Strength.MAY),
        Effect("texts.webhook", ("refused", "timeout", "hangs", "no-route"), Strength.MAY),
    ),
    spares=("paths.host-tcp", "paths.tunnel-arrivals"),
    hides=frozenset(
        {
            "vmxnet3-tunnel-offload",
            "vmxnet3-lro",
            "mtu-mismatch",
            "firewall-vxlan",
            "vxlan-port-conflict",
            "vxlan-tx-checksum",
            "kube-proxy",
            "webhook-blocked",
            "apiserver-proxy",
            "webhook-slow",
        }
    ),
    fix=say(
        "On {places}: `iptables -S FORWARD; nft list ruleset` shows a rule that rejects before the network plugin's "
        "own. Take it away, or stop the firewall service that writes it (firewalld does so by default)."
    ),
    rollback=say("Add the rule again."),
    decide=say("A TCP connection from another node's own network to a pod of this one: a rejection comes at once."),
    source="kubernetes/kubeadm #139; canonical/microk8s #316",
    example={
        "paths.rejections": "rejects",
        "paths.host-pod": "rejected",
        "paths.cross-tcp": "rejected",
        "paths.cross-tcp-bulk": "rejected",
        "paths.webhook-endpoint": "refused",
        "dns.replica-remote": "tcp-unanswered",
        "dns.transport": "udp-only",
    },
)
