"""Calls of webhooks, in the API server's words (`apiserver/pkg/util/webhook`, `pkg/admission/plugin/webhook`)."""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, pattern, phrase
from checks.reading.transport import expressions
from checks.text import say

TUNNEL = (
    r"proxy error from \S+ while dialing",
    r"no agent available",
    r"failed to find session for client",
    r"failed to dial .{0,80}konnectivity",
    r"konnectivity.{0,120}(?:refused|timeout|timed out|no such file)",
    r"tunnel(?:ing)? (?:session|server).{0,80}(?:not found|closed|no )",
    r"tunnel disconnect(?:ed)?",
    r"dial timeout, backstop",
    r"address is not allowed",
)
"""k3s and RKE2 (`remotedialer`) and konnectivity: the API server's own way into the cluster."""

FAILURES = (
    Outcome("other", Severity.FAILED, "a failure of another kind, in the API server's own words"),
    Outcome("lookup", Severity.FAILED, "the API server could not resolve a name"),
    Outcome("proxy", Severity.FAILED, "the API server sends webhook calls to an HTTP proxy"),
    Outcome("x509", Severity.FAILED, "the webhook's certificate was not accepted"),
    Outcome("no-endpoints", Severity.FAILED, "the Service is not there, or has no ready endpoint"),
    Outcome("tunnel", Severity.FAILED, "the API server's tunnel into the cluster did not reach the webhook"),
    Outcome("no-route", Severity.FAILED, "there is no way to it, or a firewall says so"),
    Outcome("refused", Severity.FAILED, "the connection was refused"),
    Outcome("hangs", Severity.FAILED, "the webhook took the request and did not answer in time"),
    Outcome("timeout", Severity.FAILED, "nothing came back in time"),
)
"""What a webhook call that failed may show."""

WEBHOOK = Kind(
    name="webhook",
    meaning="The API server's call of a webhook",
    tells=pattern(
        r"fail(?:ed|ing|s)? (?:to call|calling) (?:the )?(?:admission |validating |mutating |conversion )?webhook",
        r"\b(?:conversion|admission) webhook (?:for )?[^\s:]+(?:, kind=\w+)? failed:",
        r"error (?:when )?calling (?:the )?(?:admission |conversion )?webhook",
        r"failed calling webhook, failing (?:open|closed)",
        r"\bpost \"?https://[\w.-]+\.svc(?:\.[\w.-]+)?(?::\d+)?/\S*[?&]timeout=\d+m?s",
    ),
    phrases=(
        # Before the look-ups and the refusals: a proxy's name may fail to resolve, and a proxy may refuse.
        phrase(
            "proxy",
            "proxy",
            say("The API server sends webhook calls to an HTTP proxy: NO_PROXY lacks .svc and the Service network."),
            *expressions("proxy"),
        ),
        phrase(
            "lookup",
            "lookup",
            say(
                "The API server could not resolve the webhook's host name, "
                "which it does for URL webhooks and proxies alone."
            ),
            *expressions("lookup"),
        ),
        phrase(
            "x509",
            "expired",
            say("The webhook's certificate is outside its validity."),
            r"certificate has expired or is not yet valid",
            r"certificate is not yet valid",
            r"certificate (?:has )?expired",
        ),
        phrase(
            "x509",
            "name",
            say("The webhook's certificate was issued for another name."),
            r"x509: certificate is (?:not )?valid for",
            r"cannot validate certificate for",
            r"certificate is not valid for any names",
            r"relies on legacy common name",
            r"doesn't contain any (?:ip )?sans",
        ),
        phrase(
            "x509",
            "authority",
            say("The caBundle does not belong to the certificate that the webhook serves."),
            r"certificate signed by unknown authority",
            r"certificate verify failed",
            r"unable to load root certificates",
            r"unable to parse bytes as PEM block",
            r"crypto/rsa: verification error",
            r"ECDSA verification failure",
        ),
        phrase(
            "x509",
            "x509",
            say("The webhook's certificate was not accepted."),
            r"x509:",
            r"failed to verify certificate",
        ),
        phrase(
            "other",
            "plain-http",
            say("What answers behind the webhook's Service does not speak TLS: another program, or the wrong port."),
            r"server gave http response to https client",
            r"first record does not look like a tls handshake",
            r"wrong version number",
        ),
        phrase(
            "no-endpoints",
            "no-endpoints",
            say("The webhook's Service has no ready endpoint."),
            r"no endpoints available",
        ),
        phrase(
            "no-endpoints",
            "no-service",
            say("The webhook's Service, or its port, does not exist."),
            r"(?:failed (?:calling|to call)|conversion webhook) .{0,400}?: services? \"?[\w./-]+\"? not found",
            r"no service port \S+ found for service",
        ),
        phrase(
            "timeout",
            "tls-timeout",
            say(
                "A connection came about, but the TLS handshake did not: larger packets are lost, or the webhook is "
                "stuck."
            ),
            r"tls handshake timeout",
        ),
        phrase(
            "tunnel",
            "tunnel",
            say(
                "The API server reaches pods through a tunnel (k3s, RKE2 or konnectivity), and the tunnel did not get "
                "through to the webhook: a policy or a firewall at its far end, or no agent of it is there."
            ),
            *TUNNEL,
        ),
        # Before the time-outs: one that names its errno says more.
        phrase(
            "refused",
            "refused",
            say("The connection was refused: no ready endpoint behind the Service, or nothing listens on the port."),
            r"connection refused",
            r"actively refused",
            r"port unreachable",
        ),
        phrase(
            "no-route",
            "no-route",
            say(
                "The network between the API server and the webhook has no way, or a firewall answers that it has none."
            ),
            r"no route to host",
            r"network is unreachable",
            r"host is down",
        ),
        phrase(
            "no-route",
            "local-firewall",
            say("The packet filter of the API server's own node refuses to send."),
            r"(?:connect|dial|write|sendto): operation not permitted",
        ),
        phrase(
            "hangs",
            "hangs",
            say(
                "The webhook took the connection and did not answer in time: it is overloaded, waits for something "
                "itself, or is stuck."
            ),
            *expressions("hangs"),
        ),
        phrase(
            "timeout",
            "timeout",
            say("Packets between the API server and the webhook are lost on the way, or the webhook does not answer."),
            *expressions("timeout"),
        ),
        phrase(
            "other",
            "reset",
            say("The connection was made, then broken: the webhook crashed or restarted, or something between cut it."),
            *expressions("reset"),
        ),
        phrase(
            "other",
            "tls",
            say("The TLS handshake failed for another reason than the certificate's issuer or name."),
            r"remote error: tls",
            r"\btls: ",
        ),
        phrase(
            "other",
            "http-status",
            say(
                "Something answered for the webhook, but not as a webhook does: wrong path or port, or a mesh in "
                "between."
            ),
            r"the server could not find the requested resource",
            r"an error on the server",
            r"unexpected (?:http )?status",
            r"expected webhook response",
            r"the server is currently unable",
            r"webhook response",
            r"0-length response",
        ),
    ),
    outcomes=FAILURES,
    otherwise=say("A call of a webhook failed, in words that netcheck does not know."),
)
