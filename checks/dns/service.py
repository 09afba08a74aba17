"""Judge the ClusterIP of CoreDNS's Service. Pure."""

from collections.abc import Callable, Sequence

from checks.code import NOW_AND_THEN, Code, Outcome
from checks.dns.askings import FIGURES, Asking, Askings, connection, figures, lines, loss, sorted_places, unseen, worst
from checks.dns.model import SERVICE
from checks.finding import Finding, Seen, Severity
from checks.place import ServicePath
from checks.text import Text, Unit, say, say_many

CLUSTER_IP = Code(
    name="dns.service",
    meaning="The ClusterIP of kube-dns, asked by UDP and TCP from pods",
    place=ServicePath,
    outcomes=(
        Outcome("pass", Severity.OK, "UDP and TCP are answered"),
        Outcome("wrong-answer", Severity.DEGRADED, "another rcode than expected, or an address that no replica gives"),
        Outcome("loses", Severity.DEGRADED, "datagrams are lost"),
        Outcome("tcp-unanswered", Severity.DEGRADED, "TCP alone is not answered"),
        Outcome("unanswered", Severity.FAILED, "no datagram is answered"),
    ),
    leak=NOW_AND_THEN,
    measures=FIGURES | {"tcp_s": Unit.SECONDS},
    essential=True,
)


def judge_service(asked: Askings) -> Finding:
    """From every node that asked: its Service rules and its ways to all replicas are in question there."""
    place = _place(asked)
    places = sorted_places(asked.of_service, place)
    right = {a.asked.addresses for a in asked.of_replicas if a.asked.addresses}
    outcomes = {at: worst(CLUSTER_IP, (_outcome(a, right) for a in found)) for at, found in places.items()}
    seen = [Seen(at, outcomes[at], figures(found) | connection(found)) for at, found in places.items()]
    silent = unseen((place(a) for a in asked.unasked if a.of_service), places)
    if not seen:
        text = say("The ClusterIP of kube-dns was not asked from anywhere.")
        return CLUSTER_IP.unseen(text, asked.coverage, [s.place for s in silent])
    failed = [a for a in asked.of_service if _outcome(a, right) != "pass"]
    text = _sentence(worst(CLUSTER_IP, outcomes.values()), list(outcomes.values()), failed)
    evidence = [*lines(failed or asked.of_service), *asked.coverage]
    return CLUSTER_IP.found(text, [*seen, *silent], evidence=evidence)


def _place(asked: Askings) -> Callable[[Asking], ServicePath]:
    """How the place of an asking is made: any ready replica may answer it."""
    metadata = asked.service.metadata if asked.service else None
    return lambda asking: ServicePath(
        source=asking.node,
        namespace=metadata.namespace if metadata else "kube-system",
        name=metadata.name if metadata else SERVICE,
        ends=tuple(dict.fromkeys(replica.node for replica in asked.replicas if replica.node)),
        pods=tuple(replica.name for replica in asked.replicas),
    )


def _outcome(asking: Asking, right: set[tuple[str, ...]]) -> str:
    """The outcome of one asking.

    Args:
        asking: It went to the ClusterIP.
        right: What the replicas themselves answer; empty when they were not heard.
    """
    asked = asking.asked
    if not asked.answered:
        return "unanswered"
    if not asking.connected:
        return "tcp-unanswered"
    if asking.loses:
        return "loses"
    strange = bool(right and asked.addresses and asked.addresses not in right)
    return "wrong-answer" if asking.wrong or strange else "pass"


def _sentence(outcome: str, outcomes: Sequence[str], failed: Sequence[Asking]) -> Text:
    counts = {"bad": outcomes.count(outcome), "total": len(outcomes)}
    return {
        "pass": say_many(
            "The ClusterIP of kube-dns answers by UDP and TCP from the {count} node that asked.",
            "The ClusterIP of kube-dns answers by UDP and TCP from all {count} nodes that asked.",
            len(outcomes),
        ),
        "wrong-answer": say("The ClusterIP of kube-dns answers wrongly from {bad} of {total} nodes.", **counts),
        "loses": say(
            "The ClusterIP of kube-dns loses queries from {bad} of {total} nodes: {loss}.", **counts, loss=loss(failed)
        ),
        "tcp-unanswered": say(
            "The ClusterIP of kube-dns answers by UDP but not by TCP from {bad} of {total} nodes.", **counts
        ),
        "unanswered": say("The ClusterIP of kube-dns answers no datagram from {bad} of {total} nodes.", **counts),
    }[outcome]
