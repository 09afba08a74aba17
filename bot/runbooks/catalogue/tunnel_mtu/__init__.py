"""Bring the tunnel's MTU and the network's together."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation, adapter_of
from checks.inventory import Machine
from checks.text import say

VXLAN_OVERHEAD = 50
"""Bytes that VXLAN over IPv4 puts before an inner packet (RFC 7348)."""


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Bring the MTUs together"),
        nodes=nodes,
        steps=tuple(_steps(situation, situation.machines(nodes) if nodes else [])),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to an MTU."),
    )


def _steps(situation: Situation, machines: list[Machine]) -> Iterator[Step]:
    for machine in machines:
        yield from _link(situation, machine)
    yield Step(
        name="tunnel",
        title=say("If the network cannot carry more: lower the MTU of the CNI's tunnel"),
        unit="tunnel",
        hand=Hand.PERSON,
        why=(
            say("To what the path carries less {overhead} bytes for VXLAN.", overhead=VXLAN_OVERHEAD),
            say("Pods keep the MTU that they were made with: restart them afterwards."),
            say("Where the link was repaired in the step before, nothing is left to do here."),
        ),
        forms=(
            by_hand.kubectl(
                "-n kube-flannel get configmap kube-flannel-cfg -o yaml > kube-flannel-cfg-before.yaml",
                "-n kube-flannel edit configmap kube-flannel-cfg",
                "-n kube-flannel rollout restart daemonset kube-flannel-ds",
            ),
        ),
        verification=(
            Expectation("mtu.path", (*expected.PASS, "small")),
            Expectation("paths.cross-tcp-bulk", expected.PASS),
        ),
        undo=Undo(
            title=say("Set the former MTU again"),
            forms=(
                by_hand.kubectl(
                    "replace -f kube-flannel-cfg-before.yaml",
                    "-n kube-flannel rollout restart daemonset kube-flannel-ds",
                ),
            ),
        ),
        patience_s=60.0,
    )
    yield expected.confirm()


def _link(situation: Situation, machine: Machine) -> Iterator[Step]:
    adapter = adapter_of(machine)
    usual = _usual_mtu(situation)
    if adapter is None or not usual:
        return
    yield Step(
        name="link",
        title=say("Look at the link of {node}, and repair it if it is smaller than its neighbours", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.PERSON,
        why=(
            say("Its adapter has an MTU of {mtu} bytes; most nodes have {usual}.", mtu=adapter.mtu, usual=usual),
            say("Where that is equal, the port group, the switch or a router below is smaller."),
        ),
        forms=(
            by_hand.shell(
                machine.name,
                f"ip -details link show dev {adapter.name}",
                f"ip link set dev {adapter.name} mtu {usual}",
            ),
        ),
        undo=Undo(
            title=say("Set the former MTU again"),
            forms=(by_hand.shell(machine.name, f"ip link set dev {adapter.name} mtu {adapter.mtu}"),),
        ),
    )


def _usual_mtu(situation: Situation) -> int:
    sizes = [adapter.mtu for machine in situation.inventory.machines for adapter in machine.adapters if adapter.mtu]
    return max(set(sizes), key=sizes.count, default=0)


RUNBOOK = Runbook(
    name="tunnel-mtu",
    title="Bring the MTUs together",
    cures=("mtu-mismatch",),
    plan=_plan,
    nodes=True,
)
