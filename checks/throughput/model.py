"""What travels with a job of `throughput` and what comes back."""

from typing import Annotated

import msgspec

Seconds = Annotated[float, msgspec.Meta(ge=0.2, le=3, description="Seconds that one try lasts.")]
Tries = Annotated[int, msgspec.Meta(ge=1, le=5, description="How often it is tried, one after the other.")]
Rate = Annotated[
    int, msgspec.Meta(ge=0, le=100_000, description="Megabits a second at most; 0 for as fast as it goes.")
]


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    source: Annotated[str, msgspec.Meta(max_length=253, description="The node that sends. Empty: the first.")] = ""
    target: Annotated[str, msgspec.Meta(max_length=253, description="The node that receives. Empty: another one.")] = ""
    network: Annotated[
        str, msgspec.Meta(pattern="^(host|pod)$", description="`host`: the nodes' own network; `pod`: from pod to pod.")
    ] = "pod"
    seconds: Seconds = 1.0
    tries: Tries = 3
    rate_mbit: Rate = 200


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent is asked to send."""

    address: Annotated[str, msgspec.Meta(max_length=45)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    target: Annotated[str, msgspec.Meta(max_length=253)]
    """The node behind the address."""
    seconds: Seconds
    tries: Tries
    rate_mbit: Rate


class Try(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One stream."""

    received: int = 0
    """Bytes that arrived, as the receiver counted them."""
    elapsed_s: float = 0.0
    softirq_s: float = 0.0
    """Of the sender's machine meanwhile, all processors together."""
    idle: float = 0.0
    """The share of its processors that was idle, 0 to 1."""
    error: str = ""
    """Why there was none; empty when there was."""


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent saw."""

    target: str
    tries: tuple[Try, ...]
