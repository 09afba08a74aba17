"""Judge what replicas counted of themselves while they were asked. Pure."""

from checks.code import NOW_AND_THEN, Code, Outcome, Role
from checks.dns.model import Counted, Data, Parameters
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.place import Replica
from checks.text import Text, Unit, listed, say, share, shortened

LEAST_ANSWERS = 50
FAILING_SHARE = 0.03
"""SERVFAIL of all answers: the CoreDNS monitoring mixin calls more critical (`CoreDNSErrorsHigh`)."""
_PANICS = "coredns_panics_total"
COUNTERS = Code(
    name="dns.counters",
    meaning="What CoreDNS counts of its own troubles while it is asked",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "nothing of note"),
        Outcome("server-failures", Severity.DEGRADED, "more than 3 % of its answers are SERVFAIL"),
        Outcome("upstream", Severity.DEGRADED, "whom it asks fails its health checks, or it asks too much at once"),
        Outcome("panics", Severity.DEGRADED, "it panicked"),
    ),
    role=Role.RISK,
    leak=NOW_AND_THEN,
    measures={"answers": Unit.COUNT, "server_failures": Unit.SHARE},
)


def judge_counters(gathered: Gathered[Parameters, Data]) -> Finding:
    """By its metrics before and after, its other clients' questions included."""
    every = sorted((c for heard in gathered.heard for c in heard.data.counted), key=lambda c: c.name)
    read = [c for c in every if c.read]
    unread = [c for c in every if not c.read]
    why = shortened(say("{replica}: {reason}", replica=c.name, reason=c.detail) for c in unread)
    if not read:
        text = say("CoreDNS's own counters could not be read.")
        return COUNTERS.unseen(text, why, [Replica(c.name, c.node) for c in unread])
    seen = [
        Seen(
            Replica(c.name, c.node),
            _outcome(c),
            {"answers": sum(c.rcodes.values()), "server_failures": _failing(c)},
        )
        for c in read
    ]
    silent = [Seen(Replica(c.name, c.node), UNSEEN) for c in unread]
    bad = [c for c in read if _outcome(c) != "pass"]
    text = say("CoreDNS counted no trouble of its own.")
    if bad:
        text = say(
            "CoreDNS counted troubles of its own: {replicas}.", replicas=listed(Replica(c.name, c.node) for c in bad)
        )
    return COUNTERS.found(text, [*seen, *silent], evidence=[*shortened(map(_line, bad)), *why])


def _outcome(counted: Counted) -> str:
    if counted.rises.get(_PANICS):
        return "panics"
    if counted.rises:
        return "upstream"
    enough = sum(counted.rcodes.values()) >= LEAST_ANSWERS
    return "server-failures" if enough and _failing(counted) > FAILING_SHARE else "pass"


def _failing(counted: Counted) -> float:
    answers = sum(counted.rcodes.values())
    return counted.rcodes.get("SERVFAIL", 0) / answers if answers else 0.0


def _line(counted: Counted) -> Text:
    rises = [say("{counter} +{rise}", counter=name, rise=rise) for name, rise in sorted(counted.rises.items())]
    return say(
        "{replica}: {answers} answers, SERVFAIL {failing}; {rises}",
        replica=counted.name,
        answers=sum(counted.rcodes.values()),
        failing=share(_failing(counted)),
        rises=listed(rises) or "-",
    )
