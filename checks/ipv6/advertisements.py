"""Judge whether nodes that forward still take what routers advertise to them. Pure.

Linux takes router advertisements on an interface that forwards only where `accept_ra` is 2 (ip-sysctl), and deletes the
default routes that it has learned when forwarding is switched on. The addresses stay until their own lifetime ends, and
so tell that there is a router (cilium/cilium #21819).
"""

from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.ipv6.model import Data, Parameters
from checks.observation import Network
from checks.place import Node
from checks.text import Text, listed, names, say, say_many, shortened

ADVERTISEMENTS = Code(
    name="ipv6.advertisements",
    meaning="Nodes that forward take the default route that routers advertise to them",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "they do, or have no address from a router"),
        Outcome("not-used", Severity.OK, "the cluster has no IPv6"),
        Outcome("ends", Severity.DEGRADED, "it still has the route, and ignores what would renew it"),
        Outcome("ignored", Severity.FAILED, "it has an address from a router, and no default route"),
    ),
    leak=HARDLY_EVER,
)


def judge_advertisements(gathered: Gathered[Parameters, Data]) -> Finding:
    """By addresses with a lifetime on interfaces that forward with `accept_ra` 1."""
    hosts = {h.node: h.data for h in sorted(gathered.on(Network.HOST), key=lambda h: h.node)}
    coverage = gathered.unheard(Network.HOST)
    nodes = {o.node for o in gathered.silent if o.network is Network.HOST and o.node}
    silent = [Seen(Node(node), UNSEEN) for node in sorted(nodes.difference(hosts))]
    if not hosts:
        text = say("No node's IPv6 settings could be looked at.")
        return ADVERTISEMENTS.unseen(text, coverage, [s.place for s in silent])
    seen = [Seen(Node(node), _outcome(data)) for node, data in hosts.items()]
    ignored = [s.place for s in seen if s.outcome == "ignored"]
    ends = [s.place for s in seen if s.outcome == "ends"]
    text = say("No node that forwards ignores a router that it needs.")
    if ignored:
        text = say_many(
            "{nodes} has no IPv6 default route: it forwards, and so ignores its router (accept_ra is 1, not 2).",
            "{nodes} have no IPv6 default route: they forward, and so ignore their router (accept_ra is 1, not 2).",
            len(ignored),
            nodes=listed(ignored),
        )
    elif ends:
        text = say_many(
            "{nodes} will lose its IPv6 default route: it forwards, and so ignores its router (accept_ra is 1, not 2).",
            "{nodes} will lose their IPv6 default routes: they forward, and so ignore their router "
            "(accept_ra is 1, not 2).",
            len(ends),
            nodes=listed(ends),
        )
    lines = shortened(_line(node, data) for node, data in hosts.items() if _outcome(data) != "pass")
    return ADVERTISEMENTS.found(text, [*seen, *silent], evidence=[*lines, *coverage])


def _outcome(data: Data) -> str:
    ignoring = set(data.ignores_advertisements)
    if not data.default_routes:
        leased = {a.interface for a in data.addresses if a.leased and not a.address.startswith("fe80:")}
        return "ignored" if leased & ignoring else "pass"
    learned = set(data.learned_routes)
    return "ends" if learned & ignoring and learned == set(data.default_routes) else "pass"


def _line(node: str, data: Data) -> Text:
    return say(
        "{node}: forwards with accept_ra 1 on {interfaces}; default route through {routes}",
        node=node,
        interfaces=names(data.ignores_advertisements),
        routes=names(data.default_routes) or "-",
    )
