"""What travels with a job of `etcd` and what comes back."""

from typing import Annotated

import msgspec

from checks.observation import Answer
from checks.probes.outcome import Outcome

METRICS_PORT = 2381
"""Where etcd tells its figures without TLS, on the loopback interface (kubeadm: constants.EtcdMetricsPort; k3s, RKE2:
listenMetricsURLs in pkg/etcd/etcd.go). Talos has it only where `listen-metrics-urls` is set for etcd."""
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Readiness(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The worker asks one API server whether it is ready."""

    address: Annotated[str, msgspec.Meta(max_length=45)] = ""
    """Empty: the one that the worker talks to anyway."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    node: Annotated[str, msgspec.Meta(max_length=253)] = ""
    """The node with that address; empty when none of the cluster's has it."""


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A host agent asks the member on its own node, and nobody else: the address is the node's own loopback."""

    address: Annotated[str, msgspec.Meta(pattern=r"^(127\.0\.0\.1|::1)$")] = "127.0.0.1"
    port: Port = METRICS_PORT


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one job asks: an API server, or a member."""

    readiness: Readiness | None = None
    metrics: Metrics | None = None


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """What one API server said."""

    address: str
    node: str
    answer: Answer
    """Its message has one line for each of the API server's own checks."""


class Member(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one member told of itself; None for what it did not tell."""

    outcome: Outcome
    status: int = 0
    """HTTP status."""
    has_leader: bool | None = None
    is_leader: bool | None = None
    is_learner: bool | None = None
    """A learner has no vote yet."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one job measured."""

    server: Server | None = None
    member: Member | None = None
