"""Whether the kernels' tables of connections and neighbours have room. Pure."""

from collections.abc import Iterator

from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import UNSEEN, Finding, Severity
from checks.node.looks import Look, Observed, Words, of_agents
from checks.node.model import Connections, Data, Neighbours
from checks.place import Node
from checks.text import Text, Unit, say, seconds

CONNTRACK = Code(
    name="node.conntrack",
    meaning="The table of tracked connections (conntrack) has room",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "it has"),
        Outcome("not-used", Severity.OK, "the kernel tracks no connections"),
        Outcome("races", Severity.ADVICE, "it has; entries that lost a race for their place were dropped"),
        Outcome("filling", Severity.ADVICE, "more than nine tenths of it are used"),
        Outcome("full", Severity.FAILED, "packets are dropped because it is full"),
    ),
    measures={"used": Unit.SHARE, "dropped": Unit.COUNT, "insert-failed": Unit.COUNT},
)
NEIGHBOURS = Code(
    name="node.neighbours",
    meaning="The tables of neighbours (ARP, NDP) have room",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "they have"),
        Outcome("not-told", Severity.OK, "the node is a container of a machine, which alone has limits"),
        Outcome("filling", Severity.ADVICE, "more than nine tenths of one are used"),
        Outcome("full", Severity.FAILED, "new neighbours find no room in one"),
    ),
    measures={"used": Unit.SHARE, "overflows": Unit.COUNT},
)
CODES = (CONNTRACK, NEIGHBOURS)

FILLING = 0.9
"""The share from which on it is worth a word (Prometheus' kubernetes-mixin and node-exporter's dashboards: 0.75 to
0.9)."""

_CONNTRACK = Words(
    well=say("The tables of tracked connections have room."),
    unread=say("No node told how full its table of tracked connections is."),
    bad={
        "full": say("The table of tracked connections is full on {nodes}: packets of new connections are dropped."),
        "filling": say("The table of tracked connections is nearly full on {nodes}."),
        "races": say("On {nodes} packets lose races for a place in the table of tracked connections."),
    },
)
_NEIGHBOURS = Words(
    well=say("The tables of neighbours have room."),
    unread=say("No node told how full its tables of neighbours are."),
    bad={
        "full": say("The table of neighbours is full on {nodes}: further addresses are not reached."),
        "filling": say("The table of neighbours is nearly full on {nodes}."),
    },
)


def judge_room(gathered: Observed) -> list[Finding]:
    """One finding a code."""
    return [
        of_agents(CONNTRACK, _CONNTRACK, gathered, _conntrack),
        of_agents(NEIGHBOURS, _NEIGHBOURS, gathered, _neighbours),
    ]


def _conntrack(node: str, data: Data) -> Look:
    if not data.tracks:
        return Look("not-used")
    told = data.connections
    if told is None or told.dropped is None or not data.window_s:
        return Look(UNSEEN)
    used = told.count / told.limit
    measures = {"used": used, "dropped": float(told.dropped), "insert-failed": float(told.insert_failed)}
    line = say(
        "{node}: {count} of {limit} connections; in {window} {dropped} packets dropped, {failed} entries lost a race",
        node=node,
        count=told.count,
        limit=told.limit,
        window=seconds(data.window_s),
        dropped=told.dropped,
        failed=told.insert_failed,
    )
    return Look(_fullness(told, used), [line], measures)


def _fullness(told: Connections, used: float) -> str:
    # Packets are dropped for other reasons too, such as a checksum; only a full table makes it this one.
    if used >= FILLING:
        return "full" if told.dropped or told.count >= told.limit else "filling"
    return "races" if told.insert_failed else "pass"


def _neighbours(node: str, data: Data) -> Look:
    if data.neighbours == ():
        return Look("not-told")
    if not data.neighbours or not data.window_s:
        return Look(UNSEEN)
    used = max(each.count / each.limit for each in data.neighbours)
    overflows = sum(each.overflows or 0 for each in data.neighbours)
    measures = {"used": used, "overflows": float(overflows)}
    outcome = "full" if overflows else "filling" if used >= FILLING else "pass"
    if outcome == "pass" and any(each.overflows is None for each in data.neighbours):
        return Look(UNSEEN)
    return Look(outcome, list(_lines(node, data.neighbours)), measures)


def _lines(node: str, tables: tuple[Neighbours, ...]) -> Iterator[Text]:
    for table in tables:
        protocol = "ARP" if table.family == 4 else "NDP"  # noqa: PLR2004
        yield say(
            "{node}: {count} of {limit} neighbours ({protocol}), {overflows} found no room",
            node=node,
            count=table.count,
            limit=table.limit,
            protocol=protocol,
            overflows=say("not told how many") if table.overflows is None else table.overflows,
        )
