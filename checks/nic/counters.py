"""Whether adapters count errors right now. Pure."""

from collections.abc import Iterator

from checks.code import Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.nic.model import Data, Interface
from checks.nic.nodes import Observed, adapters, evidence, silent, unless_seen
from checks.place import Node
from checks.text import Text, Unit, say, seconds

DROPPED_SHARE = 0.01
"""Linux counts frames that nobody listens for (LLDP, spanning tree) as dropped, so a few are no fault."""
DROPPED_AT_LEAST = 5
"""Packets; the same."""
FAULTS = ("rx_errors", "tx_errors", "tx_dropped", "carrier_changes")
"""Counters that stand still on a healthy adapter."""
MEASURES = (*FAULTS, "rx_dropped")

ERRORS = Code(
    name="nic.errors",
    meaning="Errors, drops or carrier changes rise on an adapter",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "none rose while it was watched"),
        Outcome("rising", Severity.DEGRADED, "some did"),
    ),
    role=Role.RISK,
    measures=dict.fromkeys(MEASURES, Unit.COUNT),
)


def judge_errors(gathered: Observed) -> Finding:
    """All interfaces count; a node on whose adapters no counter was watched was not seen."""
    lines = {h.node: list(_lines(h.node, h.data)) for h in gathered.heard}
    seen = [
        Seen(Node(h.node), _outcome(h.data, lines[h.node]), _measures(h.data))
        for h in sorted(gathered.heard, key=lambda heard: -len(lines[heard.node]))
    ]
    unwatched = say("No adapter's error counters were watched.")
    text = say("No adapter counted errors while it was watched.")
    if any(lines.values()):
        text = say("Network adapters count errors right now.")
    return unless_seen(ERRORS, unwatched, gathered, seen) or ERRORS.found(
        text,
        [*seen, *silent(gathered)],
        evidence=evidence(gathered, [line for s in seen for line in lines[str(s.place)]]),
    )


def _outcome(data: Data, lines: list[Text]) -> str:
    if lines:
        return "rising"
    return "pass" if data.window_s and any(i.rises for i in adapters(data)) else UNSEEN


def _measures(data: Data) -> dict[str, float]:
    """What each counter gained on all interfaces together."""
    return {
        name: float(sum(gains))
        for name in MEASURES
        if (gains := [i.rises[name] for i in data.interfaces if name in i.rises])
    }


def _lines(node: str, data: Data) -> Iterator[Text]:
    for interface in data.interfaces:
        for rise in _rising(interface):
            yield say(
                "{node}: {interface} {rise} in {window}",
                node=node,
                interface=interface.name,
                rise=rise,
                window=seconds(data.window_s),
            )


def _rising(interface: Interface) -> Iterator[Text]:
    for name in FAULTS:
        if interface.rises.get(name, 0) > 0:
            yield say("{counter} +{rise}", counter=name, rise=interface.rises[name])
    dropped, received = interface.rises.get("rx_dropped", 0), interface.rises.get("rx_packets", 0)
    if dropped >= max(DROPPED_AT_LEAST, DROPPED_SHARE * received):
        yield say("rx_dropped +{rise} of {received}", rise=dropped, received=received)
