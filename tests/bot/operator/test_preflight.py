"""What speaks against an exchange is found in a machine's description, each by itself."""

from typing import Any

import pytest

from bot.operator.vcenter.model import Adapter, Machine, Opaque
from bot.operator.vcenter.preflight import refusals, warnings
from checks.cluster.owner import Owner
from checks.text import Text
from tests.bot.operator.machines import MAC, machine, nic
from tests.checks.words import words

OTHER = "00:50:56:00:00:02"


def said(texts: list[Text]) -> list[str]:
    """The sentences."""
    return [words(text) for text in texts]


def test_nothing_speaks_against_it() -> None:
    """An ordinary machine is not refused; the name of the guest's interface is always worth a word."""
    assert [] == said(refusals(machine(), MAC))
    (about_names,) = said(warnings(machine(), MAC))
    assert "net.ifnames=0" in about_names


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"nics": ()}, "0 adapters of the VM have the MAC"),
        ({"nics": (nic(), nic(key=4001))}, "2 adapters of the VM have the MAC"),
        ({"nics": (nic(), nic(mac=OTHER, key=4001))}, "several adapters"),
        ({"nics": (nic(type="sriov"),)}, "of the type sriov"),
        ({"nics": (nic(type="rdma"),)}, "of the type rdma"),
        ({"nics": (nic(passthrough=True),)}, "UPT"),
        ({"nics": (nic(backing=Opaque("nsx"), network="nsx"),)}, "does not manage itself"),
        ({"twins": {MAC: ("copy",)}}, f"Other VMs have the MAC {MAC}, too: copy"),
        ({"hardware": 7}, "hardware version is 7; e1000e needs 8"),
        ({"guest_adapters": ("vmxnet3",)}, "no e1000e"),
        ({"template": True}, "template"),
        ({"vapp": True}, "vApp"),
        ({"fault_tolerance": True}, "Fault Tolerance"),
        ({"connection": "orphaned"}, "connection state is orphaned"),
        ({"power": "suspended"}, "power state is suspended"),
        ({"question": "Moved or copied?"}, "Moved or copied?"),
        ({"tasks": ("VirtualMachine.createSnapshot",)}, "under way on the VM: VirtualMachine.createSnapshot"),
        ({"disabled": ("ReconfigVM_Task",)}, "switched off for the VM: ReconfigVM_Task"),
        ({"disabled": ("PowerOnVM_Task",), "power": "poweredOff"}, "PowerOnVM_Task"),
        ({"managed_by": "com.vmware.vim.eam"}, "com.vmware.vim.eam"),
        ({"annotation": "Made by Terraform."}, "made by Terraform"),
        ({"attributes": {"owner": "cluster-api-provider-vsphere"}}, "made by Cluster API"),
    ],
)
def test_a_reason_to_refuse(fields: dict[str, Any], reason: str) -> None:
    """Each is said in a sentence of its own, and alone."""
    (found,) = said(refusals(machine(**fields), MAC))
    assert reason in found


def test_several_reasons() -> None:
    """All are said at once, so that nobody meets them one by one."""
    assert 3 == len(refusals(machine(template=True, vapp=True, hardware=4), MAC))


def test_cluster_api_is_seen_in_kubernetes() -> None:
    """It leaves no sure mark in vCenter, but on the node."""
    (found,) = said(refusals(machine(), MAC, maker=Owner(product="Cluster API", machine="prod-abc")))
    assert "Machine prod-abc" in found


def test_a_person_may_say_that_an_owned_machine_is_changed() -> None:
    """Whoever owns it; nothing else is passed over."""
    owned = machine(managed_by="com.vmware.vim.eam", annotation="Made by Terraform.", template=True)
    maker = Owner(product="Cluster API", machine="prod-abc")

    assert ["It is a template and no VM."] == said(refusals(owned, MAC, maker=maker, owned=True))


@pytest.mark.parametrize(
    "sound",
    [
        machine(nics=(nic(), nic(mac=OTHER, key=4001))),
        machine(hardware=0, guest_adapters=()),
        machine(disabled=("PowerOnVM_Task", "MarkAsVirtualMachine")),
        machine(twins={OTHER: ("another",)}),
    ],
    ids=["chosen of two", "nothing is told", "what every running machine has", "another adapter's twin"],
)
def test_no_reason_to_refuse(sound: Machine) -> None:
    """What cannot be told, or is ordinary, is not held against it."""
    assert [] == said(refusals(sound, MAC.upper(), chosen=True))


def test_the_way_back_needs_less() -> None:
    """What e1000e needs is not asked of a machine that goes back to VMXNET3."""
    old = machine(hardware=7, guest_adapters=("vmxnet3",), nics=(nic(type="e1000e"),))
    assert [] == said(refusals(old, MAC, Adapter.VMXNET3))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"snapshots": ("before", "after")}, "snapshots (before, after)"),
        ({"tools": False}, "No guest tools run"),
        ({"guestinfo": ("guestinfo.userdata",)}, "guestinfo.userdata"),
        ({"nics": (nic(mac="00:50:56:80:00:01"),)}, "outside of the range"),
        ({"nics": (nic(address_type="assigned"),)}, f"assigned the MAC {MAC}"),
        ({"nics": (nic(reserves=True),)}, "which e1000e loses"),
        ({"nics": (nic(start_connected=False),)}, "not connected when the VM starts"),
    ],
)
def test_a_warning(fields: dict[str, Any], word: str) -> None:
    """Each is said, and none of them refuses."""
    subject = machine(**fields)
    mac = subject.nics[0].mac
    assert [] == said(refusals(subject, mac))
    assert 1 == sum(word in warning for warning in said(warnings(subject, mac)))


def test_tools_of_a_machine_that_is_off() -> None:
    """They never run then, which says nothing."""
    assert 1 == len(warnings(machine(power="poweredOff", tools=False), MAC))
