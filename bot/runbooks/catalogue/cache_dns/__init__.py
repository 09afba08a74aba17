"""Keep look-ups away from the race in conntrack."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say


def _plan(situation: Situation) -> Plan:
    machines = situation.machines(situation.nodes)
    install = Step(
        name="install",
        title=say("Install NodeLocal DNSCache, which asks CoreDNS over TCP"),
        hand=Hand.PERSON,
        why=(
            say("Its manifest is in the Kubernetes documentation, Using NodeLocal DNSCache in Kubernetes Clusters."),
            say("For one workload alone: dnsConfig.options with single-request-reopen (glibc) or use-vc."),
        ),
        forms=(by_hand.kubectl("-n kube-system get daemonset node-local-dns"),),
        verification=expected.dns(),
        patience_s=120.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Answer look-ups on the node"),
        nodes=tuple(machine.name for machine in machines),
        steps=(*map(_count, machines), install),
        override=None if situation.supports(*RUNBOOK.cures) else say("Nobody has said that look-ups take 5 seconds."),
    )


def _count(machine: Machine) -> Step:
    return Step(
        name="count",
        title=say("See whether {node} loses entries of conntrack while look-ups are slow", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say(
                "insert_failed that rises while look-ups are slow is the race. Otherwise something else loses packets."
            ),
        ),
        forms=(by_hand.shell(machine.name, "conntrack -S | grep -o 'insert_failed=[0-9]*'"),),
    )


RUNBOOK = Runbook(
    name="cache-dns",
    title="Answer look-ups on the node",
    cures=("conntrack-race",),
    plan=_plan,
    nodes=True,
)
