"""How a call over the network fails, in the words of those who make calls.

Go's `net`, `net/http`, `crypto/tls` and `crypto/x509`; the C libraries' `strerror` and `gai_strerror`; curl, Python,
Java,
Node.js and the proxies repeat these. They are stable over years.
"""

from collections.abc import Callable
from dataclasses import dataclass

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Phrase, phrase
from checks.text import Text, say

STATUS = (
    r"(?:bad request|unauthorized|forbidden|not found|method not allowed|proxy authentication required|request timeout"
    r"|too many requests|internal server error|not implemented|bad gateway|service unavailable|gateway time-?out"
    r"|moved permanently|found|temporary redirect)"
)
"""Reason phrases of HTTP. Go shows a bare one where a proxy refused CONNECT (`net/http`, `persistConn` dial)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a call fails, whoever called whom."""

    outcome: str
    name: str
    expressions: tuple[str, ...]
    what: Text


def _failure(outcome: str, name: str, what: Text, *expressions: str) -> Failure:
    return Failure(outcome, name, expressions, what)


TABLE = (
    # Before the look-ups and the refusals: a proxy's name may fail to resolve, and a proxy may refuse.
    _failure(
        "proxy",
        "proxy",
        say("it goes through an HTTP proxy, which does not let it pass (NO_PROXY lacks the address)"),
        r"proxyconnect tcp",
        r"proxy authentication required",
        r"\b407 proxy",
        r"received http code \d+ from proxy after connect",
        r"connect tunnel failed, response \d+",
        r"tunnel connection failed: \d+",
        r"unable to tunnel through proxy",
        rf"https://[^\s\"]{{1,400}}\"?: {STATUS}(?=\W*(?:$|[\"')\]}};,]|\(|err|and ))",
    ),
    # Before the time-outs: a name server that does not answer is a failed look-up, whatever its last words.
    _failure(
        "lookup",
        "lookup",
        say("a name could not be resolved"),
        r"\blookup [\w.*-]+\.?( on \S+)?:",
        r"no such host",
        r"server misbehaving",
        r"temporary failure in name resolution",
        r"temporary failure resolving",
        r"name or service not known",
        r"name does not resolve",
        r"nodename nor servname",
        r"could ?n[o']t resolve (?:host|proxy)",
        r"could not translate host name",
        r"\bEAI_AGAIN\b",
        r"\bENOTFOUND\b",
        r"unknownhostexception",
        r"failed to lookup address information",
        r"no address associated with hostname",
    ),
    _failure(
        "x509",
        "x509",
        say("the certificate was not accepted"),
        r"\bx509:",
        r"failed to verify certificate",
        r"certificate verify failed",
        r"certificate has expired",
        r"certificate signed by unknown authority",
        r"self[- ]signed certificate",
        r"unable to get local issuer certificate",
        r"ssl certificate problem",
    ),
    _failure(
        "other",
        "plain-http",
        say("what answers there does not speak TLS: another program, or the wrong port"),
        r"server gave http response to https client",
        r"client sent an http request to an https server",
        r"first record does not look like a tls handshake",
        r"wrong version number",
    ),
    _failure(
        "timeout",
        "tls-timeout",
        say("a connection came about, but the TLS handshake did not: larger packets are lost, or the server is stuck"),
        r"tls handshake time-?out",
    ),
    # Before the refusals: curl says "couldn't connect" of both, and tells them apart by its number.
    _failure(
        "timeout",
        "curl-timeout",
        say("nothing came back in time: packets are lost on the way, or nobody answers there"),
        r"curl: \(28\)",
    ),
    # Before the time-outs: one that names its errno says more.
    _failure(
        "refused",
        "refused",
        say("the connection was refused: nothing listens there, or a firewall refuses"),
        r"connection (?:was )?refused",
        r"connection to the server \S+ was refused",
        r"actively refused",
        r"\bECONNREFUSED\b",
        r"connect error: 111\b",
        r"port unreachable",
        r"connect failed \(111",
        r"failed to connect to .{1,100}? port \d+.{0,40}?: couldn't connect to server",
    ),
    _failure(
        "no-route",
        "no-route",
        say("the network has no way there, or a firewall on the way answers that it has none"),
        r"no route to host",
        r"(?:network|host|destination) is unreachable",
        r"(?:host|net|network|destination host|destination net) unreachable",
        r"host is down",
        r"\b(?:EHOSTUNREACH|ENETUNREACH)\b",
        r"connect error: (?:101|113)\b",
        r"administratively (?:prohibited|filtered)",
    ),
    _failure(
        "other",
        "local-firewall",
        say("the packet filter of the asking node itself refuses to send"),
        r"(?:connect|dial|write|sendto|sendmsg)(?:: | tcp \S+: | udp \S+: )(?:\w+: )?operation not permitted",
    ),
    _failure(
        "other",
        "no-local-port",
        say("the asking machine itself has no address or no port left to call from"),
        r"cannot assign requested address",
        r"\bEADDRNOTAVAIL\b",
    ),
    # `Client.Timeout exceeded while awaiting headers` alone: the request was sent, and no answer came.
    _failure(
        "hangs",
        "hangs",
        say("the connection came about and the request was sent, but the server did not answer it in time"),
        r"(?:request cancell?ed|context deadline exceeded) \(client\.timeout exceeded while awaiting headers\)",
        r"timeout awaiting response headers",
        r"client\.timeout or context cancellation while reading body",
    ),
    _failure(
        "timeout",
        "timeout",
        say("nothing came back in time: packets are lost on the way, or nobody answers there"),
        r"context deadline exceeded",
        r"\bdeadline_?exceeded\b",
        r"i/o timeout",
        r"client\.timeout",
        r"connect(?:ion)? time-?out\b",
        r"request canceled while waiting for connection",
        r"gateway time-?out",
        r"timed out",
        r"\bETIMEDOUT\b",
        r"connect error: 110\b",
        r"read timeout",
        r"timeout was reached",
        r"timeout expired",
        r"did not complete after \d+ seconds",
    ),
    _failure(
        "reset",
        "reset",
        say("the connection was made, then broken: the server crashed or restarted, or something between cut it"),
        r"connection (?:was )?reset",
        r"reset by peer",
        r"\bECONNRESET\b",
        r"broken pipe",
        r"\bEPIPE\b",
        r"unexpected eof",
        r"\beof\b",
        r"socket hang up",
        r"server closed (?:idle )?connection",
        r"http2: client connection lost",
        r"empty reply from server",
        r"remote end closed connection",
        r"closed by remote host",
        r"software caused connection abort",
        r"use of closed network connection",
        r"stream error: stream id",
        r"goaway",
    ),
    _failure(
        "other",
        "tls",
        say("the TLS handshake failed for another reason than the certificate's issuer or name"),
        r"remote error: tls",
        r"\btls: ",
        r"ssl_error_syscall",
        r"handshake failure",
    ),
)
"""Every way, the more telling first."""

