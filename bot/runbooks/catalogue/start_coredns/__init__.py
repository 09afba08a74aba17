"""Have a replica of CoreDNS ready again: scaled to zero, not scheduled, or crashing."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Start CoreDNS"),
        steps=(_start(situation), expected.confirm()),
        override=None if situation.supports(*RUNBOOK.cures) else say("Replicas of CoreDNS were seen to be ready."),
    )


def _start(situation: Situation) -> Step:
    within = f"-n {situation.inventory.dns_namespace or 'kube-system'}"
    return Step(
        name="start",
        title=say("Have a replica of CoreDNS ready"),
        hand=Hand.PERSON,
        why=(say("Whether it was scaled to zero, is not scheduled or crashes is told by its pods."),),
        forms=(
            by_hand.kubectl(
                f"{within} get deployments,pods -o wide -l k8s-app=kube-dns",
                f"{within} describe pods -l k8s-app=kube-dns",
                f"{within} logs -l k8s-app=kube-dns --previous --tail=30",
            ),
            by_hand.kubectl(f"{within} scale deployment coredns --replicas=2"),
        ),
        verification=(
            Expectation("dns.replica-local", expected.PASS),
            Expectation("dns.service", expected.PASS, if_any=True),
        ),
        undo=Undo(
            title=say("Scale it back"),
            forms=(by_hand.kubectl(f"{within} scale deployment coredns --replicas=0"),),
        ),
        patience_s=60.0,
    )


RUNBOOK = Runbook(
    name="start-coredns",
    title="Start CoreDNS",
    cures=("coredns-none-ready",),
    plan=_plan,
)
