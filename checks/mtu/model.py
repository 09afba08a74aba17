"""What travels with a job of `mtu` and what comes back."""

from typing import Annotated

import msgspec

from checks.observation import Network
from checks.probes.outcome import Result


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    timeout_s: Annotated[
        float, msgspec.Meta(ge=0.2, le=3.0, description="Seconds to wait for a small packet, before sizes are tried.")
    ] = 1.8
    neighbours: Annotated[
        int, msgspec.Meta(ge=2, le=50, description="Peers of each node, plus one that rotates, above 8 nodes.")
    ] = 10


class Aim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One path to measure: to an agent's echo."""

    peer: Annotated[str, msgspec.Meta(max_length=253)]
    """The node that the agent is on."""
    network: Network
    """Of the agent: its node's own, or a pod's."""
    address: Annotated[str, msgspec.Meta(max_length=45)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent is asked to measure."""

    aims: tuple[Aim, ...] = ()
    timeout_s: Annotated[float, msgspec.Meta(ge=0.2, le=3.0)] = 1.8


class Measurement(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """What one path carries, in bytes of IP packet."""

    peer: str
    network: Network
    address: str
    result: Result
    """Of a small packet; where it got no answer no size is known."""
    rtt_s: float = 0.0
    """Seconds that the search took; 0 when nothing came back."""
    detail: str = ""
    mtu: int = 0
    """The largest packet that arrived; 0 where none of those that were tried did."""
    limit: int = 0
    """What the sender's kernel holds possible, by its route or because it was told before; 0 when not measured."""
    device: int = 0
    """What the sender's interface takes; what is searched for is at most this."""
    signalled: int = 0
    """What a router on the way named; 0 when none did."""

    @property
    def known_limit(self) -> int:
        """The largest packet, in bytes, that the sender's kernel knows to be possible by the end."""
        return min(self.limit, self.signalled or self.limit)


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one agent measured."""

    measurements: tuple[Measurement, ...] = ()
