"""What the error text of a webhook call means.

The words come from Go's net, net/http, crypto/x509 and crypto/tls, and from the API server's own code around them
(`k8s.io/apiserver/pkg/util/webhook`, `pkg/admission/plugin/webhook`). They are stable over years, and people paste them
whole or in part, with the quotes and escapes that chat programs put in.
"""

import html
import re
from dataclasses import dataclass

from checks.code import Outcome
from checks.finding import Severity
from checks.text import Text, say


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that an error text can say."""

    outcome: str
    """The outcome of `webhook.dry-run` and `webhook.error-text`."""
    name: str
    """Distinguishes kinds of one outcome."""
    pattern: re.Pattern[str]
    meaning: Text
    """One sentence for a person."""


def _kind(outcome: str, name: str, pattern: str, meaning: Text) -> Kind:
    return Kind(outcome, name, re.compile(pattern, re.IGNORECASE), meaning)


FAILURES = (
    Outcome("other", Severity.FAILED, "a failure of another kind, in the API server's own words"),
    Outcome("lookup", Severity.FAILED, "the API server could not resolve a name"),
    Outcome("proxy", Severity.FAILED, "the API server sends webhook calls to an HTTP proxy"),
    Outcome("x509", Severity.FAILED, "the webhook's certificate was not accepted"),
    Outcome("no-endpoints", Severity.FAILED, "the Service is not there, or has no ready endpoint"),
    Outcome("refused", Severity.FAILED, "the connection was refused"),
    Outcome("timeout", Severity.FAILED, "nothing came back in time"),
)
"""What a webhook call that failed may show."""

KINDS = (
    # The client that shows the text never came to the API server: nothing is said about a webhook.
    _kind(
        "other",
        "api-server-unreachable",
        r"unable to connect to the server|the connection to the server \S+ was refused|couldn't get current server API",
        say("kubectl did not reach the API server, so this says nothing about the webhook."),
    ),
    _kind(
        "other",
        "dry-run-unsupported",
        r"does not support dry run",
        say("A webhook with side effects refuses dry runs, so whether it can be reached is not known."),
    ),
    _kind(
        "other",
        "policy",
        r"ValidatingAdmissionPolicy .*denied request",
        say("An admission policy of the cluster refused the request; the webhook was not the one."),
    ),
    _kind(
        "denied",
        "denied",
        r"admission webhook .{1,300}? denied the request",
        say("The webhook answered, and refused the object: it can be reached, the object is wrong."),
    ),
    _kind(
        "other",
        "rbac",
        r"is forbidden: user .* cannot \w+ resource",
        say("The API server did not permit the request, so the webhook was never called."),
    ),
    # Before the look-ups and the refusals: a proxy's name may fail to resolve, and a proxy may refuse.
    _kind(
        "proxy",
        "proxy",
        r"proxyconnect tcp|proxy authentication required|407 proxy",
        say("The API server sends webhook calls to an HTTP proxy: NO_PROXY lacks .svc and the Service network."),
    ),
    # Before the time-outs: a name server that does not answer is a failed look-up, whatever its last words.
    _kind(
        "lookup",
        "lookup",
        r"\blookup [\w.-]+( on \S+)?:|no such host|server misbehaving|temporary failure in name resolution",
        say(
            "The API server could not resolve the webhook's host name, "
            "which it does for URL webhooks and proxies alone."
        ),
    ),
    _kind(
        "x509",
        "expired",
        r"certificate has expired or is not yet valid|certificate is not yet valid|certificate expired",
        say("The webhook's certificate is outside its validity."),
    ),
    _kind(
        "x509",
        "name",
        r"x509: certificate is (not )?valid for|cannot validate certificate for|certificate is not valid for any names"
        r"|relies on legacy common name|doesn't contain any (ip )?sans",
        say("The webhook's certificate was issued for another name."),
    ),
    _kind(
        "x509",
        "authority",
        r"x509: certificate signed by unknown authority|certificate verify failed|unable to load root certificates"
        r"|unable to parse bytes as PEM block|crypto/rsa: verification error|ECDSA verification failure",
        say("The caBundle does not belong to the certificate that the webhook serves."),
    ),
    _kind("x509", "x509", r"x509:|failed to verify certificate", say("The webhook's certificate was not accepted.")),
    _kind(
        "other",
        "plain-http",
        r"server gave http response to https client|first record does not look like a tls handshake"
        r"|wrong version number",
        say("What answers behind the webhook's Service does not speak TLS: another program, or the wrong port."),
    ),
    _kind(
        "no-endpoints",
        "no-endpoints",
        r"no endpoints available for service|no endpoints available",
        say("The webhook's Service has no ready endpoint."),
    ),
    _kind(
        "no-endpoints",
        "no-service",
        r"failed calling webhook.*: services? \"?[\w.-]+\"? not found|no service port \S+ found for service",
        say("The webhook's Service, or its port, does not exist."),
    ),
    _kind(
        "timeout",
        "tls-timeout",
        r"tls handshake timeout",
        say(
            "A connection came about, but the TLS handshake did not: larger packets are lost, or the webhook is stuck."
        ),
    ),
    _kind(
        "timeout",
        "konnectivity",
        r"no agent available|error dialing backend.*(timeout|timed out)|failed to dial .*konnectivity",
        say("The API server reaches pods through konnectivity, and no agent of it serves this call."),
    ),
    # Before the time-outs: one that names its errno says more.
    _kind(
        "refused",
        "refused",
        r"connection refused|actively refused|port unreachable",
        say("The connection was refused: no ready endpoint behind the Service, or nothing listens on the port."),
    ),
    _kind(
        "other",
        "no-route",
        r"no route to host|network is unreachable|host is down",
        say("The network between the API server and the webhook has no way, or a firewall answers that it has none."),
    ),
    _kind(
        "other",
        "local-firewall",
        r"(connect|dial|write|sendto): operation not permitted",
        say("The packet filter of the API server's own node refuses to send."),
    ),
    _kind(
        "timeout",
        "timeout",
        r"context deadline exceeded|i/o timeout|client\.timeout|connection timed out|timeout awaiting response headers"
        r"|request canceled while waiting for connection|gateway time-?out|operation timed out|timed out",
        say("Packets between the API server and the webhook are lost on the way, or the webhook does not answer."),
    ),
    _kind(
        "other",
        "reset",
        r"connection reset by peer|broken pipe|unexpected eof|\beof\b|server closed idle connection"
        r"|http2: client connection lost",
        say("The connection was made, then broken: the webhook crashed or restarted, or something between cut it."),
    ),
    _kind(
        "other",
        "tls",
        r"remote error: tls|\btls: ",
        say("The TLS handshake failed for another reason than the certificate's issuer or name."),
    ),
    _kind(
        "other",
        "http-status",
        r"failed calling webhook.*(the server could not find the requested resource|an error on the server"
        r"|unexpected (http )?status|expected webhook response|the server is currently unable|webhook response)",
        say("Something answered for the webhook, but not as a webhook does: wrong path or port, or a mesh in between."),
    ),
)
"""All kinds, the more telling first: the first that matches counts."""

_CALL = re.compile(r"failed calling (?:admission )?webhook \"?(?P<webhook>[\w./-]+)\"?", re.IGNORECASE)
_URL = re.compile(r"\bPost \"?(?P<url>https?://[^\s\"]+)", re.IGNORECASE)
_DIAL = re.compile(r"dial tcp (?P<address>\[?[0-9a-f.:]+\]?:\d+)|->(?P<peer>\[?[0-9a-f.:]+\]?:\d+)", re.IGNORECASE)
_SLACK_LINK = re.compile(r"<((?:https?|mailto)[^|<>\s]+)(?:\|[^<>]*)?>")
_QUOTES = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″❝❞", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),  # noqa: RUF001 - the look-alikes are what is looked for
        **dict.fromkeys("–—‑−", "-"),  # noqa: RUF001 - the look-alikes are what is looked for
        "…": "...",
        "\N{ZERO WIDTH SPACE}": None,
        "\N{ZERO WIDTH NO-BREAK SPACE}": None,
        "\N{SOFT HYPHEN}": None,
        "\\": None,
    }
)
"""Back to ASCII. Backslashes go: logs escape quotes with them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An error text, read."""

    kind: Kind | None
    """None when it says nothing that is known."""
    webhook: str = ""
    url: str = ""
    address: str = ""
    """What was dialled, when the text says it: an address and a port."""

    @property
    def outcome(self) -> str:
        """The kind's outcome; `other` for what is not known."""
        return self.kind.outcome if self.kind else "other"


def plain(text: str) -> str:
    """The text as Go wrote it: ASCII quotes, no HTML escapes, no link marks of Slack, on one line."""
    unescaped = _SLACK_LINK.sub(r"\1", html.unescape(html.unescape(text)))
    return " ".join(unescaped.translate(_QUOTES).split())


def read(text: str) -> Reading:
    """What an error text says, whatever was done to it on its way here."""
    clean = plain(text)
    call, url, dial = _CALL.search(clean), _URL.search(clean), _DIAL.search(clean)
    return Reading(
        kind=next((kind for kind in KINDS if kind.pattern.search(clean)), None),
        webhook=call["webhook"] if call else "",
        url=url["url"].rstrip(":,") if url else "",
        address=(dial["address"] or dial["peer"] or "") if dial else "",
    )
