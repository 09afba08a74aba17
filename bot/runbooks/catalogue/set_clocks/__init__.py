"""Set a node's clock right, and keep it so."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Set the clocks right"),
        nodes=nodes,
        steps=(*(_set(situation, node) for node in nodes), expected.confirm()),
        override=None if situation.supports(*RUNBOOK.cures) else say("No clock was seen to be wrong."),
    )


def _set(situation: Situation, node: str) -> Step:
    return Step(
        name="set",
        title=say("Set the clock of {node} right", node=node),
        node=node,
        unit=node,
        hand=Hand.PERSON,
        why=(
            say("Certificates and tokens look expired, or not yet valid, to whoever has another time."),
            say("On a node with etcd a clock that jumps back is worth a second look at etcd afterwards."),
        ),
        forms=tuple(_forms(situation, node)),
        verification=(Expectation("node.clock", expected.PASS, (node,)),),
        patience_s=60.0,
    )


def _forms(situation: Situation, node: str) -> Iterator[Form]:
    machine = situation.machine(node)
    if machine is not None and machine.talos:
        at = machine.address or node
        yield Form(say("Talos"), (f"talosctl -n {at} time", f"talosctl -n {at} get timeservers,timestatus"))
        return
    yield by_hand.shell(
        node,
        "timedatectl; chronyc tracking || timedatectl timesync-status",
        "systemctl enable --now chronyd || systemctl enable --now chrony || timedatectl set-ntp true",
        "chronyc makestep || systemctl restart systemd-timesyncd",
    )


RUNBOOK = Runbook(
    name="set-clocks",
    title="Set the clocks right",
    cures=("clock-skew",),
    plan=_plan,
    nodes=True,
)
