"""Judge what replicas answer: about names in the cluster, and about one outside it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from checks.code import Code, Outcome
from checks.dns.askings import Asking, Askings, sorted_places, unseen, worst
from checks.finding import Finding, Seen, Severity
from checks.judging.statistics import Verdict
from checks.place import Replica
from checks.text import Item, Text, Value, listed, names, say, shortened

ANSWERS = Code(
    name="dns.answers",
    meaning="CoreDNS replicas give the same and the right answers",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("differ", Severity.DEGRADED, "not the addresses that most replicas give"),
        Outcome("wrong", Severity.DEGRADED, "another rcode than NOERROR for what exists or NXDOMAIN for what does not"),
        Outcome("invented", Severity.DEGRADED, "an address for a name of the cluster that nobody has"),
        Outcome("refused", Severity.DEGRADED, "REFUSED for a name that exists: it serves no such zone, or not to all"),
        Outcome("no-such-name", Severity.DEGRADED, "NXDOMAIN for a name that exists"),
        Outcome("server-failure", Severity.DEGRADED, "SERVFAIL for a name that exists: it has nothing of the API"),
    ),
)
_RCODES = {"SERVFAIL": "server-failure", "NXDOMAIN": "no-such-name", "REFUSED": "refused"}
"""What the rcode for a name that exists says. plugin/kubernetes answers SERVFAIL until it has read the API once
(handler.go, `HasSynced`), and a server that has no such zone REFUSED (core/dnsserver/server.go)."""
EXTERNAL = Code(
    name="dns.external",
    meaning="A name outside the cluster: the one that was given, else one that nobody has, where CoreDNS asks others",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "it is answered: with NOERROR where it was given"),
        Outcome("not-asked", Severity.OK, "no name was given, and CoreDNS asks nobody else"),
        Outcome("fails", Severity.DEGRADED, "the name that was given has another rcode"),
        Outcome("asks-itself", Severity.DEGRADED, "SERVFAIL or nothing: CoreDNS asks itself (`dns.upstreams`)"),
        Outcome("no-answer-here", Severity.DEGRADED, "SERVFAIL or nothing, while other replicas get answers"),
        Outcome("no-answer", Severity.DEGRADED, "SERVFAIL or nothing: whom CoreDNS asks does not answer it"),
    ),
)
_REACHED = frozenset({"pass", "fails"})
_NO_ANSWER = ("SERVFAIL", "timeout")
"""CoreDNS's words for an upstream that does not answer it (plugin/forward), and our own where CoreDNS waits longer."""


def judge_answers(asked: Askings) -> Finding:
    """Which replicas answer wrongly, and which differ from the others; also those that are not ready, if none is."""
    every = (*asked.of_replicas, *asked.of_unready)
    answered = [a for a in every if a.asked.answered]
    by_replica = sorted_places(answered, lambda a: a.replica)
    silent = unseen((a.replica for a in (*every, *asked.unasked) if a.of_replica), by_replica)
    if not by_replica:
        return ANSWERS.unseen(say("No CoreDNS replica answered."), asked.coverage, [s.place for s in silent])
    versions = {replica: _versions(found) for replica, found in by_replica.items()}
    usual = _usual(versions)
    wrong = [a for a in answered if a.wrong]
    seen = [
        Seen(
            replica,
            worst(ANSWERS, [*map(_rightness, found), "differ" if versions[replica] - usual else "pass"]),
        )
        for replica, found in by_replica.items()
    ]
    text = say("All CoreDNS replicas give the same, right answers.")
    evidence: list[Text] = []
    differing = [s.place for s in seen if s.outcome == "differ"]
    if wrong:
        text = _sentence(worst(ANSWERS, (s.outcome for s in seen)), seen, wrong, answered)
        evidence = [_rcodes(a) for a in wrong]
    elif differing:
        text = say(
            "CoreDNS replicas give {versions} different answers for one name.",
            versions=len(set().union(*versions.values())),
        )
        evidence = [
            say("{replica}: {addresses}", replica=replica, addresses=names(addresses))
            for replica, found in versions.items()
            for addresses in sorted(found)
        ]
    severity = Severity.FAILED if {s.outcome for s in seen} <= set(_RCODES.values()) else None
    return ANSWERS.found(text, [*seen, *silent], severity=severity, evidence=[*shortened(evidence), *asked.coverage])


def _sentence(outcome: str, seen: Sequence[Seen], wrong: Sequence[Asking], answered: Sequence[Asking]) -> Text:
    bad = [s.place for s in seen if s.outcome == outcome]
    values: dict[str, Value] = {"replicas": listed(bad), "bad": len(bad), "total": len(seen)}
    return {
        "server-failure": say(
            "{bad} of {total} CoreDNS replicas answer SERVFAIL for a name that every cluster has, {replicas}: "
            "they have read nothing of the API.",
            **values,
        ),
        "no-such-name": say(
            "{bad} of {total} CoreDNS replicas say that a name which every cluster has does not exist: {replicas}.",
            **values,
        ),
        "refused": say(
            "{bad} of {total} CoreDNS replicas refuse to answer for a name of the cluster: {replicas}.", **values
        ),
        "invented": say(
            "{bad} of {total} CoreDNS replicas give addresses for names of the cluster that nobody has: {replicas}.",
            **values,
        ),
    }.get(
        outcome,
        say(
            "CoreDNS replicas gave other rcodes than NOERROR for a name that exists or NXDOMAIN for one that does not, "
            "on {bad} of {total} paths.",
            bad=len({a.path for a in wrong}),
            total=len({a.path for a in answered}),
        ),
    )


