"""What travels with a job of `dns` and what comes back."""

from typing import Annotated

import msgspec

from checks.probes.outcome import Result

SERVICE = "kube-dns"
"""The name that stands for the ClusterIP where replicas have their pod's name."""
NAME = r"([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?"
"""A domain name."""
LONGEST_DOMAIN = 200
"""Characters: what is asked for stands before it, and no name is longer than 253."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    timeout_s: Annotated[
        float, msgspec.Meta(ge=0.1, le=3.0, description="Seconds after which a datagram counts as lost.")
    ] = 1.0
    rate_qps: Annotated[
        int,
        msgspec.Meta(ge=50, le=5000, description="Queries a second that all agents together send to one replica."),
    ] = 2000
    external: Annotated[
        str,
        msgspec.Meta(
            max_length=253,
            pattern=f"^({NAME})?$",
            description="A name outside the cluster to ask for as well; empty asks for none.",
        ),
    ] = ""


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A DNS server to ask."""

    name: str
    """The replica's pod, or `SERVICE`."""
    address: str
    node: str = ""
    """The node it is on; empty for the ClusterIP."""
    udp_port: int = 53
    tcp_port: int = 53


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent is asked to ask."""

    targets: tuple[Target, ...] = ()
    domain: Annotated[str, msgspec.Meta(max_length=LONGEST_DOMAIN, pattern=f"^{NAME}$")] = "cluster.local"
    timeout_s: Annotated[float, msgspec.Meta(ge=0.1, le=3.0)] = 1.0
    rate_qps: Annotated[float, msgspec.Meta(gt=0, le=5000)] = 300.0
    """Queries a second that this agent sends to one target."""
    external: Annotated[str, msgspec.Meta(max_length=253, pattern=f"^({NAME})?$")] = ""


class Asked(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How one server answered one asker."""

    name: str
    node: str = ""
    address: str
    sent: int = 0
    """Datagrams sent; none is ever sent again, so each one counts."""
    answered: int = 0
    refused: int = 0
    """How often the server's address said that nobody listens."""
    rcodes: dict[str, int] = {}
    """Answers about a name that exists, by rcode."""
    nx_rcodes: dict[str, int] = {}
    """Answers about names that do not exist, by rcode."""
    addresses: tuple[str, ...] = ()
    """What the existing name resolves to, sorted."""
    p50_s: float = 0.0
    p99_s: float = 0.0
    tcp: Result = Result.OK
    """The same question over TCP; of several connections the worst."""
    tcp_s: float = 0.0
    tcp_detail: str = ""
    external: str = ""
    """The rcode for the external name, or `timeout`; empty when it was not asked."""

    @property
    def lost(self) -> int:
        """Datagrams that nobody answered in time."""
        return self.sent - self.answered


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one agent measured."""

    asked: tuple[Asked, ...] = ()
