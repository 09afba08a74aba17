"""Judge whether IPv6 stays as it is while it is watched. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered, Heard
from checks.ipv6.model import Data, Look, Parameters
from checks.judging.statistics import CLEAN_RATE, wilson
from checks.observation import Network
from checks.place import Node
from checks.probes.outcome import UNMEASURED
from checks.text import Text, Unit, listed, say, seconds, shortened

STEADY = Code(
    name="ipv6.steady",
    meaning="IPv6 addresses, default routes and answers stay while they are watched",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("not-used", Severity.OK, "nobody asked to watch (parameter minutes), or the cluster has no IPv6"),
        Outcome("flaps", Severity.DEGRADED, "something comes and goes"),
    ),
    measures={"looks": Unit.COUNT, "bad_looks": Unit.COUNT},
)
_ENOUGH = 2
"""Looks with something lost, of which one may be chance."""


def judge_steady(gathered: Gathered[Parameters, Data]) -> Finding:
    """What is wrong in some looks and well in others; what is wrong in all of them is told elsewhere."""
    if not gathered.parameters.minutes:
        return STEADY.found(say("Not watched (parameter minutes)."), outcome="not-used")
    watched = [heard for heard in gathered.heard if len(heard.data.looks) > 1]
    coverage = gathered.unheard()
    silent = {o.node for o in gathered.silent if o.node} - {heard.node for heard in watched}
    places = [Seen(Node(node), UNSEEN) for node in sorted(silent)]
    if not watched:
        return STEADY.unseen(say("No node was watched."), coverage, [s.place for s in places])
    flaps = {id(heard): list(_flaps(heard)) for heard in watched}
    nodes: dict[str, list[Heard[Data]]] = defaultdict(list)
    for heard in watched:
        nodes[heard.node].append(heard)
    seen = [
        Seen(
            Node(node),
            "flaps" if any(flaps[id(heard)] for heard in found) else "pass",
            {
                "looks": max(len(heard.data.looks) for heard in found),
                "bad_looks": max(len({at for _, times in flaps[id(heard)] for at in times}) for heard in found),
            },
        )
        for node, found in sorted(nodes.items())
    ]
    bad = [s.place for s in seen if s.outcome == "flaps"]
    text = say("IPv6 stayed as it was for {minutes} minutes.", minutes=gathered.parameters.minutes)
    if bad:
        text = say(
            "IPv6 comes and goes on {nodes}, watched for {minutes} minutes.",
            nodes=listed(bad),
            minutes=gathered.parameters.minutes,
        )
    lines = (_line(heard, what, times) for heard in watched for what, times in flaps[id(heard)])
    return STEADY.found(text, [*seen, *places], evidence=[*shortened(lines), *coverage])


def _flaps(heard: Heard[Data]) -> Iterator[tuple[Text, list[float]]]:
    """What came and went, and when it was gone, in seconds since the first look."""
    looks = heard.data.looks
    if heard.network is Network.HOST:
        routes = set().union(*(look.default_routes for look in looks))
        for interface in sorted(routes):
            gone = [look.at_s for look in looks if interface not in look.default_routes]
            if gone:
                yield say("the default route through {interface} was gone", interface=interface), gone
        # An address that is made is tentative at first; one that was used before and is not any more has been lost.
        for address in sorted(set().union(*(look.unusable for look in looks[1:])) - set(looks[0].unusable)):
            yield (
                say("the address {address} was not used", address=address),
                [look.at_s for look in looks if address in look.unusable],
            )
    yield from _lost(looks)


def _lost(looks: Sequence[Look]) -> Iterator[tuple[Text, list[float]]]:
    times: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for look in looks:
        for probe in look.failed:
            if probe.result not in UNMEASURED:
                times[probe.target, probe.name, probe.protocol].append(look.at_s)
    for (target, name, protocol), bad in sorted(times.items()):
        low, _ = wilson(len(bad), len(looks))
        if _ENOUGH <= len(bad) < len(looks) and low > CLEAN_RATE:
            yield (
                say("{target} {name} did not answer by {protocol}", target=target, name=name, protocol=protocol),
                bad,
            )


def _line(heard: Heard[Data], what: Text, times: Sequence[float]) -> Text:
    return say(
        "{node} ({network}): {what}, in {bad} of {total} looks, after {times}",
        node=heard.node,
        network=str(heard.network),
        what=what,
        bad=len(times),
        total=len(heard.data.looks),
        times=listed(map(seconds, times)),
    )
