"""What travels with a job of `dns` and what comes back."""

from typing import Annotated

import msgspec

from checks.kernel.resolver import Resolver
from checks.probes.dns.counted import Pairs
from checks.probes.outcome import Result

SERVICE = "kube-dns"
"""The name that stands for the ClusterIP where replicas have their pod's name."""
CACHE = "node-local cache"
"""The name that stands for the DNS cache on the asker's own node."""
NAME = r"([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?"
"""A domain name."""
LONGEST_NAME, LONGEST_DOMAIN = 253, 200
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
            max_length=LONGEST_NAME,
            pattern=f"^({NAME})?$",
            description="A name outside the cluster to ask for as well; empty: one that nobody has.",
        ),
    ] = ""


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A DNS server to ask."""

    name: str
    """The replica's pod, `SERVICE` or `CACHE`."""
    address: str
    node: str = ""
    """The node it is on; empty for the ClusterIP."""
    udp_port: int = 53
    tcp_port: int = 53
    metrics_port: int = 0
    """Where this asker is to read its counters; 0 where it is not to."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent is asked to ask."""

    targets: tuple[Target, ...] = ()
    domain: Annotated[str, msgspec.Meta(max_length=LONGEST_DOMAIN, pattern=f"^{NAME}$")] = "cluster.local"
    timeout_s: Annotated[float, msgspec.Meta(ge=0.1, le=3.0)] = 1.0
    rate_qps: Annotated[float, msgspec.Meta(gt=0, le=5000)] = 300.0
    """Queries a second that this agent sends to one target."""
    external: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME, pattern=f"^({NAME})?$")] = ""
    large: Annotated[str, msgspec.Meta(max_length=LONGEST_NAME, pattern=f"^({NAME})?$")] = ""
    """A name of more addresses than 512 bytes hold; empty where the cluster has none."""


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
    edns: str = ""
    """The rcode for the name that exists, asked with EDNS, or `timeout`; empty when it was not asked."""
    external_edns: str = ""
    """The same of the external name."""
    large: str = ""
    """What came of the large name (`checks.probes.dns.single.ask_for_much`); empty when it was not asked."""
    replier: str = ""
    """Where no datagram was answered by whom it was sent to: the address that a reply came from all the same."""

    @property
    def lost(self) -> int:
        """Datagrams that nobody answered in time."""
        return self.sent - self.answered


class Counted(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """By how much a replica's own counters rose while it was asked."""

    name: str
    node: str = ""
    read: bool = False
    """Whether they could be read, before and after."""
    detail: str = ""
    """Why not."""
    rcodes: dict[str, int] = {}
    """Answers to whomever, by rcode."""
    rises: dict[str, int] = {}
    """What tells of trouble, by the name of its counter; what did not rise is not there."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one agent measured."""

    asked: tuple[Asked, ...] = ()
    resolver: Resolver | None = None
    """What the agent's own resolver is told: on the host the node's, in a pod what kubelets give to pods."""
    own_rcode: str = ""
    """The ClusterIP's rcode for `kubernetes.default.svc` of the zone in the pod's search list, or `timeout`; empty
    where that was not asked."""
    own_addresses: tuple[str, ...] = ()
    """What it was said to resolve to."""
    wildcards: tuple[str, ...] = ()
    """The domains of the pod's search list outside the cluster in which a made-up name has an address."""
    pairs: Pairs | None = None
    counted: tuple[Counted, ...] = ()
