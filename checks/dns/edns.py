"""Judge what becomes of questions with EDNS, as Go programs and nodes' resolvers ask, and of large answers. Pure."""

from checks.code import Code, Outcome
from checks.dns.askings import Asking, Askings, lines, sorted_places, unseen, worst
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.statistics import Verdict
from checks.place import Replica, ReplicaPath
from checks.probes.dns.single import NOERROR, TIMEOUT
from checks.text import Text, listed, say, shortened

EDNS = Code(
    name="dns.edns",
    meaning="CoreDNS replicas answer questions with EDNS as those without: Go programs ask so, and glibc does not",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("not-asked", Severity.OK, "an old recording"),
        Outcome(
            "outside", Severity.DEGRADED, "not for names outside the cluster: whom CoreDNS asks does not take them"
        ),
        Outcome("refused", Severity.DEGRADED, "with another rcode, for a name of the cluster"),
        Outcome("silent", Severity.DEGRADED, "not at all"),
    ),
)
LARGE = Code(
    name="dns.large-answers",
    meaning="An answer of more than 512 bytes arrives, by UDP with EDNS or, where it is cut short, over TCP",
    place=ReplicaPath,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        Outcome("not-asked", Severity.OK, "no Service of the cluster has so many addresses behind one name"),
        Outcome("cut", Severity.DEGRADED, "it is cut short, and TCP does not bring the rest"),
        Outcome("lost", Severity.DEGRADED, "nothing arrives, although small answers do"),
    ),
)

_ANSWERS = (NOERROR, "NXDOMAIN")
"""What whom CoreDNS asks says when it answers."""


def judge_edns(asked: Askings) -> Finding:
    """A replica is charged with what everybody who asks it sees: what one of them sees may be the way."""
    told = [a for a in asked.of_replicas if a.asked.answered and a.asked.edns and a.verdict is not Verdict.LOSSY]
    if (
        asked.of_replicas
        and not any(a.asked.edns for a in asked.of_replicas)
        and any(a.asked.answered for a in asked.of_replicas)
    ):
        return EDNS.found(say("No question was asked with EDNS."), outcome="not-asked")
    by_replica = sorted_places(told, lambda a: a.replica)
    silent = unseen((a.replica for a in (*asked.of_replicas, *asked.unasked) if a.of_replica), by_replica)
    if not by_replica:
        text = say("Nobody could ask CoreDNS with EDNS.")
        return EDNS.unseen(text, asked.coverage, [s.place for s in silent])
    seen = [Seen(replica, min(map(_edns, found), key=EDNS.words.index)) for replica, found in by_replica.items()]
    bad = [s.place for s in seen if s.outcome != "pass"]
    text = say("Questions with EDNS are answered like those without.")
    if bad:
        text = say(
            "Questions with EDNS, as Go programs ask, are not answered like those without: {replicas}.",
            replicas=listed(bad),
        )
    differing = shortened(map(_line, (a for a in told if _edns(a) != "pass")))
    return EDNS.found(text, [*seen, *silent], evidence=[*differing, *asked.coverage])


def _edns(asking: Asking) -> str:
    asked = asking.asked
    if asked.edns == TIMEOUT:
        return "silent"
    if asked.edns != NOERROR and NOERROR in asked.rcodes:
        return "refused"
    if asked.external in _ANSWERS and asked.external_edns and asked.external_edns not in _ANSWERS:
        return "outside"
    return "pass"


def _line(asking: Asking) -> Text:
    asked = asking.asked
    return say(
        "{path}: with EDNS {inside} for a name of the cluster, {outside} for one outside, and {plain} for that without",
        path=asking.path,
        inside=asked.edns,
        outside=asked.external_edns or say("not asked"),
        plain=asked.external or say("not asked"),
    )


def judge_large(asked: Askings) -> Finding:
    """A path on which small questions are lost too tells nothing about size."""
    told = [a for a in asked.of_replicas if a.asked.answered and a.asked.large]
    if not told and any(a.asked.answered for a in asked.of_replicas):
        return LARGE.found(say("No name of the cluster has a large answer."), outcome="not-asked")
    places = sorted_places(told, lambda a: a.path)
    silent = unseen((a.path for a in (*asked.of_replicas, *asked.unasked) if a.of_replica), places)
    seen = [Seen(path, worst(LARGE, map(_large, found))) for path, found in places.items()]
    outcomes = [s.outcome for s in seen if s.outcome != UNSEEN]
    if not outcomes:
        text = say("Whether large answers arrive could not be seen.")
        return LARGE.unseen(text, asked.coverage, [s.place for s in (*seen, *silent)])
    bad = [s.place for s in seen if s.outcome in ("cut", "lost")]
    text = say("Answers of more than 512 bytes arrive.")
    if bad:
        text = say(
            "Answers of more than 512 bytes do not arrive on {bad} of {total} paths.", bad=len(bad), total=len(outcomes)
        )
    return LARGE.found(
        text,
        [*seen, *silent],
        evidence=[*lines([a for a in told if _large(a) not in ("pass", UNSEEN)]), *asked.coverage],
    )


def _large(asking: Asking) -> str:
    if asking.verdict is Verdict.LOSSY:
        return UNSEEN
    return {"whole": "pass", "cut": "cut", TIMEOUT: "lost"}.get(asking.asked.large, UNSEEN)
