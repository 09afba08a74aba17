"""Where a fault may be, as data: what a finding or a cause is about.

A place is never a string that is cut up again. Two questions are asked of it. `identity` is what a cause at this place
is tied to: a node's name, a replica, a Service. `involves` is all that a finding at this place depends on: a pair of
nodes depends on both. So a cause concerns a finding when everything that the cause is tied to is part of what the
finding depends on (`concerns`).
"""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

Thing: TypeAlias = tuple[str, str]
"""The kind and the name of one thing that a place is made of: `("node", "w1")`."""


class _Place(msgspec.Struct, frozen=True, tag_field="kind", order=True):
    """What all places have."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that it involves, each once, the one that asks first."""
        return ()

    @property
    def identity(self) -> frozenset[Thing]:
        """What a cause at this place is tied to; empty for the whole cluster."""
        return self.involves

    @property
    def involves(self) -> frozenset[Thing]:
        """Everything that a finding at this place depends on."""
        return frozenset(("node", name) for name in self.nodes)

    @property
    def crosses(self) -> bool:
        """Whether what was seen here went from one node to another."""
        return len(self.nodes) > 1


class Cluster(_Place, frozen=True, tag="cluster"):
    """The cluster as a whole."""

    def __str__(self) -> str:
        return "cluster"


class Node(_Place, frozen=True, tag="node"):
    """One node."""

    name: str

    @property
    def nodes(self) -> tuple[str, ...]:
        """See `Place`."""
        return (self.name,)

    def __str__(self) -> str:
        return self.name


class Pair(_Place, frozen=True, tag="pair"):
    """The way from one node to another: their own networks, or pods on them."""

    source: str
    target: str

    @property
    def nodes(self) -> tuple[str, ...]:
        """See `Place`."""
        return _each_once((self.source, self.target))

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class Between(_Place, frozen=True, tag="between"):
    """Two nodes and the network between them, whichever of them asks."""

    one: str
    other: str
    """The later one by name."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """See `Place`."""
        return _each_once((self.one, self.other))

    def __str__(self) -> str:
        return f"{self.one} ↔ {self.other}"


class Replica(_Place, frozen=True, tag="replica"):
    """One replica of CoreDNS: its pod and the node that it is on."""

    name: str
    node: str = ""

    @property
    def nodes(self) -> tuple[str, ...]:
        """See `Place`."""
        return _each_once((self.node,))

    @property
    def identity(self) -> frozenset[Thing]:
        """See `Place`: the pod, wherever it is."""
        return frozenset({("pod", self.name)})

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        return frozenset({("pod", self.name), *(("node", node) for node in self.nodes)})

    def __str__(self) -> str:
        return self.name


class ReplicaPath(_Place, frozen=True, tag="replica-path"):
    """The way from a node to one replica of CoreDNS."""

    source: str
    replica: str
    node: str = ""
    """The replica's node."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """See `Place`."""
        return _each_once((self.source, self.node))

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        return frozenset({("pod", self.replica), *(("node", node) for node in self.nodes)})

    def __str__(self) -> str:
        return f"{self.source} → {self.replica}"


class Service(_Place, frozen=True, tag="service"):
    """A Service."""

    namespace: str
    name: str

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        return frozenset({("service", f"{self.namespace}/{self.name}")})

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class ServicePath(_Place, frozen=True, tag="service-path"):
    """The way from a node to a Service, or to one of its endpoints."""

    source: str
    """The node that asks; empty when it is the API server and nobody knows on which node that is."""
    namespace: str
    name: str
    ends: tuple[str, ...] = ()
    """The nodes of the endpoints that may answer."""
    pods: tuple[str, ...] = ()
    """Their pods."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """See `Place`."""
        return _each_once((self.source, *self.ends))

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        things = [("service", f"{self.namespace}/{self.name}")]
        things += [("pod", pod) for pod in self.pods] + [("node", node) for node in self.nodes]
        return frozenset(things)

    def __str__(self) -> str:
        return f"{self.source} → {self.namespace}/{self.name}" if self.source else f"{self.namespace}/{self.name}"


class Webhook(_Place, frozen=True, tag="webhook"):
    """One webhook of a configuration, and the Service that it is called through."""

    configuration: str
    name: str
    service: str = ""
    """`NAMESPACE/NAME`; empty for a webhook with a URL."""
    sort: str = ""
    """`mutating` or `conversion`; empty for a validating one. Both sorts of a product often share all names."""

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        hook = ("webhook", f"{self.configuration}/{self.name}" + (f" {self.sort}" if self.sort else ""))
        return frozenset({hook, ("service", self.service)}) if self.service else frozenset({hook})

    def __str__(self) -> str:
        return self.name


class Workload(_Place, frozen=True, tag="workload"):
    """A Deployment or DaemonSet, and the nodes of its pods that are meant."""

    namespace: str
    name: str
    on: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    """The Services that its pods answer for, `NAMESPACE/NAME`."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """See `Place`."""
        return self.on

    @property
    def identity(self) -> frozenset[Thing]:
        """See `Place`: the workload, wherever its pods are."""
        return frozenset({("workload", f"{self.namespace}/{self.name}")})

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        things = [*(("node", node) for node in self.on), *(("service", service) for service in self.serves)]
        return self.identity | frozenset(things)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Pool(_Place, frozen=True, tag="pool"):
    """An address pool of MetalLB."""

    name: str

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        return frozenset({("pool", self.name)})

    def __str__(self) -> str:
        return self.name


class Permission(_Place, frozen=True, tag="permission"):
    """A permission in the words of a role: `list pods`."""

    verb: str

    @property
    def involves(self) -> frozenset[Thing]:
        """See `Place`."""
        return frozenset({("permission", self.verb)})

    def __str__(self) -> str:
        return self.verb


Place: TypeAlias = (
    Cluster
    | Node
    | Pair
    | Between
    | Replica
    | ReplicaPath
    | Service
    | ServicePath
    | Webhook
    | Workload
    | Pool
    | Permission
)
"""Any place."""


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))
