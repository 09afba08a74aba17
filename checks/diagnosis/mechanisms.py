"""What causes stop, as a table: a mechanism and all that shows when it is stopped.

Rivals that stop the same thing share a row, so that only what really tells them apart decides between them.
"""

from checks.diagnosis.declaration import Effect, Mechanism, Reach, Strength

ALWAYS, MOSTLY, MAY = Strength.ALWAYS, Strength.MOSTLY, Strength.MAY
ACROSS, HERE = Reach.BETWEEN_NODES, Reach.ASKED_FROM

_UNHEARD = ("unanswered", "tcp-unanswered", "loses")
_LATE = ("timeout", "hangs")
_CALL_MAY_TIME_OUT = (
    # The API server meets a broken way only if the webhook's pod is at its other end.
    Effect("webhook.dry-run", _LATE, MAY),
    Effect("texts.webhook", _LATE, MAY),
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
        Effect("paths.webhook-endpoint", ("timeout",), ALWAYS, ACROSS),
        Effect("paths.webhook-service", ("timeout",), MAY, ACROSS),
        Effect("paths.path-mtu", ("black-hole",), MAY, ACROSS),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), MOSTLY, ACROSS),
        Effect("dns.path-loss", ("loses",), MAY, ACROSS),
        Effect("dns.transport", ("tcp-only", "udp-only"), MAY, ACROSS),
        Effect("dns.service", _UNHEARD, MAY, ACROSS),
        Effect("ipv6.reach", ("lost",), MAY, ACROSS),
        Effect("ipv6.dns", ("unanswered",), MAY, ACROSS),
        *_SAID_OF_PODS,
    ),
)
TUNNEL_TCP = Mechanism(
    "tunnel-tcp",
    (
        Effect("paths.cross-tcp", ("lost",), ALWAYS, ACROSS),
        Effect("paths.cross-tcp-bulk", ("lost",), ALWAYS, ACROSS),
        Effect("paths.host-pod", ("lost",), ALWAYS, ACROSS),
        Effect("paths.webhook-endpoint", ("timeout",), ALWAYS, ACROSS),
        Effect("paths.webhook-service", ("timeout",), MAY, ACROSS),
        Effect("paths.path-mtu", ("black-hole", "small"), MAY, ACROSS),
        Effect("paths.checksum-errors", ("rising",), MAY, Reach.EVERYWHERE),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), MAY, ACROSS),
        Effect("dns.path-loss", ("loses",), MAY, ACROSS),
        Effect("dns.transport", ("tcp-only", "udp-only"), MAY, ACROSS),
        Effect("dns.service", _UNHEARD, MAY, ACROSS),
        Effect("ipv6.reach", ("lost",), MAY, ACROSS),
        Effect("ipv6.dns", ("unanswered",), MAY, ACROSS),
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
        *_CALL_MAY_TIME_OUT,
    ),
)
WEBHOOK_ENDPOINT = Mechanism(
    "webhook-endpoint",
    (
        Effect("paths.webhook-endpoint", ("timeout",), ALWAYS),
        Effect("paths.webhook-service", ("timeout",), ALWAYS),
        Effect("webhook.dry-run", _LATE, ALWAYS),
        Effect("texts.webhook", (*_LATE, "tunnel"), MAY),
    ),
)
SERVICE_ADDRESS = Mechanism(
    "service-address",
    (
        Effect("paths.webhook-service", ("timeout", "refused"), ALWAYS, HERE),
        Effect("paths.api-service", ("timeout", "refused"), ALWAYS, HERE),
        Effect("webhook.dry-run", ("timeout", "refused"), MOSTLY, HERE),
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
        Effect("texts.pod-dns", ("timeout", "no-answer", "server-failure"), MAY),
    ),
)
IPV6 = Mechanism(
    "ipv6",
    (
        Effect("ipv6.reach", ("lost", "rejected"), MAY),
        Effect("ipv6.dns", ("unanswered",), MAY),
    ),
)
MECHANISMS = (
    TUNNEL,
    TUNNEL_TCP,
    LARGE_PACKETS,
    WEBHOOK_ENDPOINT,
    SERVICE_ADDRESS,
    WEBHOOK_TLS,
    CLUSTER_DNS,
    IPV6,
)
