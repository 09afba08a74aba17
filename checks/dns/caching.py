"""Judge the DNS cache on each node, where there is one. Pure."""

from collections.abc import Sequence

from checks.code import HARDLY_EVER, Code, Outcome
from checks.dns.askings import FIGURES, Asking, Askings, figures, lines, sorted_places, unseen, worst
from checks.finding import Finding, Seen, Severity
from checks.place import Node
from checks.text import Text, listed, say, say_many

NODE_CACHE = Code(
    name="dns.node-cache",
    meaning="The DNS cache on each node, asked by UDP and TCP on that node",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "UDP and TCP are answered"),
        Outcome("not-used", Severity.OK, "there is no node-local cache"),
        Outcome("wrong-answer", Severity.DEGRADED, "another rcode than expected"),
        Outcome("loses", Severity.DEGRADED, "datagrams are lost"),
        Outcome("tcp-unanswered", Severity.DEGRADED, "TCP alone is not answered"),
        Outcome("unanswered", Severity.FAILED, "no datagram is answered"),
    ),
    leak=HARDLY_EVER,
    measures=FIGURES,
)


def judge_node_cache(asked: Askings, gaps: Sequence[Text]) -> Finding:
    """From the node's own host and pods: nothing but the cache and that node is in the way.

    Args:
        asked: All that was asked.
        gaps: Why pods could not be read, by which caches are found.
    """
    places = sorted_places(asked.of_caches, lambda a: Node(a.node))
    unasked = [a for a in asked.unasked if a.of_cache]
    if not places and not unasked and gaps:
        return NODE_CACHE.unseen(say("It is not known whether nodes have a DNS cache."), gaps)
    if not places and not unasked:
        return NODE_CACHE.found(say("No node has a DNS cache of its own."), outcome="not-used")
    seen = [Seen(node, worst(NODE_CACHE, map(_outcome, found)), figures(found)) for node, found in places.items()]
    silent = unseen((Node(a.node) for a in unasked), places)
    if not seen:
        text = say("No node's DNS cache could be asked.")
        return NODE_CACHE.unseen(text, asked.coverage, [s.place for s in silent])
    outcome = worst(NODE_CACHE, (s.outcome for s in seen))
    text = say_many("The DNS cache of {count} node answers.", "The DNS caches of all {count} nodes answer.", len(seen))
    if outcome != "pass":
        bad = listed(s.place for s in seen if s.outcome == outcome)
        text = {
            "wrong-answer": say("The DNS cache answers wrongly on {nodes}.", nodes=bad),
            "loses": say("The DNS cache loses queries on {nodes}.", nodes=bad),
            "tcp-unanswered": say("The DNS cache answers by UDP but not by TCP on {nodes}.", nodes=bad),
            "unanswered": say("The DNS cache answers no datagram on {nodes}.", nodes=bad),
        }[outcome]
    failed = [a for a in asked.of_caches if _outcome(a) != "pass"]
    return NODE_CACHE.found(text, [*seen, *silent], evidence=[*lines(failed or asked.of_caches), *asked.coverage])


def _outcome(asking: Asking) -> str:
    if not asking.asked.answered:
        return "unanswered"
    if not asking.connected:
        return "tcp-unanswered"
    if asking.loses:
        return "loses"
    return "wrong-answer" if asking.wrong else "pass"
