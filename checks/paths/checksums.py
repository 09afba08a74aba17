"""Judge whether what arrives is undamaged. Pure."""

from collections.abc import Sequence

from checks.code import NOW_AND_THEN, Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered, Heard
from checks.paths.model import Counters, Data, Parameters
from checks.place import Node
from checks.text import Text, Unit, names, say, say_many, seconds, shortened

CHECKSUM_ERRORS = Code(
    name="paths.checksum-errors",
    meaning="Packets that arrived damaged while peers were probing",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "none"),
        Outcome("rising", Severity.DEGRADED, "the node's kernel dropped some for a wrong checksum"),
    ),
    leak=NOW_AND_THEN,
    measures={"tcp": Unit.COUNT, "udp": Unit.COUNT},
)


def judge_checksums(gathered: Gathered[Parameters, Data]) -> Finding:
    """`rising` where a kernel dropped packets for a wrong checksum during the probes, in either agent's namespace."""
    # The jobs that follow count something else.
    first = [heard for heard in gathered.heard if not heard.name]
    watched = [(heard, heard.data.counters) for heard in first if heard.data.counters]
    unread = [heard for heard in first if not heard.data.counters]
    unclear = [*shortened(map(_unread, unread)), *gathered.unheard()]
    counted: dict[str, list[Counters]] = {}
    for heard, counters in watched:
        counted.setdefault(heard.node, []).append(counters)
    asked = dict.fromkeys([*(heard.node for heard in gathered.heard), *(o.node for o in gathered.silent)])
    blind = [Node(node) for node in asked if node not in counted]
    if not watched:
        text = say("The counters of damaged packets could not be read anywhere.")
        return CHECKSUM_ERRORS.unseen(text, unclear, blind)
    seen = [_seen(node, counters) for node, counters in counted.items()]
    seen.sort(key=lambda s: -sum(s.measures.values()))
    lines = shortened(_line(heard, counters) for heard, counters in watched if _damaged(counters))
    seen += [Seen(node, UNSEEN) for node in blind]
    return CHECKSUM_ERRORS.found(_sentence(seen, len(watched)), seen, evidence=[*lines, *unclear])


def _damaged(counters: Counters) -> int:
    return counters.tcp_checksum_errors + counters.udp_checksum_errors


def _seen(node: str, counters: Sequence[Counters]) -> Seen:
    """A node's two network namespaces together."""
    measures: dict[str, float] = {
        "tcp": sum(c.tcp_checksum_errors for c in counters),
        "udp": sum(c.udp_checksum_errors for c in counters),
    }
    return Seen(Node(node), "rising" if any(measures.values()) else "pass", measures)


def _sentence(seen: Sequence[Seen], watched: int) -> Text:
    rising = [s for s in seen if s.outcome == "rising"]
    if not rising:
        return say_many(
            "No packet arrived with a wrong checksum, in {count} network namespace.",
            "No packet arrived with a wrong checksum, in {count} network namespaces.",
            watched,
        )
    return say_many(
        "{count} packet arrived with a wrong checksum, on {nodes}.",
        "{count} packets arrived with a wrong checksum, on {nodes}.",
        round(sum(sum(s.measures.values()) for s in rising)),
        nodes=names(str(s.place) for s in rising),
    )


def _line(heard: Heard[Data], counters: Counters) -> Text:
    return say(
        "{node} ({network}): Tcp InCsumErrors +{tcp}, Udp InCsumErrors +{udp} in {time}",
        node=heard.node,
        network=str(heard.network),
        tcp=counters.tcp_checksum_errors,
        udp=counters.udp_checksum_errors,
        time=seconds(counters.seconds),
    )


def _unread(heard: Heard[Data]) -> Text:
    words = heard.data.counters_error
    return say("{node} ({network}): {words}", node=heard.node, network=str(heard.network), words=words)
