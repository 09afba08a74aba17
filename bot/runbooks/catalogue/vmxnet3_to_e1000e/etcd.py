"""What is looked for of etcd around a control-plane node that goes down, and how a person looks. Pure."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Step
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import names, say

BEFORE_IT, AFTER_IT = "etcd-before", "etcd-after"
"""The names of the two steps of a person."""
ETCDCTL = (
    "ETCDCTL_API=3 etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/pki/etcd/ca.crt "
    "--cert=/etc/kubernetes/pki/etcd/server.crt --key=/etc/kubernetes/pki/etcd/server.key"
)
"""With the certificates where kubeadm has them."""


def etcd_well(situation: Situation, machine: Machine) -> tuple[Expectation, ...]:
    """All that told something of etcd when the plan was made, and is to tell that it is well; nothing for a worker.

    What could not be asked then is left out: it would hold a plan up for ever. What could be asked then and cannot now
    is not well.
    """
    if not machine.etcd:
        return ()
    return expected.etcd(situation.told("etcd.api-server"), situation.told("etcd.member"))


def look_by_hand(situation: Situation, machine: Machine, name: str) -> Iterator[Step]:
    """A person looks after the members of which netcheck can see nothing; no step where there are none."""
    told = {*situation.told("etcd.api-server"), *situation.told("etcd.member")}
    blind = [m.name for m in situation.inventory.machines if m.etcd and m.name not in told]
    if blind:
        yield Step(
            name=name,
            title=say("See that every member of etcd is healthy"),
            node=machine.name,
            # After it, whoever sees that something is wrong can send the node back.
            unit=machine.name if name == AFTER_IT else "",
            hand=Hand.PERSON,
            why=(
                say("Nothing of etcd is told to netcheck on {nodes}.", nodes=names(blind)),
                say("If one member is not healthy, stop here: without a majority nobody can change the cluster."),
            ),
            forms=(_look(machine),),
        )


def _look(machine: Machine) -> Form:
    if machine.talos:
        target = machine.address or machine.name
        return Form(say("Talos"), (f"talosctl -n {target} etcd members", f"talosctl -n {target} etcd status"))
    return by_hand.shell(
        machine.name, f"{ETCDCTL} endpoint health --cluster", f"{ETCDCTL} endpoint status --cluster -w table"
    )
