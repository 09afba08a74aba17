"""Look-ups of names: asked by a pod, by a node for itself, and by CoreDNS of its upstream.

Resolvers: Go's `net`, glibc and musl (`gai_strerror`), Java, Node.js, Python, curl, BusyBox, `dig` and `nslookup` of
BIND,
nginx. CoreDNS: the plugins `errors`, `forward`, `loop`, `kubernetes`, `ready` and `health`.
"""

from collections.abc import Mapping

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, Phrase, pattern, phrase
from checks.text import Text, say

CLUSTER_DNS = r"(?:(?!192\.168\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.10|169\.254\.(?:20|25)\.10|\[?f[cd][0-9a-f:]*::?a\]?)"
"""The address of kube-dns by convention (the tenth of the Services' range), or of NodeLocal DNSCache."""
_SERVICE = r"[\w.-]+\.svc(?:\.[\w.-]+)?\.?|[\w.-]+\.cluster\.local\.?|kubernetes\.default"

_OUTCOMES = (
    Outcome("other", Severity.FAILED, "it failed in another way"),
    Outcome("no-such-name", Severity.FAILED, "a name server answered that there is no such name"),
    Outcome("server-failure", Severity.FAILED, "a name server answered that it could not find out"),
    Outcome("no-answer", Severity.FAILED, "no answer came, or it was no answer to the question"),
    Outcome("refused", Severity.FAILED, "nothing listens at the name server's address, or it refuses"),
    Outcome("no-route", Severity.FAILED, "there is no way to the name server"),
    Outcome("timeout", Severity.FAILED, "the name server did not answer in time"),
)


def _look_up(told: Mapping[str, Text]) -> tuple[Phrase, ...]:
    """How a look-up fails, each outcome told in the words of the kind."""
    return (
        phrase(
            "refused",
            "refused",
            told["refused"],
            r"connection refused",
            r"\bquery refused\b",
            r"status: refused",
            r"\bEREFUSED\b",
            r"server can't find \S+: REFUSED",
            r"actively refused",
        ),
        phrase(
            "no-route",
            "no-route",
            told["no-route"],
            r"no route to host",
            r"(?:network|host) (?:is )?unreachable",
            r"operation not permitted",
        ),
        # Before the time-outs: a driver that waits for its servers says so of a name that there is not.
        phrase(
            "no-such-name",
            "no-such-name-for-sure",
            told["no-such-name"],
            r"name or service not known",
            r"\[errno -[25]\]",
            r"\bENOTFOUND\b",
        ),
        phrase(
            "timeout",
            "timeout",
            told["timeout"],
            r"i/o timeout",
            r"connection timed out; no servers",
            r"timed? ?out",
            r"deadline exceeded",
            r"no servers could be reached",
            r"no response from server",
            r"\bETIMEOUT\b",
            r"query timed out",
            r"did not respond",
            r"resolution lifetime expired",
        ),
        phrase(
            "server-failure",
            "server-failure",
            told["server-failure"],
            r"server misbehaving",
            r"\bservfail\b",
            r"server failure",
            r"\bESERVFAIL\b",
        ),
        phrase(
            "no-answer",
            "no-answer",
            told["no-answer"],
            r"temporary failure (?:in name resolution|resolving)",
            r"\bEAI_AGAIN\b",
            r"try again",
            r"\[errno -3\]",
            r"communications error",
            r"device or resource busy",
            r"cannot unmarshal dns message",
            r"dnssec validation failed",
            r"using degraded feature set",
        ),
        phrase(
            "no-such-name",
            "no-such-name",
            told["no-such-name"],
            r"no such host",
            r"nxdomain",
            r"name does not resolve",
            r"nodename nor servname",
            r"host not found",
            r"unknown ?host",
            r"no address associated",
            r"bad address",
            r"can't resolve",
            r"host .{1,100} not found",
            r"could ?n[o']t (?:be )?resolve",
            r"could not translate host name",
            r"unknown mysql server host",
            r"unknown host",
            r"produced zero addresses",
            r"cannot resolve",
            r"failed to resolve",
        ),
    )