MEANINGS = {
    "other": "a failure of another kind",
    "reset": "the connection was made, then broken",
    "lookup": "a name could not be resolved",
    "proxy": "an HTTP proxy stands in between",
    "x509": "the certificate was not accepted",
    "no-route": "there is no way there, or a firewall says so",
    "refused": "the connection was refused",
    "hangs": "the request was sent and not answered in time",
    "timeout": "nothing came back in time",
}
"""By outcome, the worst last."""


def expressions(name: str) -> tuple[str, ...]:
    """What tells one way in which a call fails, by its name in the table."""
    return next(each.expressions for each in TABLE if each.name == name)


def failures(subject: Callable[[Text], Text], *outcomes: str) -> tuple[Phrase, ...]:
    """What texts of a kind say about their transport.

    Args:
        subject: Makes one sentence of what happened: who asked whom.
        outcomes: Those that the kind tells apart; what is of another is `other`, and a server that hangs is late.
    """
    kept = outcomes or tuple(MEANINGS)
    late = {"hangs": "timeout"} if "timeout" in kept else {}
    told = late | {word: word for word in kept}
    return tuple(
        phrase(told.get(each.outcome, "other"), each.name, subject(each.what), *each.expressions) for each in TABLE
    )


def failed(*words: str) -> tuple[Outcome, ...]:
    """The declarations of these outcomes, of all by default."""
    return tuple(Outcome(w, Severity.FAILED, MEANINGS[w]) for w in MEANINGS if w in words or not words or w == "other")
