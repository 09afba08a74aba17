"""Let the nodes reach the API server's own port."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say

PORT = 6443
"""kubeadm's, k3s's and Talos's default."""


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    planes = [machine for machine in situation.inventory.machines if machine.control_plane]
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Let the nodes reach the API server"),
        nodes=nodes,
        steps=(*(_open(machine, planes) for machine in situation.machines(nodes)), expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not point to the way to the API server's port."),
    )


def _open(machine: Machine, planes: list[Machine]) -> Step:
    ends = (machine.name, *(plane.name for plane in planes))
    return Step(
        name="open",
        title=say("Open the way from {node} to the API server's port", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.PERSON,
        why=(say("The kubelet, kube-proxy and every pod that talks to the API server of this node go this way."),),
        forms=(_from(machine, planes), *(_at(plane) for plane in planes)),
        verification=(Expectation("paths.api-server", expected.PASS, ends, if_any=True),),
        patience_s=30.0,
    )


def _from(machine: Machine, planes: list[Machine]) -> Form:
    asked = [f"https://{plane.address or plane.name}:{PORT}/livez" for plane in planes]
    if machine.talos:
        node = machine.address or machine.name
        return Form(say("Talos, for {node}", node=machine.name), (f"talosctl -n {node} logs kubelet --tail 20",))
    return by_hand.shell(
        machine.name, *(f"curl -sk -m 5 {url}; echo" for url in asked), "nft list ruleset | grep -nE 'drop|reject'"
    )


def _at(plane: Machine) -> Form:
    if plane.talos:
        node = plane.address or plane.name
        return Form(say("Talos, for {node}", node=plane.name), (f"talosctl -n {node} get networkruleconfigs -o yaml",))
    return by_hand.shell(plane.name, f"ss -lnt 'sport = :{PORT}'", "nft list ruleset | grep -nE 'drop|reject'")


RUNBOOK = Runbook(
    name="open-api-server",
    title="Let the nodes reach the API server",
    cures=("api-server-port",),
    plan=_plan,
    nodes=True,
)