POD_DNS = Kind(
    name="pod-dns",
    meaning="A look-up of a name by a pod, which asks CoreDNS",
    tells=pattern(
        rf"\blookup [\w.*-]+\.? on {CLUSTER_DNS}:53\b",
        rf"(?:udp|tcp|to|server|@) ?\S*?{CLUSTER_DNS}(?:[:#]53\b|\)?: )",
        rf"(?:lookup|resolve|resolving|resolved|resolution|address|find|hosts?|name"
        rf"|connect to) (?:host )?[\"'(]?(?:{_SERVICE})",
        r"temporary failure (?:in name resolution|resolving)",
        r"\bgetaddrinfo\b",
        r"\b(?:EAI_AGAIN|EAI_NONAME)\b",
        r"name or service not known",
        r"name does not resolve",
        r"nodename nor servname",
        r"unknownhostexception",
        r"no servers could be reached",
        r"communications error to \S+#53",
        r"failed to lookup address information",
        r"could ?n[o']t (?:be )?resolve(?:d)? (?:host|proxy|name)",
        r"could not be resolved \(\d+: ",
        r"could not translate host name",
        r"unknown mysql server host",
        r"server can't find \S+: ?(?:nxdomain|servfail|refused)",
        r"nslookup: can't resolve",
        r"\bbad address '",
        r"host not found in upstream",
        r"->>header<<- .{0,40}status: (?:servfail|refused|nxdomain)",
        r"\[errno -[2-5]\]",
        r"\bgot (?:servfail|refused|nxdomain) reply",
        r"dns resolution (?:failed|timed out|error)",
        r"dns (?:lookup|query|request|resolver)\w* .{0,60}(?:timed? ?out|fail|error)",
        r"(?:dns|name ?lookup|name ?resolution|resolve[drs]?|nslookup|lookups?).{0,80}\b(?:5|10"
        r"|15)(?:[.,]\d+)? ?(?:s\b|sec)",
        r"\b(?:5|10|15)(?:[.,]\d+)? ?-?(?:s\b|sec).{0,60}\b(?:dns|name ?lookup|name ?resolution|nslookup"
        r"|lookups?|resolv)",
        r"time_namelookup\W{1,4}(?:5|10)[.,]\d",
        r"\bresolving timed out",
        r"\blookup [\w.*-]+\.?: (?:no such host|i/o timeout|temporary|server misbehaving|device or resource busy)",
        r"\blookup [\w.*-]+\.? on ",
        r"produced zero addresses",
        r"resolution lifetime expired",
        r"reply from unexpected source",
    ),
    unless=pattern(r"\[info\] \S+:\d+ - \d+ \"", r"plugin/"),
    phrases=(
        phrase(
            "wrong-source",
            "wrong-source",
            say(
                "A pod was answered by another address than the one that it asked, and drops such answers: on its node "
                "the answer goes around the packet filter that would put the Service's address back."
            ),
            r"reply from unexpected source",
        ),
        *_look_up(
            {
                "server-failure": say(
                    "A name server answered a pod that it could not find a name out: CoreDNS has no answer from "
                    "its upstream."
                ),
                "no-answer": say("A pod got no usable answer to a look-up: CoreDNS did not answer, or could not."),
                "no-such-name": say(
                    "A name server answered a pod that there is no such name: it is misspelt, or its Service is "
                    "missing. "
                    "Whoever answers was reached."
                ),
                "refused": say("A pod's look-up was refused: CoreDNS has no ready replica, or nothing listens there."),
                "no-route": say("A pod has no way to the name server, or a firewall answers that there is none."),
                "timeout": say(
                    "A pod asked for a name, and no answer came in time: CoreDNS is not reached, or waits for "
                    "its upstream."
                ),
            }
        ),
        phrase(
            "slow",
            "slow",
            say(
                "Names are found, but only after 5 seconds or more: the first question or its answer was lost, and the "
                "resolver asked again."
            ),
            r"(?<!after )\b(?:5|10|15)(?:[.,]\d+)? ?-?(?:s\b|sec)(?!.{0,40}timed? ?out)",
            r"time_namelookup\W{1,4}(?:5|10)[.,]\d",
        ),
    ),
    outcomes=(
        *_OUTCOMES,
        Outcome("slow", Severity.FAILED, "names are found after 5 seconds or more"),
        Outcome("wrong-source", Severity.FAILED, "the answer came from another address than was asked"),
    ),
)

NODE_DNS = Kind(
    name="node-dns",
    meaning="A look-up of a name by a node for itself, which asks the node's own name server",
    tells=pattern(
        r"\blookup [\w.*-]+\.? on (?:127\.\d+\.\d+\.\d+|\[::1\]|localhost):53\b",
        rf"\blookup [\w.*-]+\.? on (?!{CLUSTER_DNS}:53)[\w.:\[\]-]+:53\b",
        r"systemd-resolved\[\d+\]",
        r"\bdns-resolve-cache\b",
        r"(?:server|nameserver) 127\.0\.0\.53",
        r"communications error to 127\.[\d.]+#53",
        r"nameserver limits (?:were )?exceeded",
    ),
    unless=pattern(rf"\blookup (?:{_SERVICE}) on", r"plugin/"),
    phrases=(
        phrase(
            "other",
            "limits",
            say("The node's resolv.conf has more name servers than three, so the kubelet leaves some out."),
            r"nameserver limits",
        ),
        *_look_up(
            {
                "server-failure": say("The node's own name server answered that it could not find a name out."),
                "no-answer": say("The node's own name server gave no usable answer."),
                "no-such-name": say("The node's own name server answered that there is no such name. It was reached."),
                "refused": say("Nothing answers at the address of the node's own name server (`/etc/resolv.conf`)."),
                "no-route": say("The node has no way to its own name server."),
                "timeout": say("The node's own name server (`/etc/resolv.conf`) did not answer in time."),
            }
        ),
    ),
    outcomes=_OUTCOMES,
)

