"""Judge whether the loss of one node takes DNS with it. Pure."""

from checks.code import Code, Outcome, Role
from checks.dns.askings import Askings
from checks.finding import Finding, Seen, Severity
from checks.place import Node
from checks.text import listed, say, say_many, shortened

SPREAD = Code(
    name="dns.spread",
    meaning="The ready CoreDNS replicas are on more than one node",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "they are, or the cluster has one node"),
        Outcome("together", Severity.DEGRADED, "all are on this node"),
    ),
    role=Role.RISK,
)


def judge_spread(asked: Askings, nodes: int) -> Finding:
    """Where the ready replicas are.

    Args:
        asked: All that was asked.
        nodes: How many the cluster has.
    """
    places = sorted({Node(replica.node) for replica in asked.replicas if replica.node})
    if not places:
        return SPREAD.unseen(say("The nodes of CoreDNS's replicas are not known."), asked.gaps)
    together = len(places) == 1 and nodes > 1
    text = say_many(
        "{count} ready CoreDNS replica, on {nodes}.",
        "{count} ready CoreDNS replicas, on {nodes}.",
        len(asked.replicas),
        nodes=listed(places),
    )
    if together:
        text = say_many(
            "The only ready CoreDNS replica is on {node}: if it goes, DNS goes.",
            "All {count} ready CoreDNS replicas are on {node}: if it goes, DNS goes.",
            len(asked.replicas),
            node=places[0],
        )
    seen = [Seen(place, "together" if together else "pass") for place in places]
    where = (say("{replica} on {node}", replica=r.name, node=r.node) for r in asked.replicas)
    return SPREAD.found(text, seen, evidence=shortened(where))
