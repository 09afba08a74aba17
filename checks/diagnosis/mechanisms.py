"""What causes stop, as a table: a mechanism and all that shows when it is stopped.

Rivals that stop the same thing share a row, so that only what really tells them apart decides between them.
"""

from checks.diagnosis.declaration import Effect, Mechanism, Reach, Strength

ALWAYS, MOSTLY, MAY = Strength.ALWAYS, Strength.MOSTLY, Strength.MAY
ACROSS, HERE = Reach.BETWEEN_NODES, Reach.ASKED_FROM

_UNHEARD = ("unanswered", "tcp-unanswered", "loses")
_LATE = ("timeout", "hangs")
_UNCALLED = ("slow", "failing", "fails-open")
"""What the API server counts of webhooks that it cannot call, or only after a while."""
_CALL_MAY_TIME_OUT = (
    # The API server meets a broken way only if the webhook's pod is at its other end.
    Effect("webhook.dry-run", (*_LATE, "no-route"), MAY),
    Effect("services.aggregated", ("timeout",), MAY),
    Effect("services.address", ("timeout",), MAY),
    Effect("services.endpoint", ("timeout",), MAY),
    Effect("apiserver.admission", _UNCALLED, MAY),
    Effect("texts.webhook", (*_LATE, "no-route"), MAY),
    Effect("texts.aggregated-api", _LATE, MAY),
    Effect("texts.ingress", _LATE, MAY),
    Effect("texts.connection", _LATE, MAY),
)
_SAID_OF_PODS = (
    # Whatever goes from pod to pod, in the words of those who suffer from it.
    *_CALL_MAY_TIME_OUT,
    Effect("texts.api-service", ("timeout",), MAY),
    Effect("texts.cni", ("api-service",), MAY),
    Effect("texts.pod-dns", ("timeout", "no-answer", "server-failure"), MAY),
)

