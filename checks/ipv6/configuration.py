"""Judge the IPv6 addresses and routes that nodes tell of themselves. Pure."""

from collections.abc import Iterator, Mapping

from checks.code import HARDLY_EVER, Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.ipv6.model import Address, Data, Parameters
from checks.observation import Network
from checks.place import Node
from checks.text import Text, listed, names, say, say_many, shortened

DAD = Code(
    name="ipv6.dad",
    meaning="No node's address failed duplicate address detection",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "none did"),
        Outcome("tentative", Severity.DEGRADED, "the detection of an address does not end"),
        Outcome("duplicate", Severity.FAILED, "somebody else has an address of the node"),
    ),
    leak=HARDLY_EVER,
)
DEFAULT_ROUTE = Code(
    name="ipv6.default-route",
    meaning="Every node has an IPv6 default route, where the cluster uses IPv6",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "it has one"),
        Outcome("not-used", Severity.OK, "the cluster has no IPv6"),
        Outcome("none", Severity.ADVICE, "no node has one"),
        Outcome("missing", Severity.DEGRADED, "it has none, and not all nodes are like it"),
    ),
    role=Role.RISK,
)


def judge_dad(gathered: Gathered[Parameters, Data]) -> Finding:
    """Addresses that the kernel does not use, because somebody else has them or it does not know yet."""
    hosts, silent, coverage = _hosts(gathered), _silent(gathered), gathered.unheard(Network.HOST)
    if not hosts:
        text = say("No node's IPv6 addresses could be looked at.")
        return DAD.unseen(text, coverage, [s.place for s in silent])
    found = [(node, address, word) for node, data in hosts.items() for address, word in _unusable(data)]
    bad = {(node, word) for node, _, word in found}
    seen = [
        Seen(Node(node), next((word for word in ("duplicate", "tentative") if (node, word) in bad), "pass"))
        for node in hosts
    ]
    duplicate = [s.place for s in seen if s.outcome == "duplicate"]
    tentative = [s.place for s in seen if s.outcome == "tentative"]
    text = say_many(
        "The {count} IPv6 address is no duplicate.",
        "None of {count} IPv6 addresses is a duplicate.",
        sum(len(data.addresses) for data in hosts.values()),
    )
    if duplicate:
        text = say("Duplicate IPv6 addresses on {nodes}: the kernel does not use them.", nodes=listed(duplicate))
    elif tentative:
        text = say("IPv6 addresses on {nodes} stay tentative: the kernel does not use them.", nodes=listed(tentative))
    lines = shortened(
        say("{node}: {interface} {address} {word}", node=node, interface=a.interface, address=a.address, word=word)
        for node, a, word in found
    )
    return DAD.found(text, [*seen, *silent], evidence=[*lines, *coverage])


def _unusable(data: Data) -> Iterator[tuple[Address, str]]:
    """Duplicate and tentative addresses; not the tentative link-local ones of pods' interfaces, which come and go."""
    for address in data.addresses:
        if address.duplicate:
            yield address, "duplicate"
        elif address.tentative and not address.address.startswith("fe80:"):
            yield address, "tentative"


def judge_default_route(gathered: Gathered[Parameters, Data]) -> Finding:
    """Missing on some nodes is a fault; missing on all is how a closed network is made."""
    hosts, silent, coverage = _hosts(gathered), _silent(gathered), gathered.unheard(Network.HOST)
    if not hosts:
        text = say("No node's IPv6 routes could be looked at.")
        return DEFAULT_ROUTE.unseen(text, coverage, [s.place for s in silent])
    without = [Node(node) for node, data in hosts.items() if not data.default_routes]
    evidence = [*shortened(line for node, data in hosts.items() for line in _routing(node, data)), *coverage]
    lacking, text = "missing", say("Every node has an IPv6 default route.")
    if without and len(without) < len(hosts):
        text = say_many(
            "{nodes} has no IPv6 default route, although others do.",
            "{nodes} have no IPv6 default route, although others do.",
            len(without),
            nodes=listed(without),
        )
    elif without and hosts.keys() >= {node.name for node in gathered.snapshot.nodes}:
        lacking = "none"
        text = say("No node has an IPv6 default route: nothing outside the nodes' own network is reached over IPv6.")
    elif without:
        text = say_many(
            "{nodes} has no IPv6 default route; other nodes were not seen.",
            "{nodes} have no IPv6 default route; other nodes were not seen.",
            len(without),
            nodes=listed(without),
        )
    seen = [Seen(Node(node), "pass" if data.default_routes else lacking) for node, data in hosts.items()]
    return DEFAULT_ROUTE.found(text, [*seen, *silent], evidence=evidence)


def _routing(node: str, data: Data) -> Iterator[Text]:
    """What a node told about its default routes, and why it may have none."""
    if data.default_routes:
        yield say("{node}: default route through {interfaces}", node=node, interfaces=names(data.default_routes))
    else:
        yield say("{node}: no default route", node=node)
        if data.ignores_advertisements:
            yield say(
                "{node}: ignores router advertisements on {interfaces}, which forward while accept_ra is 1 and not 2",
                node=node,
                interfaces=names(data.ignores_advertisements),
            )
    if data.disabled:
        yield say("{node}: IPv6 is switched off on {interfaces}", node=node, interfaces=names(data.disabled))


def _hosts(gathered: Gathered[Parameters, Data]) -> Mapping[str, Data]:
    return {heard.node: heard.data for heard in sorted(gathered.on(Network.HOST), key=lambda heard: heard.node)}


def _silent(gathered: Gathered[Parameters, Data]) -> list[Seen]:
    """The nodes that were asked for their configuration and did not answer."""
    nodes = {o.node for o in gathered.silent if o.network is Network.HOST and o.node}
    return [Seen(Node(node), UNSEEN) for node in sorted(nodes.difference(_hosts(gathered)))]
