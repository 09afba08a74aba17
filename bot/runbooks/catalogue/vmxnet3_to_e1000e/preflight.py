"""Why a node's adapter must not be replaced now, what to know before, and in which order nodes are taken. Pure."""

from collections.abc import Iterator, Sequence

from bot.runbooks.situation import Situation, adapter_of
from checks.inventory import Machine
from checks.text import Text, names, say

NODES = 20
"""Nodes of one plan: at some ten minutes a node, more than a night."""


def order(machines: Sequence[Machine]) -> list[Machine]:
    """Workers first, then control-plane nodes."""
    return sorted(machines, key=lambda machine: machine.control_plane)


def refusals(situation: Situation, todo: Sequence[Machine], to: str, *, api_outage: bool) -> list[Text]:
    """Why it must not be begun."""
    if not todo:
        return [*_unfit(situation, to), *_nothing(situation, to)]
    return [
        *_unfit(situation, to),
        *_short_of_nodes(situation, todo),
        *_quorum(situation, todo, api_outage=api_outage),
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
    """One control-plane node may go as long as the others are a majority of etcd's members."""
    planes = [m for m in situation.inventory.machines if m.control_plane]
    taken = [m.name for m in todo if m.control_plane]
    if not taken or api_outage or len(planes) - 1 >= len(planes) // 2 + 1:
        return
    yield say(
        "While {nodes} is off, etcd has no quorum and the API server does not answer: control-plane nodes in all: "
        "{count}. If that outage is acceptable, say api_outage=true, or leave the node out with on.",
        nodes=names(taken),
        count=len(planes),
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
    yield say(
        "VM templates keep their adapter: a node that is made anew from one comes back with it. Change the template or "
        "the Cluster API or Terraform definition too."
    )
    if sum(machine.control_plane for machine in todo) > 1:
        yield say(
            "Take the node that leads etcd last: `etcdctl endpoint status --cluster` or `talosctl etcd status` tells "
            "which; name the others first with on."
        )
    workers = [m for m in situation.inventory.machines if not m.control_plane]
    if len(workers) == 1 and todo:
        yield say("There is one worker node: what runs there waits until it is back.")
