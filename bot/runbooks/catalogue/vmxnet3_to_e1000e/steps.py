"""The steps of one node, from the cordon to the end of its soak. Pure."""

from collections.abc import Iterator

import msgspec

from bot.runbooks import by_hand, expected, vsphere
from bot.runbooks.catalogue.vmxnet3_to_e1000e.etcd import AFTER_IT, BEFORE_IT, ETCDCTL, etcd_well, look_by_hand
from bot.runbooks.measured import AFTER, BEFORE
from bot.runbooks.model import Approval, Expectation, Form, Hand, Step, Undo
from bot.runbooks.operations import Cordon, Drain, ExchangeAdapter, Uncordon
from bot.runbooks.situation import Situation, adapter_of
from checks.inventory import Adapter, Machine
from checks.text import say

SETTLED_S = 30.0
"""Agents of a node that has just booted need some seconds to be heard of."""


def node_steps(
    situation: Situation,
    machine: Machine,
    *,
    to: str,
    done: tuple[str, ...],
    soak_s: float,
    lose_data: bool,
    cut_power: bool,
    owned: bool,
    last: bool,
) -> Iterator[Step]:
    """Everything that is done to one node; `done` are the nodes with the new adapter then, this one included."""
    adapter = adapter_of(machine)
    if adapter is None:
        raise ValueError(f"{machine.name} has no adapter to replace")
    peer = _peer(situation, machine)
    if peer:
        yield _measure(machine, peer, BEFORE)
    if machine.etcd:
        yield _backup(machine)
        yield from look_by_hand(situation, machine, BEFORE_IT)
    yield _cordon(situation, machine)
    yield _drain(situation, machine, lose_data=lose_data)
    yield _exchange(situation, machine, adapter, to, cut_power=cut_power, owned=owned)
    yield _verify(situation, machine, adapter, to, done)
    if machine.etcd:
        yield from look_by_hand(situation, machine, AFTER_IT)
    if peer:
        yield _measure(machine, peer, AFTER)
    yield _uncordon(situation, machine)
    yield _soak(situation, machine, done, soak_s, last=last)


def _peer(situation: Situation, machine: Machine) -> str:
    """To which node is sent to see what an adapter carries; a worker if there is one."""
    others = sorted(situation.inventory.machines, key=lambda m: (m.control_plane, m.name))
    return next((m.name for m in others if m.name != machine.name and m.ready), "")


def _measure(machine: Machine, peer: str, when: str) -> Step:
    title = say("Measure what {node} carries, before", node=machine.name)
    if when == AFTER:
        title = say("Measure what {node} carries, after", node=machine.name)
    return Step(
        name=when,
        title=title,
        node=machine.name,
        hand=Hand.NOBODY,
        why=(say("Two streams of a second to {peer}, as fast as they go, outside the tunnel.", peer=peer),),
        # Whatever it measures, it stops nobody.
        verification=(Expectation("throughput.rate", ("pass", "stalled"), if_any=True),),
        parameters={
            "throughput": {
                "source": machine.name,
                "target": peer,
                "network": "host",
                "seconds": 1.0,
                "tries": 2,
                "rate_mbit": 0,
            }
        },
        keeps=True,
    )


def _backup(machine: Machine) -> Step:
    target = machine.address or machine.name
    forms = (
        by_hand.shell(
            machine.name,
            f"{ETCDCTL} snapshot save /root/etcd-before-{machine.name}.db",
        ),
    )
    if machine.talos:
        forms = (
            Form(
                say("Talos"),
                (
                    f"talosctl -n {target} etcd snapshot etcd-before-{machine.name}.db",
                    f"talosctl -n {target} get machineconfig -o yaml > machineconfig-{machine.name}.yaml",
                ),
            ),
        )
    return Step(
        name="backup",
        title=say("Back etcd up"),
        node=machine.name,
        hand=Hand.PERSON,
        why=(say("Not a VM snapshot: reverting an etcd member to one is unsafe."),),
        forms=forms,
    )


def _step(situation: Situation, step: Step, *verbs: str) -> Step:
    """The step as the operator does it, or as a person does where no operator can."""
    if situation.can(*verbs):
        return step
    undo = msgspec.structs.replace(step.undo, operation=None) if step.undo else None
    return msgspec.structs.replace(step, hand=Hand.PERSON, operation=None, approval=Approval.NONE, undo=undo)


