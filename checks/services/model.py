"""What travels with a job of `services` and what comes back."""

import enum
from typing import Annotated

import msgspec

from checks.probes.outcome import Result

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    service: Annotated[
        str,
        msgspec.Meta(
            max_length=127,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$",
            description="One Service, NAMESPACE/NAME, link by link; empty for all of them.",
        ),
    ] = ""
    timeout_s: Annotated[
        float, msgspec.Meta(ge=0.2, le=3.0, description="Seconds that a connection is waited for.")
    ] = 1.8


class Kind(enum.StrEnum):
    """What is connected to."""

    OWN = "own"
    """An endpoint, from its own node, where no network comes in between."""
    ENDPOINT = "endpoint"
    """An endpoint, from anywhere."""
    ADDRESS = "address"
    """The Service's own address."""


class Aim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One connection to make."""

    kind: Kind
    namespace: Annotated[str, msgspec.Meta(max_length=63)]
    service: Annotated[str, msgspec.Meta(max_length=63)]
    name: Annotated[str, msgspec.Meta(max_length=63)] = ""
    """The Service's name of the port."""
    address: Annotated[str, msgspec.Meta(max_length=45)]
    port: Port


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent is asked to connect to."""

    aims: Annotated[tuple[Aim, ...], msgspec.Meta(max_length=256)] = ()
    timeout_s: Annotated[float, msgspec.Meta(ge=0.2, le=3.0)] = 1.8


class Measurement(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """How one connection went."""

    aim: Aim
    result: Result
    rtt_s: float = 0.0
    """Seconds until it was made or refused; 0 where nothing came."""
    detail: str = ""


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent measured."""

    measurements: tuple[Measurement, ...] = ()
