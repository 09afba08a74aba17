"""Whom to ask further: where the tunnel's packets are to be followed, and what is to be counted again. Pure."""

from collections.abc import Iterable, Iterator

from checks.gathered import Gathered
from checks.observation import Network, Task
from checks.paths.arrivals import carrying_nothing
from checks.paths.loss import LOSSY, counted
from checks.paths.model import Aim, Data, Kind, Parameters, Request
from checks.paths.plan import vxlan_port
from checks.paths.samples import AGAIN, samples
from checks.place import Pair

NAME = "arrivals"
"""Of the tasks."""
MOST = 64
"""Ways that are followed: those of a few nodes say what those of hundreds would."""
DATAGRAMS = 288
"""Of each way on which losses are counted again: one that loses 4 % seems sound once in 300 counts, one that loses 1 of
1,000 seems lossy once in 5,000 (binomial; `checks.paths.loss`)."""


def follow(gathered: Gathered[Parameters, Data]) -> list[Task]:
    """What of the tunnel arrives where it carried nothing; where it carries, whether datagrams are lost again.

    Not both: bursts are counted in the same second everywhere, and nothing else may go on then.
    """
    return _arrivals(gathered) or list(_again(gathered))


def _again(gathered: Gathered[Parameters, Data]) -> Iterator[Task]:
    """Ways that lost some, and every other one of their nodes, for longer.

    Processors that are short lose datagrams as a network does, and a run makes every agent work at once. And of many
    short counts of a network that loses a few, one loses none by chance, and would clear the node that loses.
    """
    aims: dict[tuple[str, Network], list[Aim]] = {}
    for way in counted(samples(gathered), gathered):
        near = {node for pair, seen in way.seen().items() if seen.outcome == LOSSY for node in pair.nodes}
        for s in way.samples:
            m = s.measurement
            # Who is short of CPU tells nothing, and would keep others waiting.
            if m.answered and near.intersection(s.pair.nodes) and way.starved.isdisjoint(s.pair.nodes):
                aim = Aim(kind=m.kind, peer=m.peer, address=m.address, port=m.port, name=m.name)
                aims.setdefault((s.node, s.network), []).append(aim)
    for (node, network), theirs in aims.items():
        request = Request(
            aims=tuple(theirs), timeout_s=gathered.parameters.timeout_s, window_s=0.0, datagrams=DATAGRAMS
        )
        yield Task(network=network, node=node, name=AGAIN, request=request)


def _arrivals(gathered: Gathered[Parameters, Data]) -> list[Task]:
    """Both ends of every way that carried nothing: who sends bursts into the tunnel, and who counts them."""
    port = vxlan_port(gathered.snapshot)
    ways = carrying_nothing(samples(gathered))[:MOST] if port else []
    addresses = {node.name: node.internal_ips[0] for node in gathered.snapshot.nodes if node.internal_ips}
    # An agent that was silent would be waited for once more.
    there = {heard.node for heard in gathered.on(Network.HOST)} & addresses.keys()
    return [
        Task(
            network=Network.HOST,
            node=node,
            name=NAME,
            request=Request(
                aims=tuple(
                    Aim(kind=Kind.TUNNEL, peer=way.target, address=addresses[way.target], port=port)
                    for way in ways
                    if way.source == node and way.target in addresses
                ),
                count_arrivals=True,
            ),
        )
        for node in sorted(_ends(ways) & there)
    ]


def _ends(ways: Iterable[Pair]) -> set[str]:
    return {node for way in ways for node in way.nodes}
