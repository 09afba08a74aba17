"""Bring a node back that is down, cut off or not ready: machine, link, address, kubelet."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Bring the node back"),
        nodes=nodes,
        steps=(*(_recover(situation, node) for node in nodes), expected.confirm()),
        override=None if situation.supports(*RUNBOOK.cures) else say("No node was seen to be down or not ready."),
    )


def _recover(situation: Situation, node: str) -> Step:
    return Step(
        name="recover",
        title=say("Bring {node} back", node=node),
        node=node,
        unit=node,
        hand=Hand.PERSON,
        why=(
            say("On its machine's console, because nobody reaches it over the network while its link is gone."),
            say("What it says first says most: the machine, then the link, then the address, then the kubelet."),
        ),
        forms=tuple(_forms(situation, node)),
        verification=(expected.ready(node),),
        patience_s=120.0,
    )


def _forms(situation: Situation, node: str) -> Iterator[Form]:
    yield by_hand.kubectl(f"describe node {node}", f"get events -A --field-selector involvedObject.name={node}")
    machine = situation.machine(node)
    if machine is not None and machine.talos:
        at = machine.address or node
        yield Form(
            say("Talos"),
            (
                f"talosctl -n {at} get links,addresses",
                f"talosctl -n {at} service kubelet",
                f"talosctl -n {at} logs kubelet --tail 50",
            ),
        )
        return
    yield by_hand.shell(
        node,
        "ip -br link; ip -br address; ip route",
        "systemctl status kubelet || systemctl status k3s-agent || systemctl status rke2-agent",
        "journalctl -u kubelet -n 50 --no-pager",
    )


RUNBOOK = Runbook(
    name="recover-node",
    title="Bring the node back",
    cures=("node-unreachable", "node-not-ready"),
    plan=_plan,
    nodes=True,
)
