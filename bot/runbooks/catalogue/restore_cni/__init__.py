"""Bring a node's network plugin (CNI) back."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    machines = situation.machines(nodes)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Bring the network plugin back"),
        nodes=tuple(machine.name for machine in machines),
        steps=(*map(_restore, machines), expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not point to the network plugin."),
    )


def _restore(machine: Machine) -> Step:
    chosen = f"--field-selector spec.nodeName={machine.name}"
    log = by_hand.kubectl(
        f"get pods -A -o wide {chosen}",
        f"get events -A --field-selector involvedObject.name={machine.name}",
        f"describe node {machine.name}",
    )
    return Step(
        name="restore",
        title=say("See why the network plugin of {node} is not ready, and start its pod anew", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say("Read the log of the plugin's pod on this node first: the same fault comes back otherwise."),
            say("Where its programs are missing in /opt/cni/bin, its release has to be installed again."),
            say("A pod that starts anew writes its configuration and its token again."),
        ),
        forms=(log, _on_node(machine)),
        verification=(expected.ready(machine.name), Expectation("node.network", expected.PASS, (machine.name,))),
        patience_s=120.0,
    )


def _on_node(machine: Machine) -> Form:
    if machine.talos:
        node = machine.address or machine.name
        return Form(
            say("Talos, for {node}", node=machine.name),
            (f"talosctl -n {node} ls /etc/cni/net.d", f"talosctl -n {node} ls /opt/cni/bin"),
        )
    return by_hand.shell(
        machine.name,
        "ls -l /etc/cni/net.d /opt/cni/bin",
        "journalctl -u kubelet --since -15min | grep -i cni | tail -20",
        "systemctl restart containerd",
    )


RUNBOOK = Runbook(
    name="restore-cni",
    title="Bring the network plugin back",
    cures=("cni-not-ready", "cni-agent-down", "cni-permissions", "network-unavailable"),
    plan=_plan,
    nodes=True,
)
