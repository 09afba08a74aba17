"""A node's virtual machine as vCenter describes it, as data.

What the fields mean is in the vSphere Web Services API reference, by the property that each names.
"""

import enum
from typing import TypeAlias

import msgspec

POWERED_ON = "poweredOn"
POWERED_OFF = "poweredOff"


class Adapter(enum.StrEnum):
    """The two adapter types that netcheck exchanges."""

    VMXNET3 = "vmxnet3"
    E1000E = "e1000e"

    @property
    def other(self) -> "Adapter":
        """The way back."""
        return Adapter.E1000E if self is Adapter.VMXNET3 else Adapter.VMXNET3


class Standard(msgspec.Struct, frozen=True, tag_field="kind", tag="standard"):
    """A network of a host's standard switch."""

    name: str
    ref: str = ""
    """The network's own id; empty when vCenter did not tell."""


class Distributed(msgspec.Struct, frozen=True, tag_field="kind", tag="distributed"):
    """A port group of a distributed switch. The port itself is left out: a new adapter gets a new one."""

    switch: str
    """The switch's UUID."""
    portgroup: str


class Opaque(msgspec.Struct, frozen=True, tag_field="kind", tag="opaque"):
    """A network that vCenter does not manage itself (NSX), or none: an adapter on it is not exchanged here."""

    name: str


Backing: TypeAlias = Standard | Distributed | Opaque
"""What an adapter is plugged into."""


class Nic(msgspec.Struct, frozen=True, kw_only=True):
    """One network adapter."""

    key: int
    """The device's key. It changes with every exchange: the MAC is what identifies an adapter."""
    label: str = ""
    """What vSphere's pages call it: `Network adapter 1`."""
    type: str
    """`vmxnet3`, `e1000e`, `sriov` and so on; of others the API's class."""
    mac: str
    """In small letters."""
    address_type: str = ""
    """`manual`: a person's; `assigned`: vCenter's; `generated`: the host's."""
    backing: Backing
    network: str = ""
    """The name of the network or port group; its id when the name may not be read."""
    unit: int | None = None
    controller: int | None = None
    start_connected: bool = True
    allow_guest_control: bool = True
    wake_on_lan: bool | None = None
    passthrough: bool = False
    """DirectPath I/O or UPT is in use, or UPTv2 asked for: not merely allowed, as it is for most VMXNET3 adapters."""
    reserves: bool = False
    """It has a reservation, a limit or shares of its own, which an exchange would lose."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """One virtual machine at one moment."""

    ref: str
    """vCenter's id of it: `vm-42`."""
    name: str
    uuid: str = ""
    power: str
    """`poweredOn`, `poweredOff` or `suspended`."""
    connection: str = "connected"
    hardware: int = 0
    """The version of its hardware; 0 when it is not told."""
    guest_id: str = ""
    guest_adapters: tuple[str, ...] = ()
    """The adapters that fit its guest operating system, as vCenter has it; empty when it does not tell."""
    tools: bool = False
    """The guest tools run, so the guest can be asked to shut down."""
    version: str = ""
    """`config.changeVersion`: another one means that somebody changed the machine."""
    nics: tuple[Nic, ...] = ()
    managed_by: str = ""
    """The key of the extension that manages it."""
    attributes: dict[str, str] = {}
    """Custom attributes."""
    annotation: str = ""
    guestinfo: tuple[str, ...] = ()
    """Names of `guestinfo.` settings: what a provisioning tool hands to the guest."""
    snapshots: tuple[str, ...] = ()
    template: bool = False
    vapp: bool = False
    """It is in one. A machine that was made from an OVA may have vApp options without being in one."""
    fault_tolerance: bool = False
    disabled: tuple[str, ...] = ()
    """API methods that are switched off for it."""
    tasks: tuple[str, ...] = ()
    """Tasks that are under way or queued."""
    question: str = ""
    """What it waits for an answer to."""
    twins: dict[str, tuple[str, ...]] = {}
    """MAC -> other virtual machines that have it too."""

    def having(self, mac: str) -> tuple[Nic, ...]:
        """The adapters with this MAC: one, unless something is wrong."""
        return tuple(nic for nic in self.nics if nic.mac == mac.lower())


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What is true now of one adapter, for whoever does not know how far a change came."""

    power: str
    type: str = ""
    """Empty: no adapter, or more than one, has the MAC."""
    tasks: tuple[str, ...] = ()
    """While there are some, it may still change."""


class Swapped(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange that was done and checked."""

    changed: bool
    """False: the adapter was of that type already."""
    before: Nic
    after: Nic
