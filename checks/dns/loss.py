"""Judge intermittent loss: is it a replica or a path? Pure."""

from collections.abc import Mapping, Sequence

from checks.code import Code, Outcome
from checks.dns.askings import FIGURES, Asking, Askings, figures, lines, loss, sorted_places, unseen
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.statistics import Verdict, sprt
from checks.place import Replica, ReplicaPath
from checks.text import Value, listed, say, say_many, shortened

REPLICA = Code(
    name="dns.replica-loss",
    meaning="Each CoreDNS replica answers whoever asks it, by a sequential test",
    place=Replica,
    outcomes=(
        Outcome("pass", Severity.OK, "it answers at least some without loss"),
        Outcome(
            "loses", Severity.DEGRADED, "it loses for everybody, its own node included; failed when all replicas do"
        ),
    ),
    # The test errs once in a hundred (`ERROR_RATE`), and accuses only where the replica's own node says so too.
    leak=0.001,
    measures=FIGURES,
)
PATH = Code(
    name="dns.path-loss",
    meaning="Nothing is lost on the way to replicas that do not lose themselves, by a sequential test",
    place=ReplicaPath,
    outcomes=(
        Outcome("pass", Severity.OK, "queries get through"),
        Outcome("loses", Severity.DEGRADED, "queries are lost here, and the replica is not itself at fault"),
    ),
    measures=FIGURES,
)


def judge_loss(asked: Askings) -> list[Finding]:
    """What replicas lose, and what is lost on the way to the others.

    A replica that loses for everybody, above all for its own node, is itself at fault; one that loses only for some
    is reached over a bad path.
    """
    by_replica = sorted_places(asked.of_replicas, lambda a: a.replica)
    accused = {replica: _accused(found) for replica, found in by_replica.items()}
    return [_replicas(asked, by_replica, accused), _paths(asked, accused)]


def _accused(found: Sequence[Asking]) -> str:
    """The outcome of one replica: whether it loses for all who asked it.

    Its own node must be among them: whatever is in front of a node that did not ask would look the same. One asker
    without loss acquits it; where the test decides for none, all askings together are tested.
    """
    if any(a.verdict is Verdict.CLEAN for a in found):
        return "pass"
    soon = [a.asked for a in found if not a.slow]
    if sprt(sum(a.sent for a in soon), sum(a.lost for a in soon)) is not Verdict.LOSSY:
        return "pass"
    return "loses" if not found[0].asked.node or any(a.local for a in found) else UNSEEN


def _replicas(
    asked: Askings, by_replica: Mapping[Replica, Sequence[Asking]], accused: Mapping[Replica, str]
) -> Finding:
    seen = [Seen(replica, accused[replica], figures(found)) for replica, found in by_replica.items()]
    seen.sort(key=lambda s: -s.measures["loss"])
    silent = unseen((a.replica for a in asked.unasked if a.of_replica), by_replica)
    pooled = (
        say("{replica} on {node}: {loss}", replica=replica, node=replica.node, loss=loss(found))
        for replica, found in by_replica.items()
    )
    evidence = [*shortened(pooled), *asked.coverage]
    if all(s.outcome == UNSEEN for s in seen):
        text = say("No CoreDNS replica was asked from anywhere.")
        if seen:
            text = say(
                "Queries are lost, but no CoreDNS replica was asked from its own node: {loss}.",
                loss=loss(asked.of_replicas),
            )
        return REPLICA.unseen(text, evidence, [s.place for s in (*seen, *silent)])
    losing = [replica for replica, outcome in accused.items() if outcome == "loses"]
    if not losing:
        text = say("No CoreDNS replica is seen to lose queries for everybody.")
        if not any(a.verdict is Verdict.LOSSY for a in asked.of_replicas):
            text = say("CoreDNS replicas answer reliably: {loss}.", loss=loss(asked.of_replicas))
        return REPLICA.found(text, [*seen, *silent], evidence=evidence)
    lost = loss([a for replica in losing for a in by_replica[replica]])
    if len(losing) == len(seen):
        text = say("Every CoreDNS replica loses queries for everybody: {loss}.", loss=lost)
        return REPLICA.found(text, [*seen, *silent], severity=Severity.FAILED, evidence=evidence)
    text = say_many(
        "{replicas} loses queries for everybody, its own node included: {loss}; others do not.",
        "{replicas} lose queries for everybody, their own nodes included: {loss}; others do not.",
        len(losing),
        replicas=listed(s.place for s in seen if s.outcome == "loses"),
        loss=lost,
    )
    return REPLICA.found(text, [*seen, *silent], evidence=evidence)


def _paths(asked: Askings, accused: Mapping[Replica, str]) -> Finding:
    paths = sorted_places(asked.of_replicas, lambda a: a.path)
    seen = [Seen(path, _path(found, accused), figures(found)) for path, found in paths.items()]
    seen.sort(key=lambda s: -s.measures["loss"])
    silent = unseen((a.path for a in asked.unasked if a.of_replica), paths)
    judged = [s for s in seen if s.outcome != UNSEEN]
    if not judged:
        text = say("No path to a CoreDNS replica was measured.")
        if seen:
            text = say("Every CoreDNS replica loses queries itself, so what their paths lose is not known.")
        return PATH.unseen(text, asked.coverage, [s.place for s in (*seen, *silent)])
    lossy = [a for a in asked.of_replicas if a.verdict is Verdict.LOSSY and accused[a.replica] != "loses"]
    counts: dict[str, Value] = {"bad": sum(s.outcome == "loses" for s in judged), "total": len(judged)}
    text = say("Queries get through on every path to CoreDNS.")
    if lossy:
        text = say("Queries are lost on {bad} of {total} paths to CoreDNS: the way, not the replica.", **counts)
    if any(accused[a.replica] == UNSEEN for a in lossy):
        text = say("Queries are lost on {bad} of {total} paths to CoreDNS.", **counts)
    return PATH.found(text, [*seen, *silent], evidence=[*lines(lossy), *asked.coverage])


def _path(found: Sequence[Asking], accused: Mapping[Replica, str]) -> str:
    """The outcome of one path; of a path to a replica that loses itself nothing can be told."""
    if accused[found[0].replica] == "loses":
        return UNSEEN
    return "loses" if any(a.verdict is Verdict.LOSSY for a in found) else "pass"
