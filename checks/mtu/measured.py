"""The measurements of a run with who made them, and what each says. Pure."""

import msgspec

from checks.finding import UNSEEN
from checks.gathered import Gathered
from checks.mtu.model import Data, Measurement, Parameters
from checks.observation import Network
from checks.place import Pair
from checks.probes.mtu import SMALLEST
from checks.probes.outcome import family
from checks.text import Text, say, size

Observed = Gathered[Parameters, Data]
PASS, SMALL, BLACK_HOLE = "pass", "small", "black-hole"


class Path(msgspec.Struct, frozen=True, gc=False):
    """One path: from a node, or a pod of it, to an address of another."""

    node: str
    network: Network
    measurement: Measurement
    starved: bool = False
    """Whether the agent at an end of it was short of CPU or just started: then it may be what answered too late."""

    @property
    def pair(self) -> Pair:
        """From which node to which."""
        return Pair(self.node, self.measurement.peer)

    @property
    def between_nodes(self) -> bool:
        """Whether it ends at a node's own address, and not at a pod's."""
        return self.measurement.network is Network.HOST

    @property
    def smallest(self) -> int:
        """The smallest size that is searched for, in bytes."""
        return SMALLEST[family(self.measurement.address)]

    @property
    def silent(self) -> bool:
        """Whether not even small packets arrive."""
        return not self.measurement.limit

    @property
    def outcome(self) -> str:
        """Whether what the sender's route allows arrives; `UNSEEN` where that cannot be said."""
        m = self.measurement
        if self.silent:
            return UNSEEN
        if m.mtu < m.known_limit:
            return UNSEEN if self.starved else BLACK_HOLE
        return SMALL if m.mtu < m.device else PASS

    def line(self) -> Text:
        """The measurement as evidence."""
        m = self.measurement
        if self.silent:
            answered = say("{result}, {detail}", result=str(m.result), detail=m.detail) if m.detail else str(m.result)
            return say("no size of {path}: {answered}", path=self._way(), answered=answered)
        arrives = say("{size} is the largest that arrives", size=size(m.mtu))
        if not m.mtu:
            arrives = say("nothing of {size} or more arrives", size=size(self.smallest))
        if self.outcome == UNSEEN:
            return say(
                "{path}: {arrives}; not judged, because an agent at its ends was short of CPU or just started",
                path=self._way(),
                arrives=arrives,
            )
        told = say("a router says {size}", size=size(m.signalled)) if m.signalled else say("no router says anything")
        return say(
            "{path}: {arrives}, the route allows {limit}, the interface {device}, {told}",
            path=self._way(),
            arrives=arrives,
            limit=size(m.limit),
            device=size(m.device),
            told=told,
        )

    def _way(self) -> Text:
        way = say("from the {network} to the pod", network=str(self.network))
        if self.between_nodes:
            way = say("between hosts")
        if ":" in self.measurement.address:
            way = say("{way} over IPv6", way=way)
        return say("{pair} {way}", pair=self.pair, way=way)


def paths(gathered: Observed) -> list[Path]:
    """Every path of every job that was observed, those between pods first.

    A node's own packets to a remote pod take the same tunnel as its pods', so they stand in where no pod was heard.
    """
    in_pods = {heard.node for heard in gathered.on(Network.POD)}
    starved = gathered.hindered()
    every = [
        Path(
            heard.node,
            heard.network,
            m,
            not starved.isdisjoint({(heard.node, heard.network), (m.peer, m.network)}),
        )
        for heard in gathered.heard
        for m in heard.data.measurements
    ]
    pods = [p for p in every if not p.between_nodes and (p.network is Network.POD or p.node not in in_pods)]
    return [*pods, *(p for p in every if p.between_nodes)]
