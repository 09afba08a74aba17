"""Why a node's adapter must not be replaced now, what to know before, and in which order nodes are taken. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.runbooks.situation import Situation, adapter_of
from checks.inventory import Machine
from checks.text import Text, names, say

NODES = 20
"""Nodes of one plan: at some ten minutes a node, more than a night."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person has said may happen."""

    api_outage: bool = False
    """The API server is away while a node is off."""
    owned: bool = False
    """What owns a VM may undo what is done to it."""


def order(machines: Sequence[Machine], leader: str) -> list[Machine]:
    """Workers first, then control-plane nodes; the one whose member leads etcd last, so that it leads on meanwhile."""
    return sorted(machines, key=lambda machine: (machine.control_plane or machine.etcd, machine.name == leader))


def refusals(situation: Situation, todo: Sequence[Machine], to: str, consent: Consent) -> list[Text]:
    """Why it must not be begun."""
    if not todo:
        return [*_unfit(situation, to), *_nothing(situation, to)]
    return [
        *_unfit(situation, to),
        *_short_of_nodes(situation, todo),
        *_quorum(situation, todo, api_outage=consent.api_outage),
        *_etcd(situation, todo),
        *([] if consent.owned else _owned(todo)),
        *_many(todo),
    ]


def _nothing(situation: Situation, to: str) -> Iterator[Text]:
    where = names(situation.nodes) if situation.nodes else say("any node")
    kind = "VMXNET3" if to == "e1000e" else "e1000e"
    yield say("No {kind} adapter to replace was seen on {where}.", kind=kind, where=where)


def _unfit(situation: Situation, to: str) -> Iterator[Text]:
    """Nodes that were named, or that have the adapter, and that cannot be done."""
    for machine in situation.machines(situation.nodes):
        if not machine.adapters and situation.nodes:
            yield say("{node}: its adapter could not be seen, because no agent on it answers.", node=machine.name)
        if len(machine.adapters) > 1 and any(adapter.vmxnet3 == (to == "e1000e") for adapter in machine.adapters):
            adapters = names([adapter.name for adapter in machine.adapters])
            yield say(
                "{node} has several adapters below one another ({adapters}): choosing among them is not supported.",
                node=machine.name,
                adapters=adapters,
            )
        adapter = adapter_of(machine)
        if adapter and adapter.vmxnet3 == (to == "e1000e") and not adapter.mac:
            yield say("{node}: the MAC address of {name} is not known.", node=machine.name, name=adapter.name)


def _short_of_nodes(situation: Situation, todo: Sequence[Machine]) -> Iterator[Text]:
    """A disruption budget may only give way when every other node can take pods."""
    not_ready = [m.name for m in situation.inventory.machines if not m.ready]
    if not_ready:
        yield say("The cluster is short of nodes: {nodes} not ready. Bring them back first.", nodes=names(not_ready))
    cordoned = [m.name for m in situation.inventory.machines if m.cordoned]
    if cordoned:
        yield say(
            "Cordoned already: {nodes}. Somebody else may be at work there; uncordon them first.", nodes=names(cordoned)
        )
    if len(situation.inventory.machines) == 1 and todo:
        yield say("The cluster has this one node: nothing can take what runs on it, netcheck included.")


def _quorum(situation: Situation, todo: Sequence[Machine], *, api_outage: bool) -> Iterator[Text]:
    """One of etcd's members may go as long as the others are a majority of all; so may one API server of several."""
    if api_outage:
        return
    members = [m for m in situation.inventory.machines if m.etcd]
    taken = [m.name for m in todo if m.etcd]
    planes = [m for m in situation.inventory.machines if m.control_plane]
    if taken and len(members) - 1 < len(members) // 2 + 1:
        yield say(
            "While {nodes} is off, etcd has no quorum and the API server does not answer: control-plane nodes in all: "
            "{count}. If that outage is acceptable, say api_outage=true, or leave the node out with on.",
            nodes=names(taken),
            count=len(members),
        )
    elif len(planes) == 1 and planes[0] in todo:
        yield say(
            "While {node} is off, the API server does not answer: it is the only control-plane node. If that outage is "
            "acceptable, say api_outage=true, or leave the node out with on.",
            node=planes[0].name,
        )


def _etcd(situation: Situation, todo: Sequence[Machine]) -> Iterator[Text]:
    """With one member unwell, taking another down may cost the majority. What was not seen is not held against it."""
    if not any(machine.etcd for machine in todo):
        return
    for code in ("etcd.api-server", "etcd.member"):
        bad = [str(seen.place) for seen in situation.seen(code) if seen.bad]
        if bad:
            yield say(
                "etcd is not well ({code} at {nodes}): bring that right before a control-plane node is taken down.",
                code=code,
                nodes=names(bad),
            )


def _owned(todo: Sequence[Machine]) -> Iterator[Text]:
    """What is exchanged behind the back of what made a VM comes back with the next one that it makes."""
    for machine in todo:
        if machine.owner:
            yield say(
                "{node}: {owner} To exchange it here all the same, say owned=true.",
                node=machine.name,
                owner=machine.owner.text,
            )


def _many(todo: Sequence[Machine]) -> Iterator[Text]:
    if len(todo) > NODES:
        yield say("That are {count} nodes; {most} are planned at once. Name them with on.", count=len(todo), most=NODES)


def warnings(situation: Situation, todo: Sequence[Machine], to: str) -> Iterator[Text]:
    """What to know before it is begun."""
    if to == "e1000e":
        yield say(
            "VMXNET3 is the faster adapter. Switching its tunnel offload off (offload-off) restarts nothing and cures "
            "the same fault."
        )
    yield from templates(todo)
    members = [machine.name for machine in todo if machine.etcd]
    if len(members) > 1 and not situation.etcd_leader:
        yield say(
            "Take the node that leads etcd last: `etcdctl endpoint status --cluster` or `talosctl etcd status` tells "
            "which; name the others first with on."
        )
    elif len(members) > 1 and situation.etcd_leader in members:
        yield say("The member of etcd on {node} leads, so this node is taken last.", node=situation.etcd_leader)
    workers = [m for m in situation.inventory.machines if not m.control_plane]
    if len(workers) == 1 and todo:
        yield say("There is one worker node: what runs there waits until it is back.")


def templates(todo: Sequence[Machine]) -> Iterator[Text]:
    """Where these machines come from, and that whatever makes them anew makes them as they were."""
    for machine in todo:
        if machine.owner:
            yield say("{node}: {owner}", node=machine.name, owner=machine.owner.text)
    others = [machine.name for machine in todo if not machine.owner]
    if others:
        yield say(
            "VM templates keep their adapter: a node that is made anew from one comes back with it. Change the "
            "template or the Terraform definition too. What made {nodes} cannot be told from here.",
            nodes=names(others),
        )
