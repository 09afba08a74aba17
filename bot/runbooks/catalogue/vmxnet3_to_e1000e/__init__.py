"""Replace VMXNET3 adapters by e1000e, node by node, each verified before the next one is touched."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec

from bot.runbooks.catalogue.vmxnet3_to_e1000e.end import end_steps
from bot.runbooks.catalogue.vmxnet3_to_e1000e.preflight import Consent, order, refusals, warnings
from bot.runbooks.catalogue.vmxnet3_to_e1000e.steps import node_steps
from bot.runbooks.model import Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import SUPPORTED, Situation, adapter_of
from checks.inventory import Machine
from checks.text import Text, names, say


class Choices(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left to people."""

    way: Literal["", "manual", "automatic"] = ""
    """Who does it: empty for the operator where it can."""
    to: Literal["e1000e", "vmxnet3"] = "e1000e"
    """`vmxnet3` is the whole way back."""
    soak_s: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 120
    """Seconds for which a swapped node is watched before the next one."""
    lose_emptydir: bool = False
    """Whether pods with emptyDir volumes are evicted, which loses what is in them."""
    cut_power: bool = False
    """Whether the power is cut when a guest does not shut down."""
    api_outage: bool = False
    """Consent to the API server being away while a control-plane node is off."""
    owned: bool = False
    """Consent to exchange what the owner of a VM may undo: Cluster API, Rancher, an extension of vCenter."""


def _plan(asked: Situation) -> Plan:
    choices = msgspec.convert(dict(asked.choices), Choices)
    situation = _narrowed(asked) if choices.to == "e1000e" and not asked.nodes else asked
    todo = order([m for m in situation.machines(situation.nodes) if _to_swap(m, choices.to)], situation.etcd_leader)
    title = say("Replace VMXNET3 by e1000e") if choices.to == "e1000e" else say("Put VMXNET3 back in place of e1000e")
    consent = Consent(api_outage=choices.api_outage, owned=choices.owned)
    reasons = refusals(situation, todo, choices.to, consent)
    if reasons:
        return Plan(runbook=RUNBOOK.name, title=title, nodes=tuple(m.name for m in todo), refusals=tuple(reasons))
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        nodes=tuple(machine.name for machine in todo),
        steps=tuple(_steps(situation, todo, choices)),
        warnings=(*_left_out(asked, todo, choices.to), *warnings(situation, todo, choices.to)),
        override=_override(situation) if choices.to == "e1000e" else None,
    )


def _narrowed(situation: Situation) -> Situation:
    """With the nodes at which the diagnosis sees what this cures; as it is where it sees it nowhere.

    A node that does no harm need not be switched off, the only control-plane node least of all.
    """
    shown = [slug for slug in RUNBOOK.cures if situation.probability(slug) >= SUPPORTED]
    return dataclasses.replace(situation, nodes=situation.places(*shown))


def _left_out(asked: Situation, todo: Sequence[Machine], to: str) -> Iterator[Text]:
    left = [m.name for m in asked.machines(asked.nodes) if _to_swap(m, to) and m not in todo]
    if left:
        yield say(
            "This is for the nodes at which the diagnosis sees the cause. Others have the same adapter: {nodes}. Name "
            "all that you want done with on.",
            nodes=names(left),
        )


def _to_swap(machine: Machine, to: str) -> bool:
    adapter = adapter_of(machine)
    return adapter is not None and adapter.vmxnet3 == (to == "e1000e")


def _steps(situation: Situation, todo: Sequence[Machine], choices: Choices) -> Iterator[Step]:
    # Ways are judged only where both ends are done, or never needed it.
    done = [m.name for m in situation.inventory.machines if not _to_swap(m, choices.to) and m.adapters]
    for number, machine in enumerate(todo):
        if number:
            yield Step(
                name=f"ask-{machine.name}",
                title=say("Go on with {node}", node=machine.name),
                hand=Hand.NOBODY,
                asks=True,
            )
        done.append(machine.name)
        yield from node_steps(
            situation,
            machine,
            to=choices.to,
            done=tuple(done),
            soak_s=float(choices.soak_s),
            lose_data=choices.lose_emptydir,
            cut_power=choices.cut_power,
            owned=choices.owned,
            last=number == len(todo) - 1,
        )
    yield from end_steps(situation, todo, to=choices.to, done=tuple(done))


def _override(situation: Situation) -> Text | None:
    if situation.supports(*RUNBOOK.cures):
        return None
    return say(
        "The evidence does not say that the adapter is the cause: e1000e may not help, and VMXNET3 is the faster one."
    )


RUNBOOK = Runbook(
    name="vmxnet3-to-e1000e",
    title="Replace VMXNET3 by e1000e",
    cures=("vmxnet3-tunnel-offload", "vmxnet3-lro", "vxlan-tx-checksum"),
    rank=10,
    plan=_plan,
    choices=Choices,
    checks=("etcd",),
    nodes=True,
)
