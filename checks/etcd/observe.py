"""Ask an API server for its readiness, or the member of etcd on this node for its figures."""

import re

from checks.etcd.model import Data, Member, Metrics, Readiness, Request, Server
from checks.observation import Context
from checks.probes.http import get

READINESS_TIMEOUT_S = 6.0
"""An API server whose etcd is silent says so after 4 s (measured): each of its two checks waits for 2 s."""
METRICS_TIMEOUT_S = 2.0
"""A member on the same node answers within some 20 ms."""
METRICS_BYTES = 4 << 20
"""A member tells some 200 kB; a large and busy one a megabyte."""
_OK = 200


def observe(request: Request, context: Context) -> Data:
    """The one or the other."""
    return Data(
        server=_ready(request.readiness, context) if request.readiness else None,
        member=_told(request.metrics) if request.metrics else None,
    )


def _ready(asked: Readiness, context: Context) -> Server:
    if context.cluster is None:
        raise RuntimeError("an API server's readiness was asked of an agent; only the worker talks to API servers")
    answer = context.cluster.readiness(asked.address, asked.port, READINESS_TIMEOUT_S)
    return Server(address=asked.address, node=asked.node, answer=answer)


def _told(asked: Metrics) -> Member:
    fetched = get(asked.address, asked.port, "/metrics", METRICS_TIMEOUT_S, METRICS_BYTES)
    if fetched.status != _OK:
        return Member(outcome=fetched.outcome, status=fetched.status)
    return Member(
        outcome=fetched.outcome,
        status=fetched.status,
        has_leader=_flag(fetched.body, "etcd_server_has_leader"),
        is_leader=_flag(fetched.body, "etcd_server_is_leader"),
        is_learner=_flag(fetched.body, "etcd_server_is_learner"),
    )


def _flag(exposition: bytes, name: str) -> bool | None:
    """A gauge that is 0 or 1, in Prometheus's text format; None where it is not told."""
    found = re.search(rb"^%b(?:\{[^}\n]*\})? +([01])(?:\.0*)?(?: \d+)?$" % name.encode(), exposition, re.MULTILINE)
    return found[1] == b"1" if found else None
