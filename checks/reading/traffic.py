"""What proxies and kube-proxy say, and what is left: a connection of which nobody says whose it was.

nginx, Envoy, HAProxy, Traefik, Squid; kube-proxy with iptables, nftables and IPVS.
"""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, pattern, phrase
from checks.reading.transport import failed, failures
from checks.text import say

KUBE_PROXY = Kind(
    name="kube-proxy",
    meaning="kube-proxy, which gives Services their addresses, in its own log",
    tells=pattern(
        r"failed to (?:execute|sync) (?:ip6?tables|nft|ipvs|rules)",
        r"ip6?tables-restore",
        r"failed to ensure (?:that )?\S+ chain",
        r"\bproxier\b.{0,200}(?:fail|error|unable)",
        r"can't set sysctl net/(?:netfilter|ipv4|ipv6)",
        r"nf_conntrack_max: permission denied",
        r"another app is currently holding the xtables lock",
        r"can't use (?:the )?ipvs proxier",
        r"failed to delete (?:stale )?(?:service|conntrack)",
        r"nft\b.{0,80}could not process rule",
    ),
    phrases=(
        phrase(
            "rules",
            "rules",
            say("kube-proxy could not write its rules on a node, so Service addresses are stale or missing there."),
            r".",
        ),
    ),
    outcomes=(
        Outcome("other", Severity.FAILED, "something else is wrong"),
        Outcome("rules", Severity.FAILED, "it could not write its rules"),
    ),
)

_BACKEND = ("refused", "no-route", "reset", "lookup", "x509", "hangs", "timeout")
INGRESS = Kind(
    name="ingress",
    meaning="The way of a proxy or an ingress to the pods behind it",
    tells=pattern(
        r"upstream (?:timed out|prematurely closed|sent|connect error|request timeout|server temporarily disabled)",
        r"\(\d+: [\w ]+\) while (?:connecting to|reading|sending|ssl handshaking)",
        r"while connecting to upstream",
        r"no live upstreams",
        r"no healthy (?:upstream|host)",
        r"reset reason: ",
        r"delayed connect error",
        r"response_flags|\b(?:UF|UH|URX|UC|UT|NR|UPE),?(?:URX)? ",
        r"upstream_(?:reset|cluster|transport_failure_reason)",
        r"service .{0,80} does not have any active endpoint",
        r"\bserver [\w.-]+/[\w.-]+ is down\b",
        r"backend '?[\w.-]+'? has no server available",
        r"layer[467] (?:timeout|connection problem|invalid response)",
        r"\bERR_(?:CONNECT_FAIL|DNS_FAIL|READ_TIMEOUT|CANNOT_FORWARD|ACCESS_DENIED)\b",
        r"TCP_(?:MISS|TUNNEL|DENIED)\w*/(?:50\d|403)",
        r"(?:502 bad gateway|503 service (?:temporarily )?unavailable|504 gateway time-?out).{0,60}(?:nginx"
        r"|openresty|haproxy|envoy)?",
        r"no server is available to handle this request",
        r"the server didn't respond in time",
    ),
    unless=pattern(r"proxy error from", r"\bcode 50\d\b"),
    phrases=(
        phrase(
            "no-backend",
            "no-backend",
            say("A proxy or an ingress has no pod behind it that is ready."),
            r"no live upstreams",
            r"no healthy (?:upstream|host)",
            r"does not have any active endpoint",
            r"has no server available",
            r"no server is available",
            r"503 service (?:temporarily )?unavailable",
            r"server temporarily disabled",
            r"\bUH\b",
        ),
        phrase(
            "timeout",
            "timeout",
            say("A proxy or an ingress asked a pod behind it: nothing came back in time."),
            r"upstream timed out",
            r"reset reason: connection timeout",
            r"upstream request timeout",
            r"layer4 timeout",
            r"504 gateway time-?out",
            r"didn't respond in time",
        ),
        *failures(lambda what: say("A proxy or an ingress asked a pod behind it: {what}.", what=what), *_BACKEND),
        phrase(
            "reset",
            "reset",
            say("A proxy or an ingress got no whole answer from a pod behind it."),
            r"prematurely closed",
            r"reset reason: ",
            r"502 bad gateway",
            r"layer[467] ",
        ),
    ),
    outcomes=(
        *failed(*_BACKEND),
        Outcome("no-backend", Severity.FAILED, "no pod behind it is ready"),
    ),
    otherwise=say("A proxy or an ingress did not get an answer from what is behind it."),
)

_TOO_LARGE = (
    r"frag(?:mentation)? needed|need to frag\b",
    r"message too (?:long|large)[^\n]{0,20}\bmtu",
    r"\bEMSGSIZE\b",
    r"packet too big",
)
"""`ping` and `traceroute` (iputils), the kernel's ICMP errors, errno."""
_NEEDS_ONE = (
    *_TOO_LARGE,
    r"connect: cannot assign requested address",
    r"\bhandshake for peer \d+ \(\S+\) did not complete",
    r"\bdial (?:tcp|udp)\b",
    r"\b(?:read|write) (?:tcp|udp) \S+->",
    r"\bproxyconnect tcp\b",
    r"\bdial \"?\S+:\d+\"?:",
    r"\b(?:get|post|put|head|patch|delete) \"?https?://",
    r"\bcurl: \(\d+\)",
    r"failed to connect to \S+",
    r"connect(?:ion)? to \S+ .{0,80}(?:failed|refused|timed out|port)",
    r"\b(?:connection|connect) (?:refused|timed out|reset)",
    r"connect: (?:connection|no route|network|operation)",
    r"\b(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|ENETUNREACH)\b",
    r"no route to host",
    r"network is unreachable",
    r"destination host unreachable",
    r"\bhost is unreachable\b",
    r"\bx509: ",
    r"tls handshake (?:timeout|error)",
    r"ssl certificate problem",
    r"certificate verify failed",
    r"(?:connectexception|sockettimeoutexception|nohttpresponseexception)",
    r"rpc error: code = unavailable",
    r"i/o timeout",
    r"(?:^|\berror\"?[:=] ?\"?|\bmsg\"?[:=] ?\"?|\]: )context deadline exceeded\W*$",
    r"^(?:error: )?(?:net/http: )?request canceled",
    r"lost connection|connection (?:was )?closed",
    r"upgrade required",
    r"\d+ packets transmitted, .{0,60}\b100% packet loss",
)
CONNECTION = Kind(
    name="connection",
    meaning="A connection of which the text does not say whose it was",
    tells=pattern(*_NEEDS_ONE),
    # A socket of the node itself is no network.
    unless=pattern(r"\bunix @?\S*->", r"dial unix"),
    phrases=(
        phrase(
            "too-large",
            "too-large",
            say(
                "A packet is larger than a link on its way takes. Where whoever sent it is told so, smaller ones are "
                "sent; where nobody tells, large ones are lost."
            ),
            *_TOO_LARGE,
        ),
        *failures(
            lambda what: say("The text does not say whose connection it was. What it says: {what}.", what=what),
            "refused",
            "no-route",
            "reset",
            "lookup",
            "proxy",
            "x509",
            "hangs",
            "timeout",
        ),
    ),
    outcomes=(*failed(), Outcome("too-large", Severity.FAILED, "a packet is too large for its way")),
)
"""The last resort: read only for how it failed, and left out where a better one stands beside it."""