TUNNEL = Mechanism(
    "tunnel",
    (
        Effect("paths.cross-ping", ("lost",), ALWAYS, ACROSS),
        Effect("paths.cross-tcp", ("lost",), ALWAYS, ACROSS),
        Effect("paths.cross-tcp-bulk", ("lost",), ALWAYS, ACROSS),
        Effect("paths.host-pod", ("lost",), ALWAYS, ACROSS),
        Effect("paths.pod-loss", ("lossy",), MAY, ACROSS),
        Effect("paths.webhook-endpoint", ("timeout",), ALWAYS, ACROSS),
        Effect("paths.webhook-service", ("timeout",), MAY, ACROSS),
        Effect("mtu.path", ("black-hole",), MAY, ACROSS),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), MOSTLY, ACROSS),
        Effect("dns.path-loss", ("loses",), MAY, ACROSS),
        Effect("dns.transport", ("tcp-only", "udp-only"), MAY, ACROSS),
        Effect("dns.large-answers", ("cut", "lost"), MAY, ACROSS),
        Effect("dns.service", _UNHEARD, MAY, ACROSS),
        *_SAID_OF_PODS,
    ),
)
NODE_NETWORK = Mechanism(
    "node-network",
    (
        # Once nobody answers for an address, the asking node's own kernel rejects at once.
        Effect("paths.host-tcp", ("lost", "rejected"), ALWAYS, ACROSS),
        Effect("paths.host-loss", ("lossy",), MAY, ACROSS),
        Effect("ipv6.host-reach", ("lost", "rejected"), MAY, ACROSS),
        *TUNNEL.effects,
    ),
)
TUNNEL_IPV6 = Mechanism(
    "tunnel-ipv6",
    (
        # Apart, because a tunnel may carry one family and not the other.
        Effect("ipv6.reach", ("lost", "rejected"), MAY, ACROSS),
        Effect("ipv6.dns", ("unanswered",), MAY, ACROSS),
    ),
)
TUNNEL_TCP = Mechanism(
    "tunnel-tcp",
    (
        Effect("paths.cross-tcp", ("lost",), ALWAYS, ACROSS),
        Effect("paths.cross-tcp-bulk", ("lost",), ALWAYS, ACROSS),
        Effect("paths.host-pod", ("lost",), ALWAYS, ACROSS),
        Effect("paths.pod-loss", ("lossy",), MAY, ACROSS),
        Effect("paths.webhook-endpoint", ("timeout",), ALWAYS, ACROSS),
        Effect("paths.webhook-service", ("timeout",), MAY, ACROSS),
        Effect("mtu.path", ("black-hole", "small"), MAY, ACROSS),
        Effect("paths.checksum-errors", ("rising",), MAY, Reach.EVERYWHERE),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), MAY, ACROSS),
        Effect("dns.path-loss", ("loses",), MAY, ACROSS),
        Effect("dns.transport", ("tcp-only", "udp-only"), MAY, ACROSS),
        Effect("dns.large-answers", ("cut", "lost"), MAY, ACROSS),
        Effect("dns.service", _UNHEARD, MAY, ACROSS),
        *_SAID_OF_PODS,
    ),
)
LARGE_PACKETS = Mechanism(
    "large-packets",
    (
        Effect("paths.cross-tcp-bulk", ("lost",), ALWAYS, ACROSS),
        # The certificate of a TLS handshake is more than one segment.
        Effect("paths.webhook-endpoint", ("timeout",), MAY, ACROSS),
        Effect("paths.webhook-service", ("timeout",), MAY, ACROSS),
        Effect("dns.transport", ("udp-only",), MAY, ACROSS),
        Effect("dns.large-answers", ("cut", "lost"), MAY, ACROSS),
        *_CALL_MAY_TIME_OUT,
    ),
)
WEBHOOK_ENDPOINT = Mechanism(
    "webhook-endpoint",
    (
        Effect("paths.webhook-endpoint", ("timeout",), ALWAYS),
        Effect("paths.webhook-service", ("timeout",), ALWAYS),
        Effect("webhook.dry-run", _LATE, ALWAYS),
        Effect("services.aggregated", ("timeout",), MAY),
        Effect("services.address", ("timeout",), MAY),
        Effect("services.endpoint", ("timeout",), MAY),
        Effect("apiserver.admission", _UNCALLED, MAY),
        Effect("texts.webhook", (*_LATE, "tunnel"), MAY),
    ),
)
SERVICE_ADDRESS = Mechanism(
    "service-address",
    (
        Effect("paths.webhook-service", ("timeout", "refused"), ALWAYS, HERE),
        Effect("paths.api-service", ("timeout", "refused"), ALWAYS, HERE),
        Effect("webhook.dry-run", ("timeout", "refused"), MOSTLY, HERE),
        Effect("services.address", ("timeout", "refused"), MAY, HERE),
        Effect("services.aggregated", ("timeout", "refused"), MAY, HERE),
        Effect("apiserver.admission", _UNCALLED, MAY, HERE),
        Effect("texts.webhook", ("timeout", "refused"), MAY),
        Effect("texts.aggregated-api", ("timeout", "refused"), MAY),
        Effect("texts.api-service", ("timeout", "refused", "no-route"), MAY),
        Effect("texts.cni", ("api-service",), MAY),
        Effect("texts.pod-dns", ("timeout", "refused", "no-answer"), MAY),
        Effect("texts.kube-proxy", ("rules",), MAY),
    ),
)
WEBHOOK_TLS = Mechanism(
    "webhook-tls",
    (
        Effect("webhook.dry-run", ("x509",), ALWAYS),
        Effect("apiserver.admission", _UNCALLED, MAY),
        Effect("texts.webhook", ("x509",), MAY),
    ),
)
CLUSTER_DNS = Mechanism(
    "cluster-dns",
    (
        Effect("dns.replica-local", ("unanswered", "tcp-unanswered"), MAY),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), MAY),
        Effect("dns.service", _UNHEARD, MAY),
        Effect("dns.transport", ("tcp-only", "udp-only"), MAY),
        Effect("dns.path-loss", ("loses",), MAY),
        Effect("dns.edns", ("silent", "refused", "outside"), MAY),
        Effect("texts.pod-dns", ("timeout", "no-answer", "server-failure"), MAY),
    ),
)
IPV6 = Mechanism(
    "ipv6",
    (
        Effect("ipv6.host-reach", ("lost", "rejected"), MAY),
        Effect("ipv6.reach", ("lost", "rejected"), MAY),
        Effect("ipv6.dns", ("unanswered",), MAY),
    ),
)
UNSURE = (
    # What goes wrong now and then, in one direction or the other, where a node is not told from another, or drops some
    # packets: whatever of it is seen, none of it has to be.
    Effect("paths.cross-ping", ("lost", "rejected"), MAY, ACROSS),
    Effect("paths.cross-tcp", ("lost", "rejected"), MAY, ACROSS),
    Effect("paths.cross-tcp-bulk", ("lost", "rejected"), MAY, ACROSS),
    Effect("paths.host-pod", ("lost", "rejected"), MAY, ACROSS),
    Effect("paths.webhook-endpoint", ("timeout", "refused"), MAY, ACROSS),
    Effect("paths.webhook-service", ("timeout", "refused"), MAY, ACROSS),
    Effect("paths.api-service", ("timeout", "refused"), MAY),
    Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), MAY, ACROSS),
    Effect("dns.path-loss", ("loses",), MAY, ACROSS),
    Effect("dns.transport", ("tcp-only", "udp-only"), MAY, ACROSS),
    Effect("dns.service", _UNHEARD, MAY),
    Effect("dns.external", ("no-answer", "no-answer-here"), MAY),
    Effect("dns.counters", ("upstream", "server-failures"), MAY),
    Effect("services.address", ("timeout", "refused"), MAY),
    Effect("services.aggregated", ("timeout", "refused"), MAY),
    Effect("apiserver.admission", _UNCALLED, MAY),
    Effect("paths.host-loss", ("lossy",), MAY, ACROSS),
    Effect("paths.pod-loss", ("lossy",), MAY, ACROSS),
    Effect("ipv6.reach", ("lost", "rejected"), MAY, ACROSS),
    Effect("ipv6.dns", ("unanswered",), MAY, ACROSS),
    Effect("webhook.dry-run", ("timeout", "no-route"), MAY),
    Effect("texts.webhook", ("timeout", "no-route"), MAY),
    Effect("texts.aggregated-api", ("timeout",), MAY),
    Effect("texts.connection", ("timeout", "no-route"), MAY),
    Effect("texts.api-service", ("timeout", "no-route"), MAY),
    Effect("texts.pod-dns", ("timeout", "no-answer"), MAY),
)
"""Effects of causes that show for sure in what they are themselves, and in paths as it happens."""
PODS_OF_NODE = (
    # What ran there counts as not ready, whether it runs or not (node-lifecycle controller), and Services lose it.
    Effect("webhook.endpoints", ("node-not-ready",), MAY, Reach.EVERYWHERE),
    Effect("webhook.dry-run", ("refused", "no-endpoints", "timeout"), MAY, Reach.ENDS_AT),
    Effect("paths.webhook-service", ("refused", "timeout"), MAY, Reach.ENDS_AT),
    Effect("services.aggregated", ("node-not-ready",), MAY, Reach.ENDS_AT),
    Effect("apiserver.admission", _UNCALLED, MAY, Reach.ENDS_AT),
    Effect("metallb.controller", ("not-ready",), MAY, Reach.EVERYWHERE),
    Effect("metallb.speaker", ("not-ready",), MAY),
    Effect("metallb.addresses", ("controller",), MAY, Reach.EVERYWHERE),
    Effect("dns.replicas", ("node-not-ready",), MAY),
)
"""Effects of causes for which a node is not ready. No mechanism: nothing unknown shows in just these."""
MECHANISMS = (
    NODE_NETWORK,
    TUNNEL,
    TUNNEL_IPV6,
    TUNNEL_TCP,
    LARGE_PACKETS,
    WEBHOOK_ENDPOINT,
    SERVICE_ADDRESS,
    WEBHOOK_TLS,
    CLUSTER_DNS,
    IPV6,
)
