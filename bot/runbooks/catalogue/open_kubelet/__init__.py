"""Let the API server reach the kubelets, by itself or through its tunnel."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say


def _plan(situation: Situation) -> Plan:
    machines = situation.machines(situation.nodes or situation.places("kubelet-port"))
    planes = [machine for machine in situation.inventory.machines if machine.control_plane]
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Let the API server reach the kubelets"),
        nodes=tuple(machine.name for machine in machines),
        steps=(*(_open(machine, planes) for machine in machines), expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not point to the way to the kubelets."),
    )


def _open(machine: Machine, planes: list[Machine]) -> Step:
    return Step(
        name="open",
        title=say("Open TCP 10250 of {node} to the control plane, and look at its kubelet", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say("Refused: the kubelet does not run or listens elsewhere. Silent or no route: a firewall."),
            say("k3s and RKE2 go through a tunnel that the node's agent opens to port 6443 or 9345 of the server."),
        ),
        forms=(_form(machine), *(_from(plane, machine) for plane in planes[:1])),
        verification=(
            Expectation("paths.kubelet", expected.PASS, (*(plane.name for plane in planes), machine.name), if_any=True),
        ),
        patience_s=30.0,
    )


def _form(machine: Machine) -> Form:
    if machine.talos:
        node = machine.address or machine.name
        return Form(say("Talos, for {node}", node=machine.name), (f"talosctl -n {node} service kubelet",))
    return by_hand.shell(
        machine.name,
        "ss -lntp | grep 10250",
        "systemctl status kubelet k3s-agent rke2-agent --no-pager | head -40",
        "journalctl -u k3s-agent -u rke2-agent --since -15min | grep -iE 'tunnel|proxy|websocket' | tail -20",
    )


def _from(plane: Machine, machine: Machine) -> Form:
    return by_hand.shell(plane.name, f"curl -sk -m 5 https://{machine.address or machine.name}:10250/healthz; echo")


RUNBOOK = Runbook(
    name="open-kubelet",
    title="Let the API server reach the kubelets",
    cures=("kubelet-port", "egress-tunnel"),
    plan=_plan,
    nodes=True,
)
