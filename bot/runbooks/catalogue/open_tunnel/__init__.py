"""Let the tunnel's UDP port through the nodes' firewalls."""

from collections.abc import Iterator, Sequence

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say

PORTS = (4789, 8472, 6081)
"""VXLAN's own port (IANA), the one that Linux had first, which Flannel and Cilium use by default, and that of Geneve
(RFC 8926), which OVN-Kubernetes, Antrea and Kube-OVN use."""


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Open the tunnel's port"),
        nodes=nodes,
        steps=(*(_open(situation, machine, nodes) for machine in situation.machines(nodes)), expected.confirm()),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to a firewall."),
    )


def _open(situation: Situation, machine: Machine, nodes: Sequence[str]) -> Step:
    """The tunnel of a node is open when the packets of those that are not to be opened after it arrive."""
    later = nodes[nodes.index(machine.name) + 1 :] if machine.name in nodes else ()
    ends = tuple(m.name for m in situation.inventory.machines if m.name not in later)
    return Step(
        name="open",
        title=say("Allow the tunnel's datagrams on {node}", node=machine.name),
        node=machine.name,
        unit=machine.name,
        hand=Hand.PERSON,
        why=(say("They arrive at the node, and the node itself drops them."),),
        forms=tuple(_forms(situation, machine)),
        verification=(Expectation("paths.tunnel-arrivals", expected.PASS, ends, if_any=True),),
        undo=Undo(
            title=say("Remove the rule that was added on {node}", node=machine.name),
            forms=(
                by_hand.shell(
                    machine.name,
                    *(f"ufw delete allow proto udp to any port {port}" for port in PORTS),
                ),
            ),
        ),
        patience_s=15.0,
    )


def _forms(situation: Situation, machine: Machine) -> Iterator[Form]:
    if machine.talos:
        peers = [m.address for m in situation.inventory.machines if m.address]
        document = ["apiVersion: v1alpha1", "kind: NetworkRuleConfig", "name: netcheck-tunnel", "portSelector:"]
        document += [f"  ports: [{', '.join(map(str, PORTS))}]", "  protocol: udp", "ingress:"]
        document += [f"  - subnet: {peer}/{128 if ':' in peer else 32}" for peer in peers]
        yield by_hand.talos(machine, "tunnel", document)
        return
    yield by_hand.shell(
        machine.name, "nft list ruleset | grep -nE 'drop|reject'", "iptables-save | grep -nE 'DROP|REJECT'"
    )
    yield Form(say("ufw"), tuple(f"ufw allow proto udp to any port {port}" for port in PORTS))
    yield Form(
        say("firewalld"),
        (*(f"firewall-cmd --permanent --add-port={port}/udp" for port in PORTS), "firewall-cmd --reload"),
    )


RUNBOOK = Runbook(
    name="open-tunnel",
    title="Open the tunnel's port",
    cures=("firewall-vxlan",),
    plan=_plan,
    nodes=True,
)
