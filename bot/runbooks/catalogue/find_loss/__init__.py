"""Find where the network below the nodes loses packets: the adapter, the switch port, the hypervisor's uplink."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say

PINGS = 200
"""Enough to see one packet lost of a hundred."""


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    ends = tuple(machine.name for machine in situation.inventory.machines)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Find where packets are lost"),
        nodes=nodes,
        steps=(
            *(_look(situation, machine) for machine in situation.machines(nodes)),
            Step(
                name="mend",
                title=say("Have the link, the port or the host mended, and measure again"),
                hand=Hand.PERSON,
                why=(
                    say("Loss on all ways of one node is its own adapter, link or host; between two, what is between."),
                    say("A machine can be moved to another host (vMotion): loss that stays behind was the host's."),
                ),
                forms=(
                    Form(
                        say("vSphere"),
                        (
                            "Host > Monitor > Performance > Network: receive and transmit packets dropped",
                            "esxtop, n: %DRPTX and %DRPRX of the machine's port",
                        ),
                    ),
                ),
                verification=(Expectation("paths.host-loss", expected.PASS, ends),),
                patience_s=60.0,
            ),
            expected.confirm(),
        ),
        override=None if situation.supports(*RUNBOOK.cures) else say("No loss between the nodes was measured."),
    )


def _look(situation: Situation, machine: Machine) -> Step:
    return Step(
        name="look",
        title=say("Read the error counters of {node}, and ping from it", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(say("A counter that rises while pings are lost names the place; none that rises points further down."),),
        forms=tuple(_forms(situation, machine)),
    )


def _forms(situation: Situation, machine: Machine) -> Iterator[Form]:
    others = [m.address for m in situation.inventory.machines if m.address and m.name != machine.name]
    if machine.talos:
        node = machine.address or machine.name
        yield Form(say("Talos"), (f"talosctl -n {node} get ethernetstatus -o yaml", f"talosctl -n {node} netstat -s"))
    else:
        adapters = [adapter.name for adapter in machine.adapters]
        lines = [f"ip -s link show {name}; ethtool -S {name} | grep -iE 'drop|err|fifo|miss'" for name in adapters]
        lines += [f"ping -q -c {PINGS} -i 0.05 {address}" for address in others[:2]]
        yield by_hand.shell(machine.name, *lines)


RUNBOOK = Runbook(
    name="find-loss",
    title="Find where packets are lost",
    cures=("underlay-loss",),
    plan=_plan,
    nodes=True,
)
