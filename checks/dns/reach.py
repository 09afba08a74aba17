"""Judge whether replicas answer at all, and by which transport; how reliably is `checks.dns.loss`'s question. Pure."""

from collections.abc import Sequence

from checks.code import Code, Outcome
from checks.dns.askings import Asking, Askings, At, connection, lines, sorted_places, unseen, worst
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.place import Replica, ReplicaPath
from checks.probes.outcome import Result
from checks.text import Text, Unit, Value, listed, say, say_many

ANSWERS = (
    Outcome("pass", Severity.OK, "UDP and TCP are answered"),
    Outcome("wrong-answer", Severity.DEGRADED, "it answers, but never NOERROR for a name that exists"),
    Outcome("tcp-unanswered", Severity.DEGRADED, "TCP alone is not answered"),
    Outcome("unanswered", Severity.FAILED, "no datagram is answered"),
)
LOCAL = Code(
    name="dns.replica-local",
    meaning="Each CoreDNS replica, asked by UDP and TCP from its own node",
    place=Replica,
    outcomes=(*ANSWERS, Outcome("none-ready", Severity.FAILED, "CoreDNS has no ready replica")),
    measures={"tcp_s": Unit.SECONDS},
    probe="H",
    tries=say("CoreDNS"),
)
REMOTE = Code(
    name="dns.replica-remote",
    meaning="Each CoreDNS replica, asked by UDP and TCP from other nodes",
    place=ReplicaPath,
    outcomes=ANSWERS,
    measures={"tcp_s": Unit.SECONDS},
    probe="H",
    tries=say("CoreDNS"),
)
TRANSPORT = Code(
    name="dns.transport",
    meaning="CoreDNS replicas answer by UDP and TCP alike",
    place=ReplicaPath,
    outcomes=(
        Outcome("pass", Severity.OK, "both are answered"),
        Outcome("tcp-only", Severity.FAILED, "TCP is answered and no datagram is"),
        Outcome("udp-only", Severity.FAILED, "UDP is answered and TCP is not"),
    ),
)


def judge_local(asked: Askings) -> Finding:
    """Each replica from its own node: nothing but the replica itself and that node is in the way."""
    if not asked.replicas and asked.service and not asked.gaps:
        return LOCAL.found(say("CoreDNS has no ready replica."), outcome="none-ready")
    found = [a for a in asked.of_replicas if a.local]
    seen = _seen(LOCAL, sorted_places(found, lambda a: a.replica))
    silent = unseen((a.replica for a in asked.unasked if a.of_replica and a.local), (s.place for s in seen))
    if not seen:
        text = say("No CoreDNS replica was asked from its own node.")
        return LOCAL.unseen(text, asked.coverage, [s.place for s in silent])
    outcome = worst(LOCAL, (s.outcome for s in seen))
    bad = listed(s.place for s in seen if s.outcome == outcome)
    text = {
        "pass": say_many(
            "{count} CoreDNS replica answers by UDP and TCP, asked from its own node.",
            "{count} CoreDNS replicas answer by UDP and TCP, each asked from its own node.",
            len(seen),
        ),
        "wrong-answer": say("Asked from its own node, no right answer comes from {replicas}.", replicas=bad),
        "tcp-unanswered": say(
            "Asked from its own node, an answer comes by UDP but not by TCP from {replicas}.", replicas=bad
        ),
        "unanswered": say("Asked from its own node, no datagram is answered by {replicas}.", replicas=bad),
    }[outcome]
    return LOCAL.found(text, [*seen, *silent], evidence=_evidence(found, asked))


