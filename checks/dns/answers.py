"""Judge what replicas answer: about names in the cluster, and about one outside it. Pure."""

from collections import Counter
from collections.abc import Mapping

from checks.code import Code, Outcome
from checks.dns.askings import Asking, Askings, by_place, unseen
from checks.finding import Finding, Seen, Severity
from checks.judging.statistics import Verdict
from checks.place import Replica
from checks.text import Item, Text, listed, names, say, shortened

ANSWERS = Code(
    name="dns.answers",
    meaning="CoreDNS replicas give the same and the right answers",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("differ", Severity.DEGRADED, "not the addresses that most replicas give"),
        Outcome("wrong", Severity.DEGRADED, "another rcode than NOERROR for what exists or NXDOMAIN for what does not"),
    ),
)
EXTERNAL = Code(
    name="dns.external",
    meaning="A name outside the cluster, when one was given",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "it is answered with NOERROR"),
        Outcome("not-asked", Severity.OK, "no name was given"),
        Outcome("fails", Severity.DEGRADED, "another rcode, or no answer"),
    ),
)


def judge_answers(asked: Askings) -> Finding:
    """Which replicas answer wrongly, and which differ from the others."""
    answered = [a for a in asked.of_replicas if a.asked.answered]
    by_replica = by_place(answered, lambda a: a.replica)
    silent = unseen((a.replica for a in (*asked.of_replicas, *asked.unasked) if not a.of_service), by_replica)
    if not by_replica:
        return ANSWERS.unseen(say("No CoreDNS replica answered."), asked.coverage, [s.place for s in silent])
    versions = {replica: {a.asked.addresses for a in found} - {()} for replica, found in by_replica.items()}
    usual = _usual(versions)
    wrong = [a for a in answered if a.wrong]
    seen = [
        Seen(
            replica,
            "wrong" if any(a.wrong for a in found) else "differ" if versions[replica] - usual else "pass",
        )
        for replica, found in by_replica.items()
    ]
    text = say("All CoreDNS replicas give the same, right answers.")
    evidence: list[Text] = []
    differing = [s.place for s in seen if s.outcome == "differ"]
    if wrong:
        text = say(
            "CoreDNS replicas gave other rcodes than NOERROR for a name that exists or NXDOMAIN for one that does not, "
            "on {bad} of {total} paths.",
            bad=len({a.path for a in wrong}),
            total=len({a.path for a in answered}),
        )
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
    return ANSWERS.found(text, [*seen, *silent], evidence=[*shortened(evidence), *asked.coverage])


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


def judge_external(asked: Askings, name: str) -> Finding:
    """An upstream that cannot be reached is no fault of the cluster, so this degrades and never fails.

    An asker that loses its other questions too says nothing about the upstream.

    Args:
        asked: All that was asked.
        name: The name outside the cluster; empty when none was given.
    """
    if not name:
        text = say("No name outside the cluster was asked for (parameter external).")
        return EXTERNAL.found(text, outcome="not-asked")
    heard = [a for a in asked.of_replicas if a.asked.external and a.verdict is not Verdict.LOSSY]
    by_replica = by_place(heard, lambda a: a.replica)
    silent = unseen((a.replica for a in (*asked.of_replicas, *asked.unasked) if not a.of_service), by_replica)
    if not heard:
        text = say("Nobody could ask CoreDNS for {name}.", name=name)
        return EXTERNAL.unseen(text, asked.coverage, [s.place for s in silent])
    failed = [a for a in heard if a.asked.external != "NOERROR"]
    seen = [
        Seen(replica, "fails" if any(a.asked.external != "NOERROR" for a in found) else "pass")
        for replica, found in by_replica.items()
    ]
    text = say(
        "{name} is answered on {good} of {total} paths.", name=name, good=len(heard) - len(failed), total=len(heard)
    )
    evidence = shortened(
        say("{path} ({network}): {rcode}", path=a.path, network=str(a.network), rcode=a.asked.external) for a in failed
    )
    return EXTERNAL.found(text, [*seen, *silent], evidence=[*evidence, *asked.coverage])