COREDNS = Kind(
    name="coredns",
    meaning="CoreDNS in its own log: its upstream, its loop detection, its permissions",
    tells=pattern(
        r"\bplugin/(?:errors|loop|kubernetes|forward|ready|health|proxy|reload|hosts|autopath|cache|k8s_external)\b",
        r"system:serviceaccount:[\w-]+:[\w-]*(?:coredns|kube-dns|rke2-coredns)[\w-]*",
        r"\bloop .{1,80} detected for zone",
        r"\[(?:error|fatal|warning)\] .{0,20}(?:corefile|plugin/)",
        r"corefile:\d+ - error during parsing",
    ),
    unless=pattern(
        r"readiness probe|liveness probe",
        r"plugin/reload: running configuration",
        r"kubernetes api connection failure",
        r"https?://[\d.\[\]a-f:]+(?::443)?/(?:apis?|version)\b",
    ),
    phrases=(
        phrase(
            "loop",
            "loop",
            say(
                "CoreDNS asks itself: its upstream is a resolver that asks CoreDNS again (a stub at 127.0.0.53, or the "
                "cluster's own DNS in the node's resolv.conf). It stops when it sees that."
            ),
            r"\bloop .{1,80} detected",
            r"more than twice, loop detected",
        ),
        phrase(
            "permission",
            "permission",
            say("CoreDNS may not read what it needs from the API server: its ClusterRole lacks a resource."),
            r"is forbidden: user",
            r"\bforbidden\b.{0,60}cannot list",
            r"plugin/kubernetes.{0,200}unauthorized",
        ),
        phrase(
            "waits",
            "waits",
            say("CoreDNS waits for the API server before it answers for the cluster's names."),
            r"still waiting on: \"?kubernetes",
            r"waiting for kubernetes api",
            r"starting server with unsynced kubernetes api",
        ),
        phrase(
            "overloaded",
            "overloaded",
            say("CoreDNS is too busy to answer its own health check, or refuses more queries than it can forward."),
            r"local health request to .{1,80}(?:took more|failed)",
            r"concurrent queries exceeded maximum",
        ),
        phrase(
            "configuration",
            "configuration",
            say("CoreDNS does not understand its Corefile."),
            r"error during parsing",
            r"unknown directive",
        ),
        phrase(
            "upstream",
            "refused",
            say(
                "CoreDNS asked its upstream name server, and that refused: nothing listens there, or it does not "
                "serve us."
            ),
            r"connection refused",
            r"\brefused\b",
        ),
        phrase(
            "upstream",
            "no-route",
            say("CoreDNS has no way to its upstream name server, or a firewall answers that there is none."),
            r"no route to host",
            r"(?:network|host) is unreachable",
            r"operation not permitted",
        ),
        phrase(
            "upstream",
            "timeout",
            say("CoreDNS asked its upstream name server, and no answer came in time."),
            r"i/o timeout",
            r"deadline exceeded",
            r"timed out",
        ),
        phrase(
            "upstream",
            "failure",
            say("CoreDNS asked its upstream name server, and that gave no usable answer."),
            r"no healthy (?:upstreams?|proxies)",
            r"unreachable backend",
            r"\bservfail\b",
            r"\beof\b",
            r"no such host",
            r"connection reset",
            r"x509",
            r"tls:",
            r"overflow(?:ing)? (?:header|unpacking)",
            r"buffer size too small",
            r"bad rdata",
            r"plugin/errors: \d+ ",
        ),
        phrase(
            "other",
            "error",
            say("CoreDNS reports an error that netcheck does not know."),
            r"\[(?:error|fatal)\] +plugin/",
        ),
    ),
    outcomes=(
        Outcome("other", Severity.FAILED, "something else is wrong"),
        Outcome("waits", Severity.FAILED, "it waits for the API server"),
        Outcome("overloaded", Severity.FAILED, "it is too busy"),
        Outcome("configuration", Severity.FAILED, "it does not understand its Corefile"),
        Outcome("permission", Severity.FAILED, "it may not read what it needs"),
        Outcome("upstream", Severity.FAILED, "its upstream name server does not answer it"),
        Outcome("loop", Severity.FAILED, "it asks itself"),
    ),
)
