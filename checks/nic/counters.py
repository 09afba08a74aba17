"""Whether adapters count errors right now. Pure."""

from collections.abc import Iterator

from checks.code import HARDLY_EVER, Code, Outcome, Role
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


HANGS = Code(
    name="nic.hangs",
    meaning="An adapter takes packets and does not send them, so that the kernel's watchdog resets it",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "none did while it was watched"),
        Outcome("not-told", Severity.OK, "its queues do not tell, as in an old recording"),
        Outcome("hangs", Severity.FAILED, "one did"),
    ),
    measures={"tx_timeout": Unit.COUNT},
)
HUNG = "tx_timeout"
"""Of `queues/tx-*` in sysfs: how often the watchdog found a queue that had stood still (Linux `sch_generic.c`)."""


def judge_hangs(gathered: Observed) -> Finding:
    """All interfaces count; a node whose queues do not tell was not seen."""
    hung = {h.node: _hung(h.data) for h in gathered.heard}
    watched = {h.node for h in gathered.heard if h.data.window_s and any(i.rises for i in h.data.interfaces)}
    seen = [
        Seen(Node(node), "hangs" if any(by_name.values()) else "pass", {HUNG: float(sum(by_name.values()))})
        if by_name
        else Seen(Node(node), "not-told" if node in watched else UNSEEN)
        for node, by_name in hung.items()
    ]
    lines = [
        say("{node}: {interface} was reset {count} times", node=node, interface=name, count=count)
        for node, by_name in hung.items()
        for name, count in by_name.items()
        if count
    ]
    unwatched = say("No adapter's queues were watched.")
    text = say("No adapter hung while it was watched.")
    if lines:
        text = say("Network adapters stop sending, and are reset.")
    return unless_seen(HANGS, unwatched, gathered, seen) or HANGS.found(
        text, [*seen, *silent(gathered)], evidence=evidence(gathered, lines)
    )


def _hung(data: Data) -> dict[str, int]:
    """By interface how often it hung; nothing where nothing was watched."""
    return {i.name: i.rises[HUNG] for i in data.interfaces if HUNG in i.rises} if data.window_s else {}


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
