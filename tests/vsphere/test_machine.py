"""A node's virtual machine is found in vCenter and described."""

import uuid
from typing import Any

import pytest

from bot.operator.vcenter.client import VCenter
from bot.operator.vcenter.errors import IdentityError, PrivilegeError
from bot.operator.vcenter.model import Adapter, Distributed, Machine, Nic, Standard
from bot.operator.vcenter.preflight import refusals, warnings
from bot.runbooks.identity import Sought, candidates
from tests.checks.words import words
from tests.vsphere.conftest import Start
from tests.vsphere.simulator import GROUP, STANDARD, Simulator, mac, vm

pytestmark = pytest.mark.vsphere
UUID = str(vm("any", 1)["uuid"])
AS_LINUX_SHOWS_IT = str(uuid.UUID(bytes_le=uuid.UUID(UUID).bytes))


def sought(**fields: Any) -> Sought:
    """The node whose machine is the first."""
    return Sought(**{"node": "cp", "system_uuid": UUID, "macs": (mac(1),), **fields})


def described(start: Start, **fields: Any) -> Machine:
    """How a machine looks that has these fields."""
    with VCenter.connect(start(vm("w1", 1, **fields)).account) as client:
        return client.describe(client.find(sought()))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"system_uuid": AS_LINUX_SHOWS_IT.upper()},
        {"system_uuid": "not known", "provider_id": f"vsphere://{UUID}"},
        {"macs": ("02:00:00:00:00:01", mac(1).upper())},
    ],
    ids=["vSphere's order", "Linux's order", "provider id", "one of several MACs"],
)
def test_found(client: VCenter, fields: dict[str, Any]) -> None:
    """By its UUID in either order, or by the provider's id, and confirmed by a MAC."""
    assert "cp" == client.describe(client.find(sought(**fields))).name


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"system_uuid": "4223a1b2-0000-0000-0000-293a4b5c6d01"}, "tried as 4223a1b2-0000.*, b2a12342-0000"),
        ({"system_uuid": "Not Settable"}, "'Not Settable', which is none"),
        ({"macs": ("00:50:56:00:00:63",)}, f"cp has its UUID but not its MAC: .* has {mac(1)}, the node 00:50:.*63"),
        ({"macs": ()}, "the node none"),
        ({"provider_id": f"vsphere://{vm('w1', 2)['uuid']}"}, r"2 have its UUID: cp \(vm-\d+\), w1 \(vm-\d+\)"),
    ],
    ids=["unknown", "no UUID", "another MAC", "no MAC", "two ids, two machines"],
)
def test_not_found(client: VCenter, fields: dict[str, Any], said: str) -> None:
    """What was tried and what was found is said."""
    with pytest.raises(IdentityError, match=said):
        client.find(sought(**fields))


def test_copies(start: Start) -> None:
    """Copies of a machine have its UUID: none of them is taken."""
    simulator = start(vm("w1", 1), vm("copy", 1, nics=[{"mac": mac(2)}]))
    with VCenter.connect(simulator.account) as client, pytest.raises(IdentityError, match=r"copy .*, w1 .* Copies"):
        client.find(sought())


def test_candidates() -> None:
    """The pairs that are public: a serial number, and what Linux shows of it with old and with new firmware."""
    serial = "VMware-42 2e 49 56 ad 22 11 39-6d 72 7c 1d 3c 5a 9e 01"
    known = "422e4956-ad22-1139-6d72-7c1d3c5a9e01"
    assert (known, "56492e42-22ad-3911-6d72-7c1d3c5a9e01") == candidates(serial)
    assert known in candidates("56492E42-22AD-3911-6D72-7C1D3C5A9E01")
    assert () == candidates("")
    assert (UUID,) == candidates("none", f"vsphere://{UUID.upper()}")
    assert () == candidates("none", f"aws:///zone/{UUID}")


def test_described(client: VCenter) -> None:
    """A machine on a port group, field by field."""
    machine = client.describe(client.find(sought(system_uuid=vm("w1", 2)["uuid"], macs=(mac(2),))))
    (nic,) = machine.nics

    assert ("w1", "poweredOn", "connected", 19) == (machine.name, machine.power, machine.connection, machine.hardware)
    assert ("other5xLinux64Guest", True) == (machine.guest_id, machine.tools)
    assert {"vmxnet3", "e1000e"} <= set(machine.guest_adapters)
    assert isinstance(nic.backing, Distributed)
    expected = Nic(
        key=4000,
        label="ethernet-0",
        type="vmxnet3",
        mac=mac(2),
        address_type="assigned",
        backing=nic.backing,
        network=GROUP,
        unit=7,
        controller=100,
        wake_on_lan=True,
    )
    assert expected == nic
    assert [] == refusals(machine, mac(2))


def test_on_a_standard_network(client: VCenter) -> None:
    """Its name is all that there is to it."""
    (nic,) = client.describe(client.find(sought())).nics
    assert isinstance(nic.backing, Standard)
    assert (STANDARD, STANDARD) == (nic.backing.name, nic.network)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"managedBy": "com.example.owner"}, "com.example.owner"),
        ({"attributes": {"made by": "Terraform"}}, "made by Terraform"),
        ({"annotation": "cluster-api: do not touch"}, "made by Cluster API"),
        ({"template": True, "on": False}, "template"),
        ({"faultTolerance": "running"}, "Fault Tolerance"),
        ({"connection": "orphaned"}, "orphaned"),
        ({"question": "Moved?"}, "Moved?"),
        ({"disabledMethods": ["ReconfigVM_Task"]}, "ReconfigVM_Task"),
        ({"hardware": "vmx-07"}, "hardware version is 7"),
        ({"guestId": "dosGuest", "guestCards": ["VirtualPCNet32"]}, "dosGuest"),
        ({"nics": [{"mac": mac(1)}, {"mac": mac(2)}]}, "several adapters"),
        ({"nics": [{"mac": mac(1), "type": "sriov"}]}, "sriov"),
        ({"nics": [{"mac": mac(1), "type": "rdma"}]}, "rdma"),
        ({"nics": [{"mac": mac(1), "upt": True}]}, "UPT"),
    ],
)
def test_what_speaks_against_it_is_seen(start: Start, fields: dict[str, Any], reason: str) -> None:
    """Each sign in vCenter arrives as the reason to refuse that it is."""
    (found,) = (words(text) for text in refusals(described(start, **fields), mac(1)))
    assert reason in found


def test_what_to_know_is_seen(start: Start) -> None:
    """Snapshots, missing guest tools and a provisioning tool's settings are warned of."""
    machine = described(start, snapshots=["before"], tools=False, extraConfig={"guestinfo.userdata": "x"})
    said = " ".join(words(text) for text in warnings(machine, mac(1), Adapter.E1000E))
    assert [True, True, True] == [each in said for each in ("(before)", "No guest tools", "guestinfo.userdata")]


def test_another_machine_with_the_mac(start: Start) -> None:
    """It is seen although it is off and has another UUID."""
    simulator = start(vm("w1", 1), vm("old w1", 2, on=False, nics=[{"mac": mac(1)}]))
    with VCenter.connect(simulator.account) as client:
        assert {mac(1): ("old w1",)} == client.describe(client.find(sought())).twins


def test_what_may_not_be_read(vcenter: Simulator, client: VCenter) -> None:
    """The missing privilege is named."""
    vcenter.fault("call", "RetrievePropertiesEx", fault="NoPermission", fields={"privilegeId": "System.Read"})
    with pytest.raises(PrivilegeError, match=r"System\.Read"):
        client.find(sought())
