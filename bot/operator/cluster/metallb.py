"""MetalLB's pools: tried first, then applied as netcheck's own fields, and looked at."""

import enum
from typing import Any

import msgspec

from bot.operator.cluster.api import APPLY, MANAGER, Api, accepted
from bot.operator.cluster.errors import ClusterError, NotThere
from bot.operator.cluster.objects import Metadata, Object

NAMESPACE = "metallb-system"
"""Where MetalLB's own manifest puts it."""
_GROUP = "metallb.io/v1beta1"
_NOT_FOUND = 404
_WEBHOOK_SILENT = "failed calling webhook"


class Pool(msgspec.Struct, frozen=True):
    """Addresses for Services of type LoadBalancer, which nodes announce by ARP and NDP."""

    name: str
    addresses: tuple[str, ...]
    """Each a CIDR, or `first-last`."""
    namespace: str = NAMESPACE


class State(enum.StrEnum):
    """How an object compares with what is wanted."""

    ABSENT = "absent"
    OTHER = "other"
    """It is there and says something else."""
    AS_WANTED = "as-wanted"


class Seen(msgspec.Struct, frozen=True):
    """What is true now."""

    pool: State
    advertisement: State

    @property
    def complete(self) -> bool:
        """Whether both are as wanted."""
        return self.pool is State.AS_WANTED and self.advertisement is State.AS_WANTED


class _Custom(Object, frozen=True):
    metadata: Metadata = Metadata()
    spec: dict[str, Any] = msgspec.field(default_factory=dict)


def look(api: Api, pool: Pool) -> Seen:
    """How the pool and its advertisement are now.

    Raises:
        ClusterError: they cannot be read.
    """
    return Seen(*(_state(api, path, wanted) for path, wanted in _objects(pool)))


def rehearse(api: Api, pool: Pool) -> None:
    """Apply both without keeping them: the API server and MetalLB's webhook say whether they would.

    Raises:
        ClusterError: they would not, in the words of whoever refuses; `Conflict` when somebody else manages a field.
    """
    try:
        _apply(api, pool, dryRun="All")
    except ClusterError as error:
        if _WEBHOOK_SILENT not in str(error):
            raise
        # After a short outage of the webhook's node the API server still talks into its old connection, once.
        _apply(api, pool, dryRun="All")


def apply(api: Api, pool: Pool) -> Seen:
    """Apply both and say how they are then; what is there already stays.

    Raises:
        ClusterError: they are not applied; `Conflict` when somebody else manages a field of them.
    """
    _apply(api, pool)
    return look(api, pool)


def remove(api: Api, pool: Pool) -> Seen:
    """Delete both, the advertisement first, and say how they are then; what says something else than this pool stays.

    Raises:
        ClusterError: they are not deleted.
    """
    seen = look(api, pool)
    for (path, _), state in zip(reversed(_objects(pool)), (seen.advertisement, seen.pool), strict=True):
        if state is State.AS_WANTED:
            reply = api.ask("DELETE", path)
            if reply.status != _NOT_FOUND:
                accepted(reply, "delete", path)
    return look(api, pool)


def _apply(api: Api, pool: Pool, **query: str) -> None:
    for path, wanted in _objects(pool):
        reply = api.ask("PATCH", path, wanted, APPLY, fieldManager=MANAGER, **query)
        accepted(reply, "apply", path)


def _state(api: Api, path: str, wanted: dict[str, Any]) -> State:
    try:
        found = api.get(path, _Custom)
    except NotThere:
        return State.ABSENT
    same = all(found.spec.get(key) == value for key, value in wanted["spec"].items())
    return State.AS_WANTED if same else State.OTHER


def _objects(pool: Pool) -> list[tuple[str, dict[str, Any]]]:
    """Path and content of the pool and of its advertisement, in the order in which they have to be made."""
    return [
        _object(pool, "IPAddressPool", {"addresses": list(pool.addresses)}),
        _object(pool, "L2Advertisement", {"ipAddressPools": [pool.name]}),
    ]


def _object(pool: Pool, kind: str, spec: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    metadata = {"name": pool.name, "namespace": pool.namespace}
    path = f"/apis/{_GROUP}/namespaces/{pool.namespace}/{kind.lower()}s/{pool.name}"
    return path, {"apiVersion": _GROUP, "kind": kind, "metadata": metadata, "spec": spec}
