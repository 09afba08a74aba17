"""What netcheck's operator can be told to do: a closed list of verbs with typed arguments.

An operation says what, never how: the operator decides that, looks first whether it is done already, and is held to
the verbs that its role in the cluster allows.
"""

from typing import Annotated, TypeAlias

import msgspec

_Name = Annotated[str, msgspec.Meta(max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$")]


class _Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="verb", kw_only=True):
    """What all operations have."""


class Cordon(_Operation, frozen=True, tag="cordon"):
    """Let nothing new be scheduled on a node."""

    node: _Name


class Drain(_Operation, frozen=True, tag="drain"):
    """Evict what runs on a cordoned node, honouring disruption budgets."""

    node: _Name
    lose_data: bool = False
    """Whether pods with emptyDir volumes are evicted too, which loses what is in those."""


class Uncordon(_Operation, frozen=True, tag="uncordon"):
    """Let a node be used again, if it was netcheck that cordoned it."""

    node: _Name


class Restart(_Operation, frozen=True, tag="restart"):
    """Restart a Deployment or DaemonSet, as `kubectl rollout restart` does."""

    kind: Annotated[str, msgspec.Meta(pattern="^(Deployment|DaemonSet)$")]
    namespace: _Name
    name: _Name


class DeletePod(_Operation, frozen=True, tag="delete-pod"):
    """Delete one pod; whatever owns it makes it anew."""

    namespace: _Name
    name: _Name


class ApplyPool(_Operation, frozen=True, tag="apply-pool"):
    """Create or change an IPAddressPool and the L2Advertisement of the same name."""

    namespace: _Name
    name: _Name
    addresses: tuple[Annotated[str, msgspec.Meta(max_length=100)], ...]


class DeletePool(_Operation, frozen=True, tag="delete-pool"):
    """Delete an IPAddressPool and its L2Advertisement, if they are just as netcheck made them."""

    namespace: _Name
    name: _Name
    addresses: tuple[Annotated[str, msgspec.Meta(max_length=100)], ...]


class ExchangeAdapter(_Operation, frozen=True, tag="exchange-adapter"):
    """Shut a node's VM down, replace its adapter in one reconfiguration, power it on and wait until it is back.

    One operation, because in between nobody may be there to ask: the node may be the one that Redis, the API server or
    the bot runs on.
    """

    node: _Name
    mac: Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2}:){5}[0-9a-f]{2}$")]
    to: Annotated[str, msgspec.Meta(pattern="^(e1000e|vmxnet3)$")]
    cut_power: bool = False
    """Whether the power is cut when the guest does not shut down."""
    owned: bool = False
    """Whether it is done although something owns the VM that may make it anew, with the adapter of its template."""


class SetOffloads(_Operation, frozen=True, tag="set-offloads"):
    """Switch both tunnel offloads of an interface, by a short-lived pod with NET_ADMIN on that node."""

    node: _Name
    interface: Annotated[str, msgspec.Meta(max_length=15, pattern=r"^[A-Za-z0-9._-]+$")]
    on: bool


Operation: TypeAlias = (
    Cordon | Drain | Uncordon | Restart | DeletePod | ApplyPool | DeletePool | ExchangeAdapter | SetOffloads
)
"""Any of them."""
