"""Switch the tunnel offload of VMXNET3 adapters off: the least disruptive fix, on one pair of nodes first."""

from collections.abc import Iterator, Sequence

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Approval, Expectation, Hand, Plan, Step, Undo
from bot.runbooks.operations import SetOffloads
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import PAIR, Situation
from checks.inventory import Adapter, Machine
from checks.text import Text, names, say

FIRST, REST = "pair", "rest"
"""The units: the first pair of nodes, and the others."""


def _plan(situation: Situation) -> Plan:
    todo = _affected(situation)
    title = say("Switch the tunnel offload of VMXNET3 off")
    if not todo:
        return Plan(runbook=RUNBOOK.name, title=title, refusals=(_nothing(situation),))
    first, pair = _first_pair(situation, todo)
    rest = [machine for machine in todo if machine not in first]
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        nodes=tuple(machine.name for machine in todo),
        steps=tuple(_steps(situation, first, rest, pair)),
        warnings=tuple(_warnings(todo)),
        override=_override(situation),
    )


def _affected(situation: Situation) -> list[Machine]:
    """The nodes whose VMXNET3 adapters offload tunnels, of those that were named."""
    return [m for m in situation.machines(situation.nodes) if any(map(_offloads, m.adapters))]


def _offloads(adapter: Adapter) -> bool:
    return adapter.vmxnet3 and any(adapter.offloads.values())


def _nothing(situation: Situation) -> Text:
    where = names(situation.nodes) if situation.nodes else say("any node")
    return say(
        "No VMXNET3 adapter with its tunnel offload on was seen on {where}, so there is none to switch.", where=where
    )


def _first_pair(situation: Situation, todo: Sequence[Machine]) -> tuple[list[Machine], tuple[str, ...]]:
    """The machines to begin with, and the pair of nodes that is judged: one that fails today, if there is one."""
    names_todo = [machine.name for machine in todo]
    for pair in situation.bad_pairs("paths.cross-tcp"):
        concerned = [machine for machine in todo if machine.name in pair]
        if concerned and all(name in names_todo or _cannot_offload(situation, name) for name in pair):
            return concerned, pair
    first = list(todo[:PAIR])
    return first, tuple(machine.name for machine in first)


def _cannot_offload(situation: Situation, name: str) -> bool:
    machine = situation.inventory.machine(name)
    return machine is not None and not any(map(_offloads, machine.adapters))


def _steps(
    situation: Situation, first: Sequence[Machine], rest: Sequence[Machine], pair: tuple[str, ...]
) -> Iterator[Step]:
    for machine in first:
        yield from _switch(situation, machine, FIRST)
    if len(pair) == PAIR:
        yield Step(
            name="prove",
            title=say("Probe {a} and {b} again: it must have flipped", a=pair[0], b=pair[1]),
            unit=FIRST,
            hand=Hand.NOBODY,
            why=(
                say(
                    "Only ways with both ends done count. To see the other half of the proof, roll back from here: the "
                    "same probes must fail again."
                ),
            ),
            verification=expected.paths_between(pair),
            patience_s=10.0,
        )
    if rest:
        yield Step(
            name="ask",
            title=say("Go on with the other nodes: {nodes}", nodes=names([m.name for m in rest])),
            hand=Hand.NOBODY,
            asks=True,
        )
    for machine in rest:
        yield from _switch(situation, machine, REST)
    yield expected.confirm()
    for machine in (*first, *rest):
        yield from _keep(machine)


def _switch(situation: Situation, machine: Machine, unit: str) -> Iterator[Step]:
    # Talos would set its own form again at its next look.
    automatic = situation.can("set-offloads") and not machine.talos
    for adapter in filter(_offloads, machine.adapters):
        yield Step(
            name=f"switch-off-{adapter.name}",
            title=say(
                "Switch both tunnel offloads of {interface} on {node} off", interface=adapter.name, node=machine.name
            ),
            node=machine.name,
            unit=unit,
            hand=Hand.OPERATOR if automatic else Hand.PERSON,
            why=(say("Both, because one alone does nothing. Connections stay up; the CPU computes the checksums."),),
            forms=by_hand.set_features(machine, adapter.name, by_hand.tunnel_offloads(on=False)),
            operation=_operation(machine, adapter, on=False) if automatic else None,
            verification=(expected.offloads_off(machine.name),),
            undo=Undo(
                title=say(
                    "Switch both tunnel offloads of {interface} on {node} on", interface=adapter.name, node=machine.name
                ),
                forms=by_hand.set_features(machine, adapter.name, by_hand.tunnel_offloads(on=True)),
                operation=_operation(machine, adapter, on=True) if automatic else None,
                verification=(Expectation("nic.tunnel-offload", ("on",), (machine.name,)),),
            ),
            approval=Approval.SECOND if automatic else Approval.NONE,
            patience_s=10.0,
        )


def _operation(machine: Machine, adapter: Adapter, *, on: bool) -> SetOffloads:
    return SetOffloads(node=machine.name, interface=adapter.name, on=on)


def _keep(machine: Machine) -> Iterator[Step]:
    """Make it last; Talos's document lasts by itself."""
    for adapter in filter(_offloads, machine.adapters):
        forms = by_hand.keep_features(machine, adapter.name, by_hand.tunnel_offloads(on=False))
        if forms:
            yield Step(
                name=f"keep-{adapter.name}",
                title=say("Make it last on {node}", node=machine.name),
                node=machine.name,
                hand=Hand.PERSON,
                why=(say("ethtool's settings are gone after a restart: one of these two forms sets them again."),),
                forms=forms,
                verification=(expected.offloads_off(machine.name),),
                undo=Undo(
                    title=say("Forget it on {node} again", node=machine.name),
                    forms=by_hand.forget_features(machine, adapter.name),
                ),
            )
        yield Step(
            name=f"restart-{adapter.name}",
            title=say(
                "Restart {interface} on {node}, and look whether it is still off",
                interface=adapter.name,
                node=machine.name,
            ),
            node=machine.name,
            hand=Hand.PERSON,
            why=(say("At a moment when {node} may be unreachable for some seconds.", node=machine.name),),
            forms=(by_hand.restart_interface(machine, adapter),),
            verification=(expected.offloads_off(machine.name), expected.ready(machine.name)),
            patience_s=60.0,
        )


def _warnings(todo: Sequence[Machine]) -> Iterator[Text]:
    if any(machine.talos for machine in todo):
        yield say(
            "On Talos, removing the document later does not switch the offload on again: set it to true for that. "
            "It is not applied anew when the tunnel's device is made anew: diagnose after such changes."
        )


def _override(situation: Situation) -> Text | None:
    if situation.supports(*RUNBOOK.cures):
        return None
    return say("The evidence does not say that the tunnel offload is the cause here.")


RUNBOOK = Runbook(
    name="offload-off",
    title="Switch the tunnel offload of VMXNET3 off",
    cures=("vmxnet3-tunnel-offload", "vmxnet3-lro"),
    rank=0,
    plan=_plan,
    nodes=True,
)
