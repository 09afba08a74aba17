"""What one job measures on one target: plain data, whatever the network does.

A check has two halves that never mix. `observe` does IO on one target and returns plain data; an expected network
failure (a time-out, a refusal) is data too. `judge` is pure: the observations of all targets in, findings out. So a
recording of observations can be judged again anywhere, and a test of a judgement needs no network.
"""

import enum
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec


class Network(enum.StrEnum):
    """Where an observation is made."""

    CLUSTER = "cluster"
    """The worker: anything asked of the API server."""
    HOST = "host"
    """The agent in a node's own network namespace."""
    POD = "pod"
    """The agent in a pod of the node."""


class State(enum.StrEnum):
    """How a job ended."""

    OBSERVED = "observed"
    NO_ANSWER = "no-answer"
    """No agent took the job in time: the node, its agent or its way to Redis is gone."""
    OVERDUE = "overdue"
    """Not begun before it expired, or not finished at its deadline, and killed."""
    BROKEN = "broken"
    """The check itself raised: our fault, never evidence about the cluster."""
    REFUSED = "refused"
    """The job names no check that runs there, or its request does not fit."""
    CANCELLED = "cancelled"


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one job measured on one target: plain data."""

    check: str
    network: Network
    node: str = ""
    """The node's name; empty for `Network.CLUSTER`."""
    name: str = ""
    """Of the task, where a check has several on one node and network."""
    state: State = State.OBSERVED
    data: Any = None
    """JSON builtins of the check's `data` type; None unless observed."""
    message: str = ""
    """For a person: why there is no data."""
    elapsed_s: float = 0.0
    throttled: int = 0
    """How often the kernel throttled the probing container meanwhile (`cpu.stat nr_throttled`): a starved agent
    accuses the network."""
    age_s: float = 0.0
    """Seconds for which the process of whoever observed had run by then; 0 where it was not told."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One job that a check wants done: which agent (or the worker) observes what."""

    network: Network
    node: str = ""
    request: Any = None
    """A value of the check's `request` type."""
    name: str = ""
    """Tells tasks of one check on one node and network apart."""


class ClusterAPI(Protocol):
    """What an observation may ask of the API server; implemented by `checks.cluster.api.Cluster`."""

    def dry_run_create(self, path: str, body: dict[str, Any], timeout_s: float) -> "Answer":
        """Create the object at an API path (`/apis/metallb.io/v1beta1/namespaces/x/ipaddresspools`) with `dryRun=All`.

        Never raises for what the API server or the network does: that is the answer.
        """

    def readiness(self, address: str, port: int, timeout_s: float) -> "Answer":
        """Ask one API server at its own address, or the usual one when that is empty, for `/readyz?verbose`.

        The message has the server's words, one line a check of its own. Never raises, as above.
        """

    def figures(self, address: str, port: int, beginning: str, timeout_s: float) -> "Answer":
        """Ask one API server, as above, for those lines of `/metrics` that begin so.

        Never raises, as above.
        """


class Answer(msgspec.Struct, frozen=True):
    """What the API server said."""

    status: int
    """HTTP status; 0 when there was no answer."""
    message: str
    """The `message` of a Status object, or the words of the client's error; of a readiness and of figures the server's
    own lines."""
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Context:
    """What an observation has at hand on its target."""

    network: Network
    node: str = ""
    sysfs: str = "/sys"
    procfs: str = "/proc"
    cluster: ClusterAPI | None = None
    """Only on the worker."""
