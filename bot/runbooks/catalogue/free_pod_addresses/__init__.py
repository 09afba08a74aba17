"""Give a node addresses for its pods again."""

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
        title=say("Give a node addresses for its pods"),
        nodes=tuple(machine.name for machine in machines),
        steps=(*map(_free, machines), expected.confirm()),
        warnings=(say("Drain a node before its bridge or its kept addresses are removed: pods that run use them."),),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not say that pods get no address."),
    )


def _free(machine: Machine) -> Step:
    return Step(
        name="free",
        title=say("Compare the addresses that {node} has given with the pods that it runs", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say("Files in /var/lib/cni/networks that belong to no pod of the node hold addresses for nobody."),
            say(
                "A bridge with an address of another range is of a former network plugin: it is made anew when deleted."
            ),
        ),
        forms=(
            by_hand.kubectl(
                f"get pods -A -o wide --field-selector spec.nodeName={machine.name}",
                f"get node {machine.name} -o jsonpath='{{.spec.podCIDR}}'",
            ),
            _on_node(machine),
        ),
    )


def _on_node(machine: Machine) -> Form:
    if machine.talos:
        node = machine.address or machine.name
        return Form(say("Talos, for {node}", node=machine.name), (f"talosctl -n {node} get addresses",))
    return by_hand.shell(machine.name, "ls /var/lib/cni/networks/*/ | wc -l", "ip -br addr show type bridge")


RUNBOOK = Runbook(
    name="free-pod-addresses",
    title="Give a node addresses for its pods",
    cures=("pod-addresses-exhausted", "stale-bridge"),
    plan=_plan,
    nodes=True,
)
