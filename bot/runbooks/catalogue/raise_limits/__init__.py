"""Give a node's kernel room for more connections and more neighbours."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say

CONNECTIONS = 1_048_576
"""Entries: some 300 MiB of kernel memory when all are used."""
NEIGHBOURS = 16_384
_DROP_IN = "/etc/sysctl.d/90-netcheck-limits.conf"


def _plan(situation: Situation) -> Plan:
    machines = situation.machines(situation.nodes or situation.places(*RUNBOOK.cures))
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Give the kernel room for more connections and neighbours"),
        nodes=tuple(machine.name for machine in machines),
        steps=(*map(_raise, machines), expected.confirm()),
        warnings=(say("kube-proxy sets nf_conntrack_max itself when it starts: give it the same limit."),),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not say that a table is full."),
    )


def _raise(machine: Machine) -> Step:
    return Step(
        name="raise",
        title=say("See how full the tables of {node} are, and raise the limits", node=machine.name),
        node=machine.name,
        unit=f"limits-{machine.name}",
        hand=Hand.PERSON,
        why=(
            say("The first lines show what is used and what may be. Where there is room on a node, leave it alone."),
            say("A table that fills again has a reason: look for who opens so many connections."),
        ),
        forms=_forms(machine),
        verification=(
            Expectation("node.conntrack", ("pass", "races", "not-used"), (machine.name,)),
            Expectation("node.neighbours", expected.PASS, (machine.name,), if_any=True),
        ),
        undo=Undo(title=say("Take the limits back"), forms=_back(machine)),
    )


def _forms(machine: Machine) -> tuple[Form, ...]:
    if machine.talos:
        document = [
            "machine:",
            "  sysctls:",
            f'    net.netfilter.nf_conntrack_max: "{CONNECTIONS}"',
            f'    net.ipv4.neigh.default.gc_thresh3: "{NEIGHBOURS}"',
        ]
        return (by_hand.talos(machine, "limits", document),)
    look = "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max net.ipv4.neigh.default.gc_thresh3"
    limits = (
        f"net.netfilter.nf_conntrack_max = {CONNECTIONS}",
        f"net.ipv4.neigh.default.gc_thresh2 = {NEIGHBOURS // 2}",
        f"net.ipv4.neigh.default.gc_thresh3 = {NEIGHBOURS}",
    )
    lines = (look, "ip neigh | wc -l", f"cat > {_DROP_IN} <<'EOF'", *limits, "EOF", "sysctl --system")
    return (by_hand.shell(machine.name, *lines),)


def _back(machine: Machine) -> tuple[Form, ...]:
    if machine.talos:
        return (Form(say("Talos"), (f"talosctl -n {machine.address or machine.name} edit machineconfig",)),)
    return (by_hand.shell(machine.name, f"rm -f {_DROP_IN}", "sysctl --system"),)


RUNBOOK = Runbook(
    name="raise-limits",
    title="Give the kernel room for more connections and neighbours",
    cures=("conntrack-full", "neighbour-table"),
    plan=_plan,
    nodes=True,
)
