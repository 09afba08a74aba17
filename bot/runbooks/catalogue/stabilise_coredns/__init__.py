"""Bring CoreDNS back to answering everybody: per-replica proof, a bad replica made anew, replicas apart."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Approval, Expectation, Hand, Plan, Step
from bot.runbooks.operations import DeletePod
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import DnsReplica
from checks.place import Replica, ReplicaPath
from checks.text import say

_CODES = ("dns.replica-loss", "dns.replica-local")
"""A replica that fails here fails its own node too: it is the replica, not the way to it."""


def _plan(situation: Situation) -> Plan:
    inventory, title = situation.inventory, say("Stabilise CoreDNS")
    if not inventory.dns_replicas:
        why = say(
            "No ready replica of CoreDNS was seen: look at its pods first, `kubectl -n {namespace} get pods`.",
            namespace=inventory.dns_namespace,
        )
        return Plan(runbook=RUNBOOK.name, title=title, refusals=(why,))
    bad = _bad_replicas(situation)
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        nodes=tuple(dict.fromkeys(replica.node for replica in bad if replica.node)),
        steps=tuple(_steps(situation, bad)),
        override=None if bad or situation.supports(*RUNBOOK.cures) else say("No replica was seen to fail by itself."),
    )


def _bad_replicas(situation: Situation) -> list[DnsReplica]:
    names = set()
    for code in _CODES:
        for seen in situation.seen(code):
            place = seen.place
            if seen.bad and isinstance(place, Replica | ReplicaPath):
                names.add(place.name if isinstance(place, Replica) else place.replica)
    return [replica for replica in situation.inventory.dns_replicas if replica.pod in names]


def _steps(situation: Situation, bad: list[DnsReplica]) -> Iterator[Step]:
    for replica in bad:
        yield _remake(situation, replica)
    if any(seen.bad for seen in situation.seen("dns.spread")):
        yield _spread(situation)
    yield Step(
        name="verify",
        title=say("Ask every replica from every node, 20 of 20"),
        hand=Hand.NOBODY,
        verification=(*expected.dns(), Expectation("dns.service", expected.PASS, if_any=True)),
        patience_s=60.0,
    )


def _remake(situation: Situation, replica: DnsReplica) -> Step:
    namespace = situation.inventory.dns_namespace
    automatic = situation.can("delete-pod")
    return Step(
        name=f"remake-{replica.pod}",
        title=say("Delete {pod} on {node}, so that it is made anew", pod=replica.pod, node=replica.node),
        node=replica.node,
        unit=replica.pod,
        hand=Hand.OPERATOR if automatic else Hand.PERSON,
        why=(say("One replica at a time: the others answer meanwhile."),),
        forms=(by_hand.kubectl(f"-n {namespace} delete pod {replica.pod}"),),
        operation=DeletePod(namespace=namespace, name=replica.pod) if automatic else None,
        verification=(Expectation("dns.replica-loss", expected.PASS),),
        approval=Approval.ONE if automatic else Approval.NONE,
        patience_s=60.0,
    )


def _spread(situation: Situation) -> Step:
    namespace = situation.inventory.dns_namespace
    workload = situation.inventory.dns_workload or "deployment coredns"
    rule = (
        '{"spec":{"template":{"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname",'
        '"whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"k8s-app":"kube-dns"}}}]}}}}'
    )
    return Step(
        name="spread",
        title=say("Put the replicas on different nodes"),
        hand=Hand.PERSON,
        why=(say("Where a distribution manages CoreDNS, set it there: its next upgrade writes its own form again."),),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} patch {workload} -p '{rule}'",
                f"-n {namespace} rollout status {workload} --timeout=2m",
            ),
        ),
        verification=(Expectation("dns.spread", expected.PASS),),
        patience_s=60.0,
    )


RUNBOOK = Runbook(
    name="stabilise-coredns",
    title="Stabilise CoreDNS",
    cures=("coredns-replica",),
    plan=_plan,
)