def _rightness(asking: Asking) -> str:
    """What the rcodes of one asking say; the answers of several may differ besides."""
    told = [_RCODES[rcode] for rcode in asking.asked.rcodes if rcode in _RCODES]
    if told:
        return worst(ANSWERS, told)
    if "NOERROR" in asking.asked.nx_rcodes:
        return "invented"
    return "wrong" if asking.wrong else "pass"


def _versions(found: Sequence[Asking]) -> set[tuple[str, ...]]:
    """What a replica answers again and again; what one asker of many got may have changed just then."""
    counts = Counter(a.asked.addresses for a in found if a.asked.addresses)
    return {addresses for addresses, count in counts.items() if count > 1 or counts.total() == 1}


def _usual(versions: dict[Replica, set[tuple[str, ...]]]) -> set[tuple[str, ...]]:
    """The answer that most replicas give; none where no answer has a majority over each other one."""
    counts = Counter(addresses for found in versions.values() for addresses in found).most_common(2)
    if len(counts) > 1 and counts[0][1] == counts[1][1]:
        return set()
    return {addresses for addresses, _ in counts[:1]}


def _rcodes(asking: Asking) -> Text:
    return say(
        "{path}: {rcodes}; made-up names {nx_rcodes}",
        path=asking.path,
        rcodes=_counted(asking.asked.rcodes),
        nx_rcodes=_counted(asking.asked.nx_rcodes),
    )


def _counted(rcodes: Mapping[str, int]) -> list[Item]:
    return listed(say("{rcode} {count}", rcode=rcode, count=count) for rcode, count in sorted(rcodes.items()))


def judge_external(asked: Askings, given: str, made_up: str, upstreams: Finding) -> Finding:
    """An upstream that cannot be reached is no fault of the cluster, so this degrades and never fails.

    An asker that loses its other questions too says nothing about the upstream.

    Args:
        asked: All that was asked.
        given: The name outside the cluster that somebody gave; empty where nobody did.
        made_up: The name that was asked for then; empty where none was.
        upstreams: Whom CoreDNS asks.
    """
    name = given or made_up
    told = [a for a in asked.of_replicas if a.asked.external]
    if not name or (not told and not given and asked.of_replicas):
        text = say("No name outside the cluster was asked for (parameter external).")
        return EXTERNAL.found(text, outcome="not-asked")
    heard = [a for a in told if a.verdict is not Verdict.LOSSY]
    by_replica = sorted_places(heard, lambda a: a.replica)
    silent = unseen((a.replica for a in (*asked.of_replicas, *asked.unasked) if a.of_replica), by_replica)
    if not heard:
        text = say("Nobody could ask CoreDNS for {name}.", name=name)
        return EXTERNAL.unseen(text, asked.coverage, [s.place for s in silent])
    nobody = "asks-itself" if upstreams.outcome == "itself" else "no-answer"
    outcomes = {id(a): _external(a.asked.external, given, nobody) for a in heard}
    best = {
        # What one asker is told of the upstream came from there, whatever is lost on the way to others.
        replica: min((outcomes[id(a)] for a in found), key=EXTERNAL.words.index)
        for replica, found in by_replica.items()
    }
    reached = not _REACHED.isdisjoint(best.values())
    seen = [Seen(at, "no-answer-here" if reached and each == "no-answer" else each) for at, each in best.items()]
    failed = [a for a in heard if outcomes[id(a)] != "pass"]
    text = say(
        "{name} is answered on {good} of {total} paths.", name=name, good=len(heard) - len(failed), total=len(heard)
    )
    if not given:
        text = say("Names outside the cluster are answered by whom CoreDNS asks for them.")
        if failed:
            text = say(
                "Whom CoreDNS asks for names outside the cluster does not answer it, on {bad} of {total} paths.",
                bad=len(failed),
                total=len(heard),
            )
        if here := [s.place for s in seen if s.outcome == "no-answer-here"]:
            text = say(
                "Names outside the cluster get no answer at {replicas}, while other replicas get one.",
                replicas=listed(here),
            )
    evidence = shortened(
        say("{path} ({network}): {rcode}", path=a.path, network=str(a.network), rcode=a.asked.external) for a in failed
    )
    return EXTERNAL.found(text, [*seen, *silent], evidence=[*evidence, *asked.coverage])


def _external(rcode: str, given: str, nobody: str) -> str:
    """The outcome of one answer: that nobody has a made-up name is an answer too."""
    if rcode in _NO_ANSWER:
        return nobody
    return "fails" if given and rcode != "NOERROR" else "pass"
