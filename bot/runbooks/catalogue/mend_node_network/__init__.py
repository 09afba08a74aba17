"""Mend a node's own network: an adapter that hangs, an address that is there twice, a strict filter, a way out."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import Text, say

_WHY: dict[str, tuple[Text, ...]] = {
    "transmit-timeout": (
        say(
            "An adapter that hangs under load is the driver's or the host's: note the kernel, the driver and the build."
        ),
    ),
    "address-conflict": (
        say("Two MAC addresses for one address are two holders. Change the one that is not the node."),
    ),
    "reverse-path-filter": (
        say("With rp_filter 1 a packet is dropped when its answer would leave by another adapter; 2 lets it pass."),
    ),
    "node-egress": (
        say(
            "What pods send out of the cluster passes the node's FORWARD chain, takes the node's address on its way, "
            "and goes to the node's gateway: one of the three is not as on the other nodes."
        ),
    ),
}


def _plan(situation: Situation) -> Plan:
    machines = situation.machines(situation.nodes or situation.places(*RUNBOOK.cures))
    likely = [slug for slug in RUNBOOK.cures if situation.probability(slug) > 0] or list(RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Mend a node's own network"),
        nodes=tuple(machine.name for machine in machines),
        steps=(*(_mend(machine, likely) for machine in machines), expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not point to a node's own adapter, addresses, filter or way out."),
    )


def _mend(machine: Machine, likely: list[str]) -> Step:
    return Step(
        name="mend",
        title=say("Look at the adapters, the addresses and the filter of {node}", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=tuple(why for slug in likely for why in _WHY[slug]),
        forms=tuple(_forms(machine, likely)),
    )


def _forms(machine: Machine, likely: list[str]) -> Iterator[Form]:
    if machine.talos:
        node = machine.address or machine.name
        yield Form(say("Talos, for {node}", node=machine.name), (f"talosctl -n {node} dmesg | tail -50",))
        return
    adapters = [adapter.name for adapter in machine.adapters]
    lines = ["dmesg -T | tail -50"]
    if "transmit-timeout" in likely:
        lines += [f"ethtool -i {name}; ethtool -S {name} | grep -iE 'hang|timeout|reset'" for name in adapters]
    if "address-conflict" in likely:
        lines += [f"arping -D -c 3 -I {name} {machine.address}" for name in adapters if machine.address]
    if "reverse-path-filter" in likely:
        lines += ["sysctl -a 2>&1 | grep '\\.rp_filter'", "ip rule; ip route show table all | head -40"]
    if "node-egress" in likely:
        lines += ["nft list ruleset | head -200", "iptables -S FORWARD; iptables -t nat -S POSTROUTING"]
        lines += ["ip route show default; ip neighbour show"]
    yield by_hand.shell(machine.name, *lines)


RUNBOOK = Runbook(
    name="mend-node-network",
    title="Mend a node's own network",
    cures=("transmit-timeout", "address-conflict", "reverse-path-filter", "node-egress"),
    plan=_plan,
    nodes=True,
)
