"""Have the DNS cache on a node answer again: its pods have no DNS until it does."""

from bot.runbooks import by_hand
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say

_CACHES = "-n kube-system"
_LABEL = "-l k8s-app=node-local-dns"


def _plan(situation: Situation) -> Plan:
    machines = situation.machines(situation.nodes)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Restart the DNS cache on a node"),
        nodes=tuple(machine.name for machine in machines),
        steps=tuple(map(_restart, machines)),
        override=None if situation.supports(*RUNBOOK.cures) else say("The caches on the nodes were not seen to fail."),
    )


def _restart(machine: Machine) -> Step:
    on_node = f"--field-selector spec.nodeName={machine.name}"
    return Step(
        name="restart",
        title=say("Have the DNS cache on {node} made again", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say("Its DaemonSet makes it again within seconds. Its log says whom it asks, and what it got."),
            say("If it is gone and its rules are not, pods there ask an address at which nobody listens."),
        ),
        forms=(
            by_hand.kubectl(
                f"{_CACHES} logs {_LABEL} --tail=30 {on_node}",
                f"{_CACHES} delete pods {_LABEL} {on_node}",
            ),
        ),
        verification=(Expectation("dns.node-cache", ("pass",), (machine.name,)),),
        patience_s=60.0,
    )


RUNBOOK = Runbook(
    name="restart-dns-cache",
    title="Restart the DNS cache on a node",
    cures=("node-cache",),
    plan=_plan,
    nodes=True,
)
