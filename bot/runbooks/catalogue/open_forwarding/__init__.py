"""Have a node forward what is for its pods again: the rule, the chain's policy, the kernel's settings."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say

_SETTINGS = ("net.ipv4.ip_forward", "net.ipv4.conf.all.rp_filter", "net.bridge.bridge-nf-call-iptables")


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Have the node forward again"),
        nodes=nodes,
        steps=(*(_open(situation, node) for node in nodes), expected.confirm()),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to forwarding."),
    )


def _open(situation: Situation, node: str) -> Step:
    return Step(
        name="forward",
        title=say("Take away what keeps {node} from forwarding", node=node),
        node=node,
        unit=node,
        hand=Hand.PERSON,
        why=(say("The tunnel's packets arrive, and the node itself does not pass them on to its pods."),),
        forms=tuple(_forms(situation, node)),
        verification=(
            Expectation("node.forwarding", ("pass", "not-used"), (node,)),
            Expectation("node.bridge-filter", ("pass", "not-used"), (node,)),
            Expectation("paths.host-pod", expected.PASS, (node,), if_any=True),
        ),
        undo=Undo(
            title=say("Put the rule or the setting of {node} back", node=node),
            forms=(_put_back(situation, node),),
        ),
        patience_s=15.0,
    )


def _forms(situation: Situation, node: str) -> Iterator[Form]:
    machine = situation.machine(node)
    if machine is not None and machine.talos:
        document = ["machine:", "  sysctls:", '    net.ipv4.ip_forward: "1"']
        yield by_hand.talos(machine, "forwarding", document)
        return
    yield by_hand.shell(
        node,
        "iptables-save > /root/netcheck-before.rules",
        "iptables -S FORWARD; nft list ruleset | grep -nE 'forward|reject|drop'",
        f"sysctl {' '.join(_SETTINGS)}",
    )
    yield Form(
        say("A rule that rejects before the network plugin's (firewalld, OCI images)"),
        (
            "iptables -D FORWARD -j REJECT --reject-with icmp-host-prohibited",
            "systemctl disable --now firewalld",
        ),
    )
    yield Form(
        say("A policy that drops (Docker), or a kernel that does not forward"),
        (
            "iptables -P FORWARD ACCEPT",
            "sysctl -w net.ipv4.ip_forward=1",
            "echo net.ipv4.ip_forward=1 > /etc/sysctl.d/99-netcheck-forwarding.conf",
        ),
    )
    yield Form(
        say("A bridge whose packets iptables does not see"),
        (
            "modprobe br_netfilter && echo br_netfilter > /etc/modules-load.d/netcheck.conf",
            "sysctl -w net.bridge.bridge-nf-call-iptables=1",
            "echo net.bridge.bridge-nf-call-iptables=1 > /etc/sysctl.d/99-netcheck-bridge.conf",
        ),
    )


def _put_back(situation: Situation, node: str) -> Form:
    machine = situation.machine(node)
    if machine is not None and machine.talos:
        return Form(say("Talos"), (f"talosctl -n {machine.address or node} edit machineconfig --mode=no-reboot",))
    return by_hand.shell(node, "iptables-restore < /root/netcheck-before.rules")


RUNBOOK = Runbook(
    name="open-forwarding",
    title="Have the node forward again",
    cures=("forward-reject", "forward-drop", "ip-forward-off", "bridge-filter-off"),
    plan=_plan,
    nodes=True,
)
