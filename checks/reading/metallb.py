"""What MetalLB's speakers and controller log about their own ways: memberlist, BGP, ports, addresses.

MetalLB `internal/speakerlist`, `internal/bgp`, `internal/layer2`, `internal/allocator`; hashicorp/memberlist; FRR
`bgpd`;
BIRD, which Calico and others run, and GoBGP.
"""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, pattern, phrase
from checks.text import say

_MEMBERLIST = (
    r"\bmemberlist\b",
    r"\bpartial join\b",
    r"failed to join \S+?:? .{0,40}(?::7946|timeout|refused|no route)",
    r"\bno joins?\b.{0,40}memberdiscovery",
)
_BGP = (
    r":179\b",
    r"\bbgp session (?:down|failed)",
    r"peer sent notification",
    r"bgp notification code",
    r"failed to connect to peer",
    r"\bbad peer as\b",
    r"%adjchange: .{0,80}\bdown\b",
    r"%bgp-\d-(?:adjchange|notification)",
    r"%notification",
    (
        r"\bbgpd?\b.{0,200}(?:hold timer|notification|connect(?:ion)? (?:refused|timed|failed|error)"
        r"|no route to host|down|tcp_connection_open_failed)"
    ),
    (
        r"\bbird\b.{0,200}(?:hold timer expired|connection (?:refused|reset|closed)|no route to host|bad peer as"
        r"|received: |error: )"
    ),
    r"\bbird\b.{0,200}unexpected connect",
    r"(?:holdtimer|hold timer) expired",
    r"tcp_connection_open_failed",
    r"\bbgp_(?:read|write|connect|accept|stop)\w*\b.{0,60}(?:error|fail)",
    r"bgppeer .{0,120}(?:down|not established|idle|active)",
    r"\bpeer (?:down|closed the session)\b",
)

METALLB = Kind(
    name="metallb",
    meaning="MetalLB's own ways: memberlist between speakers, BGP with routers, addresses for Services",
    tells=pattern(
        r":?\b7946\b",
        r"\bport 7946\b",
        r":(?:7472|7473): bind:",
        *_MEMBERLIST,
        *_BGP,
        r"(?:arp|ndp) ?responder",
        r"failed to (?:create|create an?) (?:arp|ndp)",
        r"no available ips\b",
        r"allocationfailed",
        r"failed to allocate ip",
        r"can't change sharing key",
        r"is not allowed in config",
        r"\bunknown pool\b",
        r"address also in use by",
        r"system:serviceaccount:[\w-]*metallb[\w-]*:",
        r"metallb.{0,200}(?:configuration rejected|stale config|failed to parse|bad config)",
        r"pod .?speaker-\w*.{0,200}(?:address already in use|operation not permitted)",
    ),
    unless=pattern(r"iptables|nftables", r"\bIN=\S* OUT=", r"readiness probe|liveness probe"),
    phrases=(
        phrase(
            "port-taken",
            "port-taken",
            say(
                "A speaker of MetalLB cannot listen, because another program on its node has the port already "
                "(Docker Swarm uses 7946 too, as does a second MetalLB)."
            ),
            r"address already in use",
            r"only one usage of each socket address",
        ),
        phrase(
            "permission",
            "permission",
            say("MetalLB is not permitted something: its role or its pod's capabilities lack it."),
            r"is forbidden: user",
            r"operation not permitted",
            r"permission denied",
        ),
        phrase(
            "no-address",
            "no-address",
            say("MetalLB has no address for a Service: its pools are used up, or none of them fits."),
            r"no available ips\b",
            r"failed to allocate ip",
            r"allocationfailed",
            r"is not allowed in config",
            r"\bunknown pool\b",
            r"can't change sharing key",
            r"address also in use by",
        ),
        phrase(
            "key",
            "key",
            say("MetalLB's speakers do not share one key: a secret is missing, or differs between them."),
            r"secret \"?\S*memberlist\S* not found",
            r"no installed keys could decrypt",
            r"decrypt packet failed",
            r"encryption of message failed",
            r"encryption is configured but remote state is not encrypted",
            r"remote state is encrypted and encryption is not configured",
        ),
        phrase(
            "bgp",
            "bgp",
            say(
                "MetalLB (or another BGP speaker of the cluster) has no session with its peer: the peer is not "
                "reached on TCP 179, refuses, or was told otherwise about the session (AS, password, hold time)."
            ),
            *_BGP,
        ),
        phrase(
            "memberlist",
            "memberlist",
            say(
                "MetalLB's speakers do not reach each other on TCP and UDP 7946, by which they see that a node is gone."
            ),
            r"failed to join",
            r"partial join",
            r"suspect \S+ has failed",
            r"has failed, no acks",
            r"marking \S+ as failed",
            r"refuting a (?:suspect|dead) message",
            r"failed (?:fallback )?(?:tcp )?ping",
            r"udp (?:probes|ping)s? failed",
            r"push/pull with \S+ failed",
            r"failed to (?:send|receive|resolve|push|connect|set)",
            r"timeout|timed out|refused|no route|unreachable",
            r"conflicting address for",
        ),
        phrase(
            "other",
            "memberlist-other",
            say("MetalLB's memberlist reports an error that netcheck does not know."),
            r"\[(?:err|error|warn)\] +memberlist:",
            r"level\W{1,3}error.{0,200}\bmemberlist:",
            r"\bmemberlist:.{0,400}level\W{1,3}error",
        ),
    ),
    outcomes=(
        Outcome("other", Severity.FAILED, "something else is wrong"),
        Outcome("permission", Severity.FAILED, "something is not permitted"),
        Outcome("no-address", Severity.FAILED, "there is no address for a Service"),
        Outcome("key", Severity.FAILED, "the speakers share no key"),
        Outcome("memberlist", Severity.FAILED, "the speakers do not reach each other"),
        Outcome("bgp", Severity.FAILED, "a BGP session is not up"),
        Outcome("port-taken", Severity.FAILED, "another program has a speaker's port"),
    ),
)
