"""What a person may set, what is asked of a node, and what it answers."""

from typing import Annotated

import msgspec

from checks.probes.outcome import Outcome


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    namespace: Annotated[
        str,
        msgspec.Meta(
            max_length=63,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$",
            description="The namespace of MetalLB; empty where it is found by what it is.",
        ),
    ] = ""
    service: Annotated[
        str,
        msgspec.Meta(
            max_length=127,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(/[a-z0-9]([-a-z0-9]*[a-z0-9])?)?)?$",
            description="A Service whose address does not answer, `NAMESPACE/NAME`: looked at link by link.",
        ),
    ] = ""


class Peer(msgspec.Struct, frozen=True):
    """The speaker of another node."""

    node: str
    address: str


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a node's agent asks of its own speaker, of others, and of the controller where it is on this node."""

    addresses: tuple[str, ...] = ()
    """Where its own speaker tells its figures, the likelier first."""
    metrics_ports: tuple[int, ...] = ()
    memberlist_port: int = 0
    """TCP and UDP; 0 where speakers do not look for each other."""
    peers: tuple[Peer, ...] = ()
    controller: str = ""
    """The address of the controller's pod."""
    controller_port: int = 0
    interfaces: tuple[Annotated[str, msgspec.Meta(max_length=15)], ...] = ()
    """Of which is to be told whether the node has them: those that advertisements name."""


class Session(msgspec.Struct, frozen=True):
    """A BGP session of a speaker."""

    peer: str
    up: bool


class Announced(msgspec.Struct, frozen=True):
    """A Service that a speaker announces."""

    service: str
    protocol: str = ""


class Metrics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What MetalLB tells in its figures."""

    outcome: Outcome
    status: int = 0
    """HTTP; 0 without an answer."""
    loaded: bool | None = None
    """Whether a configuration was ever loaded; None where it is not told."""
    stale: bool | None = None
    """Whether the latest could not be loaded."""
    sessions: tuple[Session, ...] = ()
    announced: tuple[Announced, ...] = ()
    full: tuple[str, ...] = ()
    """The pools of which the allocator has given every address."""


class Reached(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Another node's speaker, as this node meets it."""

    node: str
    tcp: Outcome
    udp: Outcome | None = None
    """What came back of a datagram. Silence says nothing: speakers do not answer strangers."""
    node_answers: bool = True
    """Whether the node answers on another port, so that it is this one that is closed."""


class Data(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a node's agent saw."""

    metrics: Metrics | None = None
    """Of the speaker on this node."""
    memberlist: Outcome | None = None
    """Whether anybody on this node listens on the port of the memberlist."""
    reached: tuple[Reached, ...] = ()
    controller: Metrics | None = None
    interfaces: tuple[str, ...] | None = None
    """Of the interfaces that were asked about those that the node has; None where none was."""
