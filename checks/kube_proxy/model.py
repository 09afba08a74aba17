"""What travels with a job of `kube-proxy` and what comes back."""

from typing import Annotated

import msgspec

from checks.probes.outcome import Outcome

HEALTH_PORT, METRICS_PORT = 10256, 10249
"""kube-proxy's defaults (`healthzBindAddress`, `metricsBindAddress`); the second is on the loopback interface alone."""
Loopback = Annotated[str, msgspec.Meta(pattern=r"^(127\.0\.0\.1|::1)$")]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A host agent asks the kube-proxy on its own node, and nobody else: the address is the node's own loopback."""

    address: Loopback = "127.0.0.1"
    health_port: Port = HEALTH_PORT
    metrics_port: Port = METRICS_PORT


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a node's kube-proxy says, and what the kernel shows of it."""

    health: Outcome
    status: int = 0
    """HTTP status of its health; 0 without an answer."""
    words: str = ""
    """The beginning of what it said with it."""
    mode: str = ""
    """`iptables`, `ipvs` or `nftables`, as it says; empty where it does not."""
    arp_ignore: int | None = None
    """`net.ipv4.conf.all.arp_ignore`; None where it cannot be read."""
    arp_announce: int | None = None
    """`net.ipv4.conf.all.arp_announce`; None where it cannot be read."""
    has_ipvs_device: bool = False
    """Whether there is the interface that the mode ipvs gives all Services' addresses to."""
