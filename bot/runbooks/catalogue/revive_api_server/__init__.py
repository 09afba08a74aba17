"""Find out which of an API server's own checks fails, and make it ready."""

from bot.runbooks import by_hand
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    planes = tuple(machine.name for machine in situation.inventory.machines if machine.control_plane)
    nodes = situation.nodes or situation.places(*RUNBOOK.cures) or planes
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Make the API server ready"),
        nodes=nodes,
        steps=tuple(_step(situation, node) for node in nodes),
        warnings=(say("Take one API server after the other: the others answer meanwhile."),),
        override=None if situation.supports(*RUNBOOK.cures) else say("Every API server says that it is ready."),
    )


def _step(situation: Situation, node: str) -> Step:
    return Step(
        name="ready",
        title=say("Make the API server on {node} ready", node=node),
        node=node,
        hand=Hand.PERSON,
        why=(say("What fails is named: etcd, an informer, a hook that runs after its start, or its own end."),),
        forms=(by_hand.kubectl("get --raw '/readyz?verbose'"), _log(situation, node)),
        verification=(Expectation("apiserver.ready", ("pass",), (node,)),),
        patience_s=120.0,
    )


def _log(situation: Situation, node: str) -> Form:
    machine = situation.machine(node)
    if machine is not None and machine.talos:
        at = machine.address or node
        return Form(
            say("Talos, for {node}", node=node),
            (f"talosctl -n {at} service etcd", f"talosctl -n {at} containers -k | grep kube-apiserver"),
        )
    return by_hand.shell(
        node,
        "crictl ps -a --name kube-apiserver",
        "crictl logs --tail 50 $(crictl ps -a --name kube-apiserver -q | head -1)",
        "journalctl -u k3s -u rke2-server -n 50 --no-pager",
    )


RUNBOOK = Runbook(
    name="revive-api-server",
    title="Make an API server ready",
    cures=("apiserver-not-ready",),
    plan=_plan,
    nodes=True,
)