def _cordon(situation: Situation, machine: Machine) -> Step:
    step = Step(
        name="cordon",
        title=say("Cordon {node}", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.OPERATOR,
        precondition=(expected.ready(machine.name), *etcd_well(situation, machine)),
        forms=(by_hand.kubectl(f"cordon {machine.name}"),),
        operation=Cordon(node=machine.name),
        verification=(expected.cordoned(machine.name),),
        undo=_reopen(machine),
        approval=Approval.ONE,
        patience_s=10.0,
    )
    return _step(situation, step, "cordon", "uncordon")


def _reopen(machine: Machine) -> Undo:
    return Undo(
        title=say("Uncordon {node}", node=machine.name),
        forms=(by_hand.kubectl(f"uncordon {machine.name}"),),
        operation=Uncordon(node=machine.name),
        verification=(expected.schedulable(machine.name),),
    )


def _drain(situation: Situation, machine: Machine, *, lose_data: bool) -> Step:
    data = " --delete-emptydir-data" if lose_data else ""
    step = Step(
        name="drain",
        title=say("Drain {node}", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.OPERATOR,
        why=(
            say(
                "By the eviction API, which honours disruption budgets. A budget that does not give way stops the "
                "step, and is shown; nothing is forced."
            ),
        ),
        forms=(by_hand.kubectl(f"drain {machine.name} --ignore-daemonsets{data} --timeout=10m"),),
        operation=Drain(node=machine.name, lose_data=lose_data),
        verification=(expected.cordoned(machine.name),),
        approval=Approval.ONE,
    )
    return _step(situation, step, "drain")


def _exchange(
    situation: Situation, machine: Machine, adapter: Adapter, to: str, *, cut_power: bool, owned: bool
) -> Step:
    """The VM's part, as one step: what is half done can be verified by nobody."""
    was = "vmxnet3" if to == "e1000e" else "e1000e"

    def operation(kind: str) -> ExchangeAdapter:
        return ExchangeAdapter(node=machine.name, mac=adapter.mac, to=kind, cut_power=cut_power, owned=owned)

    step = Step(
        name="exchange",
        title=say("Shut {node} down, replace its adapter by {to}, power it on", node=machine.name, to=to),
        node=machine.name,
        unit=machine.name,
        hand=Hand.OPERATOR,
        why=(
            say("Keep the MAC address {mac} and the network.", mac=adapter.mac),
            say("vSphere cannot change the type of an adapter: it is removed and added, with the VM powered off."),
        ),
        # Draining takes its time: what was well before it may not be any more.
        precondition=etcd_well(situation, machine),
        forms=vsphere.exchange(machine, adapter, to),
        operation=operation(to),
        verification=(_changed(machine, adapter, to), expected.ready(machine.name)),
        undo=Undo(
            title=say("Put the {was} adapter of {node} back in the same way", node=machine.name, was=was),
            forms=vsphere.exchange(machine, adapter, was),
            operation=operation(was),
            verification=(_changed(machine, adapter, was), expected.ready(machine.name)),
        ),
        approval=Approval.SECOND,
        patience_s=SETTLED_S,
    )
    return _step(situation, step, "exchange-adapter")


def _changed(machine: Machine, adapter: Adapter, to: str) -> Expectation:
    return Expectation("nic.adapter", (to,), (machine.name,), mac=adapter.mac, address=machine.address)


def _verify(situation: Situation, machine: Machine, adapter: Adapter, to: str, done: tuple[str, ...]) -> Step:
    all_planes = all(m.name in done for m in situation.inventory.machines if m.control_plane)
    return Step(
        name="verify",
        title=say("Verify {node}", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.NOBODY,
        why=(
            say("Only ways between nodes that are done are judged: {nodes}.", nodes=list(done)),
            *([say("If etcd is not well now, nothing else is taken down before it is.")] if machine.etcd else []),
        ),
        verification=(
            expected.ready(machine.name),
            _changed(machine, adapter, to),
            Expectation("nic.errors", expected.PASS, (machine.name,)),
            *etcd_well(situation, machine),
            Expectation("paths.same-node", expected.PASS, (machine.name,), if_any=True),
            *expected.paths_between(done),
            Expectation("paths.host-pod", expected.PASS, done, if_any=True),
            *_dns(done),
            *expected.webhook_between(done, dry_run=all_planes),
        ),
        patience_s=120.0,
    )


def _dns(done: tuple[str, ...]) -> Iterator[Expectation]:
    """CoreDNS between these nodes, 20 answers of 20: its replicas may stand elsewhere meanwhile."""
    for code in ("dns.replica-local", "dns.replica-remote", "dns.path-loss"):
        yield Expectation(code, expected.PASS, done, if_any=True)


def _uncordon(situation: Situation, machine: Machine) -> Step:
    step = Step(
        name="uncordon",
        title=say("Uncordon {node}", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.OPERATOR,
        forms=(by_hand.kubectl(f"uncordon {machine.name}"),),
        operation=Uncordon(node=machine.name),
        verification=(expected.schedulable(machine.name),),
        undo=Undo(
            title=say("Cordon and drain {node} again", node=machine.name),
            forms=(
                by_hand.kubectl(f"cordon {machine.name}", f"drain {machine.name} --ignore-daemonsets --timeout=10m"),
            ),
            operation=Cordon(node=machine.name),
            verification=(expected.cordoned(machine.name),),
        ),
        approval=Approval.ONE,
        patience_s=10.0,
    )
    return _step(situation, step, "cordon", "uncordon")


def _soak(situation: Situation, machine: Machine, done: tuple[str, ...], soak_s: float, *, last: bool) -> Step:
    """Resets and hangs of e1000e show under load only, so the node is watched before the next one is touched."""
    everywhere = (*expected.all_paths(), *expected.dns()) if last else ()
    return Step(
        name="soak",
        title=say("Watch {node} for a while", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.NOBODY,
        verification=(
            expected.ready(machine.name),
            Expectation("nic.errors", expected.PASS, (machine.name,)),
            *etcd_well(situation, machine),
            *expected.paths_between(done),
            *everywhere,
        ),
        wait_s=soak_s,
        patience_s=60.0,
    )
