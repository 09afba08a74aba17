"""Find out whether IPv6 works between the nodes, and put right what can be put right on a node."""

from collections.abc import Iterator, Sequence

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation, adapter_of
from checks.inventory import Machine
from checks.text import say

_WELL = {
    "ipv6.pod-networks": ("pass", "not-used"),
    "ipv6.dad": ("pass",),
    "ipv6.default-route": ("pass", "not-used", "none"),
    "ipv6.advertisements": ("pass", "not-used"),
    "ipv6.host-reach": ("pass", "not-used"),
    "ipv6.reach": ("pass", "not-used"),
    "ipv6.dns": ("pass", "not-used"),
}


def _plan(situation: Situation) -> Plan:
    bad = {code: _bad_nodes(situation, code) for code in _WELL}
    chosen = [
        m
        for m in situation.machines(situation.nodes)
        if situation.nodes
        or m.name in {*bad["ipv6.dad"], *bad["ipv6.default-route"], *bad["ipv6.advertisements"], *bad["ipv6.reach"]}
    ]
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Verify IPv6"),
        nodes=tuple(machine.name for machine in chosen),
        steps=tuple(_steps(chosen, bad)),
    )


def _bad_nodes(situation: Situation, code: str) -> set[str]:
    return {node for seen in situation.seen(code) if seen.bad for node in seen.place.nodes}


def _steps(machines: Sequence[Machine], bad: dict[str, set[str]]) -> Iterator[Step]:
    for machine in machines:
        if machine.name in bad["ipv6.dad"]:
            yield _duplicate(machine)
        if machine.name in bad["ipv6.default-route"] | bad["ipv6.advertisements"]:
            yield _route(machine)
        if machine.name in bad["ipv6.reach"] - bad["ipv6.host-reach"]:
            yield _tunnel(machine)
    yield Step(
        name="verify",
        title=say("Verify IPv6 on every node, between the nodes and through CoreDNS"),
        hand=Hand.NOBODY,
        verification=tuple(Expectation(code, outcomes, if_any=True) for code, outcomes in _WELL.items()),
        patience_s=20.0,
    )


def _interface(machine: Machine) -> str:
    adapter = adapter_of(machine)
    return adapter.name if adapter else "eth0"


def _duplicate(machine: Machine) -> Step:
    interface = _interface(machine)
    return Step(
        name="duplicate",
        title=say("Find who else has the IPv6 address of {node}", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say("Duplicate address detection failed: another machine on the link answers for an address of this node."),
            say(
                "Cloned machines that keep their machine id, and addresses given by hand twice, are the usual reasons."
            ),
        ),
        forms=(
            by_hand.shell(
                machine.name,
                f"ip -6 address show dev {interface} dadfailed",
                f"ip -6 address show dev {interface} tentative",
                f"ip -6 neigh show dev {interface}",
                f"nohup sh -c 'sysctl -w net.ipv6.conf.{interface}.disable_ipv6=1; sleep 1; "
                f"sysctl -w net.ipv6.conf.{interface}.disable_ipv6=0; networkctl reconfigure {interface}' &",
            ),
        ),
        verification=(Expectation("ipv6.dad", expected.PASS, (machine.name,)),),
        patience_s=10.0,
    )


def _route(machine: Machine) -> Step:
    interface = _interface(machine)
    return Step(
        name="route",
        title=say("Give {node} its IPv6 default route", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say(
                "A node that forwards takes no route from router advertisements unless accept_ra is 2. Without "
                "advertisements, a route has to be given by hand."
            ),
        ),
        forms=(
            by_hand.shell(
                machine.name,
                "ip -6 route show default",
                f"sysctl net.ipv6.conf.{interface}.accept_ra net.ipv6.conf.{interface}.forwarding",
                f"sysctl -w net.ipv6.conf.{interface}.accept_ra=2",
                f"echo 'net.ipv6.conf.{interface}.accept_ra = 2' > /etc/sysctl.d/90-netcheck-accept-ra.conf",
            ),
        ),
        verification=(Expectation("ipv6.default-route", ("pass", "not-used", "none"), (machine.name,)),),
        patience_s=15.0,
    )


def _tunnel(machine: Machine) -> Step:
    return Step(
        name="tunnel",
        title=say("Let IPv6 between pods through on {node}", node=machine.name),
        node=machine.name,
        hand=Hand.PERSON,
        why=(
            say("The nodes reach each other over IPv6 and their pods do not: the tunnel, forwarding or a filter."),
            say("A rule that was made for IPv4 alone is the usual reason."),
        ),
        forms=(
            by_hand.shell(
                machine.name,
                "ip -d -6 link show type vxlan",
                "ip -6 route",
                "sysctl net.ipv6.conf.all.forwarding",
                "nft list ruleset | grep -n -e drop -e reject",
            ),
        ),
        verification=(Expectation("ipv6.host-reach", ("pass", "not-used"), (machine.name,)),),
        patience_s=15.0,
    )


RUNBOOK = Runbook(
    name="verify-ipv6",
    title="Verify IPv6",
    cures=("ipv6-dad", "ipv6-routing", "ipv6-tunnel", "ipv6-advertisements"),
    plan=_plan,
    nodes=True,
)
