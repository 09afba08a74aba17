"""What travels with a job of `paths` and what comes back."""

import enum
from typing import Annotated

import msgspec

from checks.probes.outcome import Result

HOST_TO_HOST = "host"
"""The name of an aim at a node's own address; the others of its kind are at pods."""


class Kind(enum.StrEnum):
    """What a probe of the matrix does. The value is the finding code's second half."""

    HOST_TCP = "host-tcp"
    """A: TCP echo, node to node."""
    SAME_NODE = "same-node"
    """B: TCP to a pod of the same node."""
    PING = "cross-ping"
    """C: ICMP echo to a pod of another node."""
    TCP = "cross-tcp"
    """D: TCP echo of one small segment to a pod of another node."""
    BULK = "cross-tcp-bulk"
    """E: TCP echo of many segments to a pod of another node."""
    WEBHOOK_ENDPOINT = "webhook-endpoint"
    """F: TLS greeting to a webhook's pod."""
    WEBHOOK_LOCAL = "webhook-local"
    """TLS greeting to a webhook's pod from its own node."""
    WEBHOOK_SERVICE = "webhook-service"
    """G: TLS greeting to a webhook's ClusterIP."""
    API_SERVICE = "api-service"
    """TCP connection to the ClusterIP of the API servers."""
    API_SERVER = "api-server"
    """TCP connection to an API server's own address."""
    KUBELET = "kubelet"
    """TCP connection from an API server's node to a kubelet."""
    LOSS = "loss"
    """Many small UDP datagrams, of which the lost ones are counted."""
    TUNNEL = "tunnel-arrivals"
    """A known burst of datagrams to the tunnel's port."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    timeout_s: Annotated[
        float, msgspec.Meta(ge=0.2, le=5.0, description="Seconds a probe waits; TCP repeats a lost SYN after 1 s.")
    ] = 1.8
    bulk_bytes: Annotated[
        int, msgspec.Meta(ge=4096, le=1 << 20, description="Bytes sent and echoed back by the bulk TCP probe.")
    ] = 65536
    window_s: Annotated[
        float, msgspec.Meta(ge=0.0, le=5.0, description="Seconds for which counters of damaged packets are watched.")
    ] = 0.5
    neighbours: Annotated[
        int, msgspec.Meta(ge=2, le=50, description="Peers of each node, plus one that rotates, above 8 nodes.")
    ] = 10


class Aim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One thing to probe."""

    kind: Kind
    peer: str
    """The node that hosts what is probed; empty for a ClusterIP, which is hosted nowhere."""
    address: str
    port: int = 0
    name: str = ""
    """The webhook's TLS server name, or the pod's name, for people."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent is asked to probe."""

    aims: tuple[Aim, ...] = ()
    timeout_s: Annotated[float, msgspec.Meta(ge=0.2, le=5.0)] = 1.8
    bulk_bytes: Annotated[int, msgspec.Meta(ge=4096, le=1 << 20)] = 65536
    window_s: Annotated[float, msgspec.Meta(ge=0.0, le=5.0)] = 0.5
    datagrams: Annotated[int, msgspec.Meta(ge=0, le=500)] = 0
    """LOSS: so many of each way, whatever comes of the first ones; 0 for as many as a sequential test takes."""
    count_arrivals: bool = False
    """Whether bursts to the tunnels of peers are all that is asked, and counting what comes of theirs."""


class Measurement(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """How one probe went."""

    kind: Kind
    peer: str
    address: str
    port: int = 0
    name: str = ""
    result: Result
    rtt_s: float = 0.0
    """Seconds until the answer was complete or the failure was told; 0 when nothing came."""
    detail: str = ""
    told_by: str = ""
    """Whoever answered in the peer's place, by address; empty where nobody did or it is not known."""
    reached: str = ""
    """The node of the echo that answered; empty where it did not say."""
    sent: int = 0
    """LOSS: datagrams."""
    answered: int = 0
    """LOSS: those that were answered in time."""


class Counters(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """By how much the kernel's counters of this network namespace rose during the probes."""

    tcp_checksum_errors: int = 0
    """Segments dropped for a wrong checksum (`Tcp: InCsumErrors`)."""
    udp_checksum_errors: int = 0
    """Datagrams dropped for a wrong checksum (`Udp: InCsumErrors`)."""
    tcp_retransmissions: int = 0
    """Segments sent again (`Tcp: RetransSegs`)."""
    udp_received: int = 0
    """Datagrams that reached a UDP socket of the kernel's or of a process, a tunnel's included."""
    udp_without_port: int = 0
    """Datagrams to ports on which nobody listens."""
    ip_vanished: int = 0
    """IPv4 packets that came in and were neither delivered, nor forwarded, nor found faulty: a packet filter's."""
    seconds: float = 0.0
    """How long they were watched."""


class Arrivals(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a node's kernel counted while peers sent bursts to its tunnel."""

    quiet: Counters
    """Just before: what comes in anyway."""
    burst: Counters
    """Meanwhile."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one agent measured."""

    measurements: tuple[Measurement, ...] = ()
    counters: Counters | None = None
    """None when they could not be read; `counters_error` says why."""
    counters_error: str = ""
    arrivals: Arrivals | None = None
    """Of a job that was to count them; None when they could not be."""
