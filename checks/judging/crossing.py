"""What one probe of a peer's echo says about the way there: it passes, it is rejected, or it is lost. Pure.

Silence and refusal have different reasons. What is dropped, damaged or eaten on the way is silent. A packet filter that
rejects, or a router without a route, answers in the place of the peer, and at once. An echo of ours that is ready
listens, and within its bounds it never resets, so that a refusal or a reset on its port is not its own.

That something rejects is certain where it is seen; that nothing does is not certain where probes are lost. A kernel
answers one address with at most six ICMP errors at once and one a second then (`net.ipv4.icmp_ratelimit`, icmp(7)), so
that of many probes from one agent that are rejected by ICMP, most look lost.
"""

from checks.code import Outcome
from checks.finding import UNSEEN, Severity
from checks.probes.outcome import Result

PASS, REJECTED, LOST = "pass", "rejected", "lost"
OUTCOMES = (
    Outcome(PASS, Severity.OK, "what was sent came back"),
    Outcome(REJECTED, Severity.FAILED, "something on the way answered at once that it may not pass"),
    Outcome(LOST, Severity.FAILED, "nothing came back"),
)
"""For a code that is about such probes, the worst last."""
AT_ONCE_S = 0.5
"""Seconds within which "unreachable" is an answer from the way. It takes one round trip then. The kernel's own, about a
next hop that is silent, takes three ARP or neighbour requests a second apart (`neigh/*/mcast_solicit` and
`retrans_time_ms`), so that it comes late, unless somebody else asked for that next hop shortly before."""
REFUSED, TIMEOUT = "refused", "timeout"
"""The same of a connection to what is no echo of ours: what refuses may be a filter, or nobody listens."""
_CONNECTING = {REJECTED: REFUSED, LOST: TIMEOUT}
_TOLD = {
    Result.OK: PASS,
    Result.PROHIBITED: REJECTED,
    Result.BLOCKED: REJECTED,
    Result.REFUSED: REJECTED,
    Result.RESET: REJECTED,
    Result.TIMEOUT: LOST,
    Result.WRONG_ANSWER: LOST,
}


def crossing(result: Result, elapsed_s: float) -> str:
    """`PASS`, `REJECTED` or `LOST`, or `UNSEEN` where nothing was measured.

    Args:
        result: How a probe of an echo that is ready ended.
        elapsed_s: How soon: `rtt_s` of its outcome.
    """
    if result is Result.UNREACHABLE:
        return REJECTED if elapsed_s < AT_ONCE_S else LOST
    return _TOLD.get(result, UNSEEN)


def connecting(result: Result, elapsed_s: float) -> str:
    """`PASS`, `REFUSED` or `TIMEOUT`, or `UNSEEN`; the arguments are those of `crossing`."""
    outcome = crossing(result, elapsed_s)
    return _CONNECTING.get(outcome, outcome)