def judge_remote(asked: Askings, nodes: int) -> Finding:
    """Each replica from other nodes.

    Args:
        asked: All that was asked.
        nodes: How many the cluster has.
    """
    if nodes == 1:
        return REMOTE.found(say("The cluster has one node: no replica is remote."), outcome="pass")
    found = [a for a in asked.of_replicas if not a.local]
    seen = _seen(REMOTE, sorted_places(found, lambda a: a.path))
    unasked = (a.path for a in asked.unasked if a.of_replica and not a.local)
    silent = unseen(unasked, (s.place for s in seen))
    if not seen:
        text = say("No CoreDNS replica was asked from other nodes.")
        return REMOTE.unseen(text, asked.coverage, [s.place for s in silent])
    outcome = worst(REMOTE, (s.outcome for s in seen))
    bad = [s.place for s in seen if s.outcome == outcome]
    counts: dict[str, Value] = {"bad": len(bad), "total": len(seen), "paths": listed(bad)}
    text = {
        "pass": say_many(
            "CoreDNS replicas answer by UDP and TCP on {count} path from another node.",
            "CoreDNS replicas answer by UDP and TCP on all {count} paths from other nodes.",
            len(seen),
        ),
        "wrong-answer": say("No right answer comes on {bad} of {total} paths to CoreDNS: {paths}.", **counts),
        "tcp-unanswered": say("TCP is not answered on {bad} of {total} paths to CoreDNS: {paths}.", **counts),
        "unanswered": say("No datagram is answered on {bad} of {total} paths to CoreDNS: {paths}.", **counts),
    }[outcome]
    return REMOTE.found(text, [*seen, *silent], evidence=_evidence(found, asked))


def judge_transport(asked: Askings) -> Finding:
    """Replicas only: datagrams and connections to the ClusterIP may go to different ones.

    A path on which neither is answered tells nothing here: that server or path is gone altogether.
    """
    places = sorted_places(asked.of_replicas, lambda a: a.path)
    seen = [Seen(path, worst(TRANSPORT, map(_transport, found))) for path, found in places.items()]
    silent = unseen((a.path for a in asked.unasked if a.of_replica), places)
    outcomes = [s.outcome for s in seen if s.outcome != UNSEEN]
    if not outcomes:
        text = say("No CoreDNS replica answered by either transport.")
        return TRANSPORT.unseen(text, asked.coverage, [s.place for s in (*seen, *silent)])
    tcp_only, udp_only, total = outcomes.count("tcp-only"), outcomes.count("udp-only"), len(outcomes)
    text = say("CoreDNS replicas answer by UDP and TCP alike.")
    if udp_only and tcp_only:
        text = say(
            "CoreDNS answers by UDP alone on {udp} and by TCP alone on {tcp} of {total} paths.",
            udp=udp_only,
            tcp=tcp_only,
            total=total,
        )
    elif udp_only:
        text = say("CoreDNS answers by UDP but not by TCP on {bad} of {total} paths.", bad=udp_only, total=total)
    elif tcp_only:
        text = say("CoreDNS answers by TCP but not by UDP on {bad} of {total} paths.", bad=tcp_only, total=total)
    bad = [a for a in asked.of_replicas if _transport(a) in ("tcp-only", "udp-only")]
    return TRANSPORT.found(text, [*seen, *silent], evidence=[*lines(bad), *asked.coverage])


def answer(asking: Asking) -> str:
    """The outcome of one asking in the words of `ANSWERS`."""
    asked = asking.asked
    if not asked.answered:
        return "unanswered"
    if not asking.connected:
        return "tcp-unanswered"
    return "wrong-answer" if asked.rcodes and "NOERROR" not in asked.rcodes else "pass"


def _transport(asking: Asking) -> str:
    if asking.asked.tcp is Result.OK:
        return "pass" if asking.asked.answered else "tcp-only"
    return "udp-only" if asking.asked.answered and not asking.connected else UNSEEN


def _seen(code: Code, places: dict[At, list[Asking]]) -> list[Seen]:
    return [Seen(place, worst(code, map(answer, found)), connection(found)) for place, found in places.items()]


def _evidence(found: Sequence[Asking], asked: Askings) -> list[Text]:
    """The askings in which something was wrong; all where nothing was."""
    return [*lines([a for a in found if answer(a) != "pass"] or found), *asked.coverage]
