"""Have a node write its routes, neighbours and tunnel entries anew: what is for other nodes' pods goes astray."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Have the node write its overlay anew"),
        nodes=nodes,
        steps=(*(_mend(situation, node) for node in nodes), expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not point to a node's own overlay entries."),
    )


def _mend(situation: Situation, node: str) -> Step:
    return Step(
        name="mend",
        title=say("Let the network plugin of {node} write its entries anew", node=node),
        node=node,
        unit=node,
        hand=Hand.PERSON,
        why=(
            say("The plugin writes routes, neighbours and tunnel entries when it starts and when a Node changes."),
            say("What takes them away meanwhile does so again: NetworkManager, systemd-networkd, a script, a person."),
        ),
        forms=tuple(_forms(situation, node)),
        verification=(Expectation("node.overlay", ("pass", "not-used"), (node,)),),
        patience_s=60.0,
    )


def _forms(situation: Situation, node: str) -> Iterator[Form]:
    chosen = f"--field-selector spec.nodeName={node}"
    yield by_hand.kubectl(
        f"get pods -A -l app=flannel -o wide {chosen}",
        f"-n kube-flannel delete pod -l app=flannel {chosen}",
    )
    machine = situation.machine(node)
    if machine is not None and machine.talos:
        at = machine.address or node
        yield Form(say("Talos"), (f"talosctl -n {at} get routes,links", f"talosctl -n {at} get addresses"))
        return
    yield by_hand.shell(
        node,
        "ip -d link show type vxlan; ip route; ip neigh show dev flannel.1; bridge fdb show dev flannel.1",
        "systemctl restart k3s-agent || systemctl restart k3s",
    )
    yield Form(
        say("A tunnel device whose MAC was changed by udev (systemd 242 or newer)"),
        (
            "cat > /etc/systemd/network/50-flannel.link <<'EOF'",
            "[Match]",
            "OriginalName=flannel*",
            "[Link]",
            "MACAddressPolicy=none",
            "EOF",
            "ip link delete flannel.1",
        ),
    )


RUNBOOK = Runbook(
    name="mend-overlay",
    title="Have the node write its overlay anew",
    cures=("overlay-state",),
    plan=_plan,
    nodes=True,
)
