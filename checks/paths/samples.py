"""The measurements of a run, with who made them. Pure."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from checks.cluster.snapshot import Snapshot
from checks.judging.localise import Pair
from checks.observation import Network, Observation, State
from checks.paths.model import Data, Kind, Measurement
from checks.probes.outcome import LOST, Result

LINES = 12
"""Evidence lines of one sort in one finding."""


class Sample(msgspec.Struct, frozen=True):
    """One measurement, where it was made, and whether the prober was starved of CPU meanwhile."""

    node: str
    network: Network
    measurement: Measurement
    throttled: int = 0

    @property
    def pair(self) -> Pair:
        """From which node to which."""
        return self.node, self.measurement.peer

    @property
    def passed(self) -> bool:
        """Whether what was sent came back."""
        return self.measurement.result is Result.OK

    @property
    def lost(self) -> bool:
        """Whether it speaks against the path. What neither passed nor was lost was not measured."""
        return self.measurement.result in LOST

    def line(self) -> str:
        """The measurement as evidence."""
        m = self.measurement
        to = f"{m.address}:{m.port}" if m.port and ":" not in m.address else f"[{m.address}]:{m.port}"
        what = f"{self.node} ({self.network}) -> {m.peer or m.name} {to if m.port else m.address}: {m.result}"
        return (
            what
            + (f", {m.detail}" if m.detail else "")
            + (f" (this agent was throttled {self.throttled} times)" if self.throttled else "")
        )


def samples(observations: Sequence[Observation]) -> list[Sample]:
    """Every measurement of every job that was observed."""
    return [
        Sample(observation.node, observation.network, measurement, observation.throttled)
        for observation, data in observed(observations)
        for measurement in data.measurements
    ]


def observed(observations: Sequence[Observation]) -> Iterator[tuple[Observation, Data]]:
    """The jobs that were observed, with their data."""
    for observation in observations:
        if observation.state is State.OBSERVED and isinstance(observation.data, Data):
            yield observation, observation.data


def between_pods(all_samples: Iterable[Sample], kind: Kind) -> list[Sample]:
    """The samples of a cross-node kind, from pods; from the host of nodes whose pod agent was not heard.

    The host's packets to a remote pod take the same tunnel, so they stand in where there is nothing better.
    """
    found = list(all_samples)
    heard = {sample.node for sample in found if sample.network is Network.POD}
    return [
        sample
        for sample in found
        if sample.measurement.kind is kind and (sample.network is Network.POD or sample.node not in heard)
    ]


def in_order(pairs: Sequence[Pair], found: Iterable[Sample]) -> list[Sample]:
    """The samples in the order of their pairs."""
    rank = {pair: at for at, pair in enumerate(pairs)}
    return sorted(found, key=lambda sample: rank[sample.pair])


def unheard(observations: Sequence[Observation], networks: tuple[Network, ...]) -> list[str]:
    """Evidence of which agents were not heard."""
    silent = [o for o in observations if o.network in networks and o.state is not State.OBSERVED]
    lines = [f"not measured from {o.node} ({o.network}): {o.state}{': ' * bool(o.message)}{o.message}" for o in silent]
    return shortened(lines)


def unaimed(snapshot: Snapshot, agents: Iterable[str]) -> list[str]:
    """Evidence of which nodes have no pod agent that could be probed."""
    missing = sorted({node.name for node in snapshot.nodes} - set(agents))
    return [f"no ready pod agent on {', '.join(missing[:LINES])}: not probed"] if missing else []


def shortened(lines: list[str]) -> list[str]:
    """The first lines, and how many are left out."""
    return lines if len(lines) <= LINES else [*lines[:LINES], f"and {len(lines) - LINES} more"]
