"""Give nodes a name server that answers."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say


def _plan(situation: Situation) -> Plan:
    machines = situation.machines(situation.nodes)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Give nodes a name server that answers"),
        nodes=tuple(machine.name for machine in machines),
        steps=(*map(_repair, machines), expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not point to the nodes' own name server."),
    )


def _repair(machine: Machine) -> Step:
    return Step(
        name="repair",
        title=say("Ask the name server of {node}, and name another where it does not answer", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say(
                "Images are pulled by the node, with the node's own name server. CoreDNS as a rule forwards to it too."
            ),
        ),
        forms=(_form(machine),),
    )


def _form(machine: Machine) -> Form:
    if machine.talos:
        node = machine.address or machine.name
        return Form(
            say("Talos, for {node}", node=machine.name),
            (f"talosctl -n {node} get resolvers", f"talosctl -n {node} image pull registry.k8s.io/pause:3.10"),
        )
    return by_hand.shell(
        machine.name,
        "cat /etc/resolv.conf; resolvectl status | head -30",
        "getent hosts registry.k8s.io",
        "crictl pull registry.k8s.io/pause:3.10",
    )


RUNBOOK = Runbook(
    name="repair-resolver",
    title="Give nodes a name server that answers",
    cures=("node-resolver",),
    plan=_plan,
    nodes=True,
)
