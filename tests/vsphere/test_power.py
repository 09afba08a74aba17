"""A virtual machine is shut down, switched off and switched on."""

import pytest

from bot.operator.vcenter.client import VCenter
from bot.operator.vcenter.errors import BusyError, GuestStaysOnError, OutcomeUnknownError, StateError, ToolsError
from bot.runbooks.identity import Sought
from tests.vsphere.conftest import Start
from tests.vsphere.simulator import Simulator, mac, vm

pytestmark = pytest.mark.vsphere
CP = Sought(node="cp", system_uuid=str(vm("cp", 1)["uuid"]), macs=(mac(1),))


@pytest.fixture
def machine(client: VCenter) -> str:
    """The id of cp, which is on."""
    return client.find(CP)


def test_the_guest_shuts_down(vcenter: Simulator, client: VCenter, machine: str) -> None:
    """It is asked, takes its time, and is off at the end; whoever watches the machines sees it at once."""
    version, _ = vcenter.changed(0)
    vcenter.fault("slow", "ShutdownGuest", for_s=0.3)
    assert client.shutdown_guest(machine)
    assert "poweredOn" == client.look(machine, mac(1)).power
    client.wait_powered_off(machine, 10)
    assert "poweredOff" == vcenter.changed(version)[1]["cp"]["power"]
    assert not client.describe(machine).tools


def test_the_guest_does_not_shut_down(vcenter: Simulator, client: VCenter, machine: str) -> None:
    """That is said after the time; the power is still on and can be switched off."""
    vcenter.fault("ignore", "ShutdownGuest")
    assert client.shutdown_guest(machine)
    with pytest.raises(GuestStaysOnError, match=r"within 0\.3 s"):
        client.wait_powered_off(machine, 0.3)
    assert client.power_off(machine)
    client.wait_powered_off(machine, 0)


def test_the_guest_cannot_be_asked(start: Start) -> None:
    """Without guest tools, the ways out are told."""
    with VCenter.connect(start(vm("cp", 1, tools=False)).account) as client, pytest.raises(ToolsError) as raised:
        client.shutdown_guest(client.find(CP))
    assert "switch its power off" in raised.value.hint


def test_twice_is_once(vcenter: Simulator, client: VCenter, machine: str) -> None:
    """What is done already is left alone, and that is said."""
    assert [True, False, False] == [
        client.power_off(machine),
        client.power_off(machine),
        client.shutdown_guest(machine),
    ]
    assert [True, False] == [client.power_on(machine), client.power_on(machine)]
    called = [vcenter.calls(method) for method in ("PowerOffVM_Task", "ShutdownGuest", "PowerOnVM_Task")]
    assert [1, 0, 1] == called


def test_the_power_fails(vcenter: Simulator, client: VCenter, machine: str) -> None:
    """A machine that went off by itself is off."""
    vcenter.cut_power("cp")
    assert not client.power_off(machine)


def test_another_task_is_waited_for(vcenter: Simulator, client: VCenter, machine: str) -> None:
    """While one is in the way it is tried again, but not for ever."""
    vcenter.fault("task", "PowerOffVM_Task", fault="TaskInProgress", times=2)
    assert client.power_off(machine)
    vcenter.fault("task", "PowerOnVM_Task", fault="TaskInProgress", times=0)
    with pytest.raises(BusyError):
        client.power_on(machine, timeout_s=0.3)


def test_vcenter_refuses(vcenter: Simulator, client: VCenter, machine: str) -> None:
    """The reason is said, and nothing was done."""
    vcenter.fault("task", "PowerOffVM_Task", fault="InvalidState")
    with pytest.raises(StateError):
        client.power_off(machine)
    assert "poweredOn" == vcenter.machines()["cp"]["power"]


def test_the_answer_is_lost(vcenter: Simulator, client: VCenter, machine: str) -> None:
    """It is not asked a second time before somebody looked; asking again then does nothing."""
    vcenter.fault("cut", "PowerOffVM_Task")
    with pytest.raises(OutcomeUnknownError):
        client.power_off(machine)
    client.wait_powered_off(machine, 10)
    assert not client.power_off(machine)
    assert 1 == vcenter.calls("PowerOffVM_Task")
