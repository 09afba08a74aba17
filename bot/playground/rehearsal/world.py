"""What was changed since the recording, as data, and how it changes. Pure."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

E1000E, VMXNET3 = "e1000e", "vmxnet3"


class Machine(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One node, where it differs from the recording."""

    adapter: str = ""
    """`E1000E` or `VMXNET3`; empty: the recorded one."""
    offloads: bool | None = None
    """Whether both tunnel offloads are on; None: as recorded, which is how they are after a start."""
    kept: bool = False
    """Whether something switches them off again at every start."""
    cordoned: bool = False
    off: bool = False
    """Whether the VM is switched off."""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """An IPAddressPool with an L2Advertisement of its name."""

    namespace: str
    addresses: tuple[str, ...]


class World(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Everything that differs from the recording; at first nothing."""

    machines: dict[str, Machine] = {}
    pools: dict[str, Pool] = {}

    def machine(self, node: str) -> Machine:
        """A node; one that nobody has changed is as it was recorded."""
        return self.machines.get(node, Machine())


Change: TypeAlias = Callable[[World], World]
"""Makes the next world."""


def unchanged(world: World) -> World:
    """What leaves no trace in the model: a drain, a backup."""
    return world


def switched(node: str, *, on: bool) -> Change:
    """Switch both tunnel offloads, until the next start."""
    return lambda world: _with(world, node, offloads=on)


def kept(node: str, *, off: bool) -> Change:
    """Have the tunnel offloads switched off at every start, or no longer."""
    return lambda world: _with(world, node, kept=off)


def restarted(node: str) -> Change:
    """The interface, or its VM, starts anew: its offloads are what they are by themselves, unless that is seen to."""
    return lambda world: _with(world, node, off=False, offloads=False if world.machine(node).kept else None)


def shut_down(node: str) -> Change:
    """The VM is switched off."""
    return lambda world: _with(world, node, off=True)


def exchanged(node: str, to: str) -> Change:
    """The VM has another adapter, and was started with it."""

    def change(world: World) -> World:
        return restarted(node)(_with(world, node, adapter=to))

    return change


def cordoned(node: str, *, closed: bool) -> Change:
    """Cordon a node, or open it."""
    return lambda world: _with(world, node, cordoned=closed)


def with_pool(name: str, pool: Pool) -> Change:
    """Apply a pool and its advertisement."""
    return lambda world: msgspec.structs.replace(world, pools={**world.pools, name: pool})


def without_pool(name: str) -> Change:
    """Delete a pool and its advertisement."""

    def change(world: World) -> World:
        left: Mapping[str, Pool] = {each: pool for each, pool in world.pools.items() if each != name}
        return msgspec.structs.replace(world, pools=dict(left))

    return change


def _with(world: World, node: str, **fields: Any) -> World:
    machine = msgspec.structs.replace(world.machine(node), **fields)
    return msgspec.structs.replace(world, machines={**world.machines, node: machine})
