"""Judge who replies: resolvers drop answers from another address than they asked. Pure."""

from checks.code import Code, Outcome, Role
from checks.dns.askings import Asking, Askings, sorted_places
from checks.finding import Finding, Seen, Severity
from checks.place import Node
from checks.text import Text, listed, say, shortened

REPLY_SOURCE = Code(
    name="dns.reply-source",
    meaning="Answers to a node's questions come from the address that was asked",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("other", Severity.DEGRADED, "they come from another, and resolvers drop them"),
    ),
    # What people suffer from is that nothing is answered: this says why.
    role=Role.RISK,
)


def judge_reply_source(asked: Askings) -> Finding:
    """A reply that skips the translation back, as on a bridge that the node's packet filter does not see."""
    every = (*asked.of_service, *asked.of_replicas, *asked.of_unready, *asked.of_caches)
    places = sorted_places([a for a in every if a.asked.answered or a.asked.replier], lambda a: Node(a.node))
    if not places:
        return REPLY_SOURCE.unseen(say("No answer came whose address could be looked at."), asked.coverage)
    strange = [a for found in places.values() for a in found if _strange(a)]
    nodes = {a.node for a in strange}
    seen = [Seen(node, "other" if node.name in nodes else "pass") for node in places]
    text = say("Answers come from the addresses that were asked.")
    if strange:
        text = say(
            "On {nodes} answers come from another address than the one that was asked, and resolvers drop them.",
            nodes=listed(Node(node) for node in sorted(nodes)),
        )
    return REPLY_SOURCE.found(text, seen, evidence=[*shortened(map(_line, strange)), *asked.coverage])


def _strange(asking: Asking) -> bool:
    asked = asking.asked
    return bool(not asked.answered and asked.replier and asked.replier != asked.address)


def _line(asking: Asking) -> Text:
    return say(
        "{node} ({network}): asked {address}, answered by {replier}",
        node=asking.node,
        network=str(asking.network),
        address=asking.asked.address,
        replier=asking.asked.replier,
    )
