"""Whom to ask further: where the tunnel's packets are to be followed, and what is to be counted again. Pure."""

from collections.abc import Iterable, Iterator

from checks.gathered import Gathered
from checks.observation import Network, Task
from checks.paths.arrivals import losing
from checks.paths.loss import lossy
from checks.paths.model import Aim, Data, Kind, Parameters, Request
from checks.paths.plan import vxlan_port
from checks.paths.samples import AGAIN, samples
from checks.place import Pair

NAME = "arrivals"
"""Of the tasks."""
MOST = 64
"""Ways that are followed: those of a few nodes say what those of hundreds would."""


def follow(gathered: Gathered[Parameters, Data]) -> list[Task]:
    """What of the tunnel arrives where probes were lost; where none was, whether datagrams are lost again.

    Not both: bursts are counted in the same second everywhere, and nothing else may go on then.
    """
    return _arrivals(gathered) or list(_again(gathered))


def _again(gathered: Gathered[Parameters, Data]) -> Iterator[Task]:
    """Processors that are short lose datagrams as a network does, and a run makes every agent work at once."""
    for heard in gathered.heard:
        aims = tuple(
            Aim(kind=m.kind, peer=m.peer, address=m.address, port=m.port, name=m.name)
            for m in heard.data.measurements
            if m.kind is Kind.LOSS and m.answered and lossy(m.sent, m.sent - m.answered)
        )
        if aims:
            request = Request(aims=aims, timeout_s=gathered.parameters.timeout_s, window_s=0.0)
            yield Task(network=heard.network, node=heard.node, name=AGAIN, request=request)


def _arrivals(gathered: Gathered[Parameters, Data]) -> list[Task]:
    """Both ends of every way on which probes were lost: who sends bursts into the tunnel, and who counts them."""
    port = vxlan_port(gathered.snapshot)
    ways = losing(samples(gathered))[:MOST] if port else []
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
