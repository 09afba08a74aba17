"""What a judgement judges: everything that one run gathered for one check.

One dialect for all checks: what was observed, typed, and apart from it who stayed silent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from checks.cluster.snapshot import Snapshot
from checks.observation import Network, Observation
from checks.text import Text, say, shortened

THROTTLING_S = 0.1
"""The kernel throttles by periods of so many seconds (`cpu.cfs_period_us`, Kubernetes' default)."""
YOUNG_S = 30.0
"""A run is over after so many seconds, so that whoever is older was there for all of it."""
Parameters = TypeVar("Parameters")
Data = TypeVar("Data")


@dataclass(frozen=True, slots=True)
class Heard(Generic[Data]):
    """One job that was observed."""

    node: str
    """Empty for the worker."""
    network: Network
    data: Data
    throttled: int = 0
    """How often the kernel throttled the prober meanwhile: a starved agent accuses the network."""
    name: str = ""
    """Of the task."""
    elapsed_s: float = 0.0
    age_s: float = 0.0

    @property
    def young(self) -> bool:
        """Whether the prober may have been started while others probed it: until then its ports refused them."""
        return 0 < self.age_s < YOUNG_S

    @property
    def starved(self) -> bool:
        """Whether the prober did not get the CPU that it needed for half of its time or more."""
        return self.throttled * THROTTLING_S >= self.elapsed_s / 2 > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Generic[Parameters, Data]):
    """The snapshot, the parameters, what was observed and who was silent."""

    snapshot: Snapshot
    parameters: Parameters
    heard: tuple[Heard[Data], ...] = ()
    silent: tuple[Observation, ...] = ()
    """The jobs without data, with their state and the reason."""

    def hindered(self) -> set[tuple[str, Network]]:
        """The agents, by node and network, that were short of CPU or just started: silence may be their own."""
        return {(heard.node, heard.network) for heard in self.heard if heard.starved or heard.young}

    def on(self, network: Network) -> list[Heard[Data]]:
        """What was observed in one network."""
        return [heard for heard in self.heard if heard.network is network]

    def unheard(self, *networks: Network) -> list[Text]:
        """Evidence of who was silent in these networks; in any when none is named."""
        return shortened(
            say(
                "not measured from {node} ({network}): {state}{reason}",
                node=o.node or "worker",
                network=str(o.network),
                state=str(o.state),
                reason=f": {o.message}" if o.message else "",
            )
            for o in self.silent
            if not networks or o.network in networks
        )

    def gaps(self, resources: Sequence[str]) -> list[Text]:
        """Evidence of which of these resources (`services`) could not be read."""
        return [
            say("cannot {verb}: {reason}", verb=gap.verb, reason=gap.reason)
            for gap in map(self.snapshot.gap, resources)
            if gap
        ]
