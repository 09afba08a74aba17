"""A network adapter is exchanged in vCenter."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from bot.operator.vcenter.client import VCenter
from bot.operator.vcenter.errors import (
    BusyError,
    ChangedError,
    DeviceError,
    IdentityError,
    OutcomeUnknownError,
    PrivilegeError,
    ResultError,
    StateError,
    VCenterError,
)
from bot.operator.vcenter.model import Adapter, Look
from bot.runbooks.identity import Sought
from tests.vsphere.conftest import Start
from tests.vsphere.simulator import GROUP, STANDARD, Simulator, mac, vm
from tests.waiting import until

pytestmark = pytest.mark.vsphere
E1000E, VMXNET3 = Adapter.E1000E, Adapter.VMXNET3
NODES = [("cp", 1, STANDARD), ("w1", 2, GROUP)]


def machine_of(client: VCenter, number: int) -> str:
    """The id of the machine with that number."""
    uuid = str(vm("any", number)["uuid"])
    return client.find(Sought(node="any", system_uuid=uuid, macs=(mac(number),)))


@pytest.fixture
def off(client: VCenter) -> str:
    """The id of cp, which is off."""
    machine = machine_of(client, 1)
    client.power_off(machine)
    return machine


@pytest.mark.parametrize(("name", "number", "network"), NODES)
def test_there_and_back(vcenter: Simulator, client: VCenter, name: str, number: int, network: str) -> None:
    """The adapter is of the other type afterwards and else the same, on a standard network and on a port group."""
    machine = machine_of(client, number)
    client.power_off(machine)
    before = client.describe(machine).nics

    for to, kind in ((E1000E, "VirtualE1000e"), (VMXNET3, "VirtualVmxnet3")):
        done = client.swap(machine, mac(number), to, expected=before[0])
        assert (True, to) == (done.changed, done.after.type)
        expected = {"power": "poweredOff", "nics": [{"type": kind, "mac": mac(number), "network": network}]}
        assert expected == vcenter.machines()[name]
    assert client.power_on(machine)
    assert "poweredOn" == vcenter.machines()[name]["power"]


def test_twice_is_once(vcenter: Simulator, client: VCenter, off: str) -> None:
    """An adapter that is of the wanted type already is left alone, and that is said."""
    (before,) = client.describe(off).nics
    first, second = (client.swap(off, mac(1).upper(), E1000E, expected=before) for _ in range(2))

    assert (True, False) == (first.changed, second.changed)
    assert first.after == second.after
    assert 1 == vcenter.calls("ReconfigVM_Task")


def test_it_is_of_that_type_but_not_as_it_was(vcenter: Simulator, client: VCenter, off: str) -> None:
    """After an exchange that went wrong, asking again says what is wrong instead of being content."""
    (before,) = client.describe(off).nics
    vcenter.fault("mac", "ReconfigVM_Task", mac=mac(9))
    with pytest.raises(ResultError):
        client.swap(off, mac(1), E1000E, expected=before)
    with pytest.raises(ResultError, match=f"not as it was: mac is {mac(9)}, not {mac(1)}"):
        client.swap(off, mac(9), E1000E, expected=before)


def test_not_while_it_runs(vcenter: Simulator, client: VCenter) -> None:
    """A machine that is on is refused before vCenter is asked."""
    with pytest.raises(StateError, match="cp is not off"):
        client.swap(machine_of(client, 1), mac(1), E1000E)
    assert 0 == vcenter.calls("ReconfigVM_Task")


def test_not_with_a_mac_that_another_machine_has(start: Start) -> None:
    """VCenter would not mind; the network would."""
    simulator = start(vm("w1", 1, on=False), vm("copy", 2, nics=[{"mac": mac(1)}]))
    with VCenter.connect(simulator.account) as client, pytest.raises(IdentityError, match="this MAC, too: copy"):
        client.swap(machine_of(client, 1), mac(1), E1000E)


def test_not_without_the_mac(client: VCenter, off: str) -> None:
    """What the machine has instead is said."""
    with pytest.raises(IdentityError, match=rf"no adapter of cp .* it has {mac(1)} \(vmxnet3\)"):
        client.swap(off, mac(9), E1000E)


def test_not_an_adapter_of_another_kind(start: Start) -> None:
    """Neither an SR-IOV nor an RDMA adapter is exchanged, although the latter is a kind of VMXNET3 to the API."""
    kinds = ("sriov", "rdma")
    simulator = start(*(vm(each, n, on=False, nics=[{"mac": mac(n), "type": each}]) for n, each in enumerate(kinds, 1)))
    with VCenter.connect(simulator.account) as client:
        for number, kind in enumerate(kinds, 1):
            with pytest.raises(DeviceError, match=f"of the type {kind}"):
                client.swap(machine_of(client, number), mac(number), E1000E)


def test_one_of_two(start: Start) -> None:
    """With a second adapter, the one with the MAC is exchanged and the other stays."""
    nics = [{"mac": mac(1)}, {"mac": mac(2), "network": GROUP}]
    simulator = start(vm("w1", 1, on=False, nics=nics))
    with VCenter.connect(simulator.account) as client:
        client.swap(machine_of(client, 1), mac(2), E1000E)
    kinds = {nic["mac"]: (nic["type"], nic["network"]) for nic in simulator.machines()["w1"]["nics"]}
    assert {mac(1): ("VirtualVmxnet3", STANDARD), mac(2): ("VirtualE1000e", GROUP)} == kinds


def test_somebody_else_was_faster(vcenter: Simulator, client: VCenter, off: str) -> None:
    """A change between reading and reconfiguring stops it: what was approved is void."""
    vcenter.fault("touch", "ReconfigVM_Task")
    with pytest.raises(ChangedError, match="nothing was done"):
        client.swap(off, mac(1), E1000E)
    assert ["VirtualVmxnet3"] == [nic["type"] for nic in vcenter.machines()["cp"]["nics"]]


def test_not_what_was_shown(client: VCenter, off: str) -> None:
    """An adapter that was moved after it was shown is not exchanged, and what differs is said."""
    (shown,) = client.describe(off).nics
    elsewhere = msgspec.structs.replace(shown, unit=3)
    with pytest.raises(ChangedError, match="unit is 7, not 3"):
        client.swap(off, mac(1), E1000E, expected=elsewhere)


def test_another_task_is_waited_for(vcenter: Simulator, client: VCenter, off: str) -> None:
    """While another task is in the way, it is tried again until there is none."""
    vcenter.fault("task", "ReconfigVM_Task", fault="TaskInProgress", times=3)
    assert client.swap(off, mac(1), E1000E).changed
    assert 4 == vcenter.calls("ReconfigVM_Task")


def test_another_task_that_does_not_end(vcenter: Simulator, client: VCenter, off: str) -> None:
    """It is given up after the time, and nothing was done."""
    vcenter.fault("task", "ReconfigVM_Task", fault="TaskInProgress", times=0)
    with pytest.raises(BusyError):
        client.swap(off, mac(1), E1000E, timeout_s=0.5)
    assert Look(power="poweredOff", type="vmxnet3") == client.look(off, mac(1))


def test_a_real_task_is_in_the_way(vcenter: Simulator, client: VCenter) -> None:
    """A slow power-off is waited for by its own caller, and shows as under way to another."""
    machine = machine_of(client, 1)
    vcenter.fault("slow", "PowerOffVM_Task", for_s=30)
    with pytest.raises(OutcomeUnknownError, match="not ended in time"):
        client.power_off(machine, timeout_s=0.2)
    assert ("VirtualMachine.powerOff",) == client.look(machine, mac(1)).tasks
    with pytest.raises(BusyError):
        client.power_off(machine, timeout_s=0.2)


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ("InvalidDeviceSpec", (DeviceError, "hardware version")),
        ("InvalidDeviceBacking", (DeviceError, "port group")),
        ("InvalidVmConfig", (DeviceError, "hardware version")),
        ("ConcurrentAccess", (ChangedError, "approve again")),
        ("InvalidState", (StateError, "not in the state")),
        ("HostCommunication", (OutcomeUnknownError, "Look what is true")),
        ("OutOfBounds", (VCenterError, "OutOfBounds")),
    ],
)
def test_a_task_that_fails(
    vcenter: Simulator, client: VCenter, off: str, fault: str, meaning: tuple[type[VCenterError], str]
) -> None:
    """Each of vSphere's faults is said in words with what to do, and nothing was done."""
    vcenter.fault("task", "ReconfigVM_Task", fault=fault)
    error, words = meaning
    with pytest.raises(error) as raised:
        client.swap(off, mac(1), E1000E)
    assert words in raised.value.reason
    assert "vmxnet3" == client.look(off, mac(1)).type


def test_a_privilege_that_is_missing(vcenter: Simulator, client: VCenter, off: str) -> None:
    """It is named by its id, as the role in docs/vcenter.md has it."""
    missing = "VirtualMachine.Config.AddRemoveDevice"
    vcenter.fault("call", "ReconfigVM_Task", fault="NoPermission", fields={"privilegeId": missing})
    with pytest.raises(PrivilegeError) as raised:
        client.swap(off, mac(1), E1000E)
    assert missing == raised.value.privilege


def test_hardware_that_is_too_old(start: Start) -> None:
    """VCenter's own refusal arrives, with what to do."""
    simulator = start(vm("w1", 1, on=False, hardware="vmx-07"))
    with VCenter.connect(simulator.account) as client, pytest.raises(DeviceError, match="InvalidDeviceSpec"):
        client.swap(machine_of(client, 1), mac(1), E1000E)


def test_a_mac_that_the_server_replaces(vcenter: Simulator, client: VCenter, off: str) -> None:
    """An adapter that got another MAC than it should is noticed before the machine is switched on."""
    vcenter.fault("mac", "ReconfigVM_Task", mac="00:50:56:99:99:99")
    with pytest.raises(ResultError, match=rf"mac is 00:50:56:99:99:99, not {mac(1)}") as raised:
        client.swap(off, mac(1), E1000E)
    assert 1 == len(raised.value.differences)


@pytest.mark.parametrize("method", ["RetrievePropertiesEx", "CurrentTime", "ReconfigVM_Task"])
def test_the_session_ends_in_the_middle(vcenter: Simulator, client: VCenter, off: str, method: str) -> None:
    """It logs in again, reads again, and exchanges once."""
    vcenter.fault("expire", method)
    assert client.swap(off, mac(1), E1000E).changed
    assert ["VirtualE1000e"] == [nic["type"] for nic in vcenter.machines()["cp"]["nics"]]


def test_the_session_ends_while_the_task_runs(vcenter: Simulator, client: VCenter, off: str) -> None:
    """It logs in again and goes on waiting; nothing is sent twice."""
    vcenter.fault("slow", "ReconfigVM_Task", for_s=1)
    with ThreadPoolExecutor(1) as pool:
        swapping = pool.submit(client.swap, off, mac(1), E1000E)
        until(lambda: vcenter.calls("ReconfigVM_Task"))
        vcenter.fault("expire", "RetrievePropertiesEx")
        assert swapping.result().changed
    assert (1, 2) == (vcenter.calls("ReconfigVM_Task"), vcenter.calls("Login"))


@pytest.mark.parametrize(
    ("kind", "kept"), [("hang", "vmxnet3"), ("mute", "e1000e"), ("cut", "e1000e")], ids=["lost", "unanswered", "cut"]
)
def test_an_answer_that_never_comes(start: Start, kind: str, kept: str) -> None:
    """It may have been done or not: that is said, it is sent once, and a look tells which."""
    simulator = start(vm("w1", 1, on=False))
    with VCenter.connect(simulator.account, timeout_s=0.5) as client:
        machine = machine_of(client, 1)
        simulator.fault(kind, "ReconfigVM_Task")
        with pytest.raises(OutcomeUnknownError, match="not known"):
            client.swap(machine, mac(1), E1000E)
        until(lambda: not client.look(machine, mac(1)).tasks)
        assert Look(power="poweredOff", type=kept) == client.look(machine, mac(1))
    assert 1 == simulator.calls("ReconfigVM_Task")


def test_an_answer_that_cannot_be_read(vcenter: Simulator, client: VCenter, off: str) -> None:
    """Newer servers send what pyvmomi does not know: it is no answer then, and no crash either."""
    unreadable = {"fault": "InvalidPowerState", "fields": {"existingState": "", "requestedState": ""}}
    vcenter.fault("call", "ReconfigVM_Task", **unreadable)
    with pytest.raises(OutcomeUnknownError, match="cannot be read"):
        client.swap(off, mac(1), E1000E)
    vcenter.fault("call", "RetrievePropertiesEx", **unreadable)
    with pytest.raises(VCenterError, match="cannot be read"):
        client.look(off, mac(1))


def test_a_server_that_dies_with_the_call(start: Start) -> None:
    """Once it is back, the same login object looks and finds what is true; exchanging again does nothing."""
    simulator = start(vm("w1", 1, on=False))
    client = VCenter.connect(simulator.account, timeout_s=3)
    machine = machine_of(client, 1)
    simulator.fault("cut", "ReconfigVM_Task")
    with pytest.raises(OutcomeUnknownError):
        client.swap(machine, mac(1), E1000E)
    simulator.kill()
    simulator.start([vm("w1", 1, on=False, nics=[{"mac": mac(1), "type": "e1000e"}])])

    assert Look(power="poweredOff", type="e1000e") == client.look(machine, mac(1))
    assert not client.swap(machine, mac(1), E1000E).changed
    client.close()


def test_a_server_that_dies_while_the_task_runs(start: Start) -> None:
    """How the task ended is not known, and nothing is sent again."""
    simulator = start(vm("w1", 1, on=False))
    client = VCenter.connect(simulator.account, timeout_s=3)
    machine = machine_of(client, 1)
    simulator.fault("slow", "ReconfigVM_Task", for_s=30)
    with ThreadPoolExecutor(1) as pool:
        swapping = pool.submit(client.swap, machine, mac(1), E1000E)
        until(lambda: simulator.calls("ReconfigVM_Task"))
        simulator.kill()
        with pytest.raises(OutcomeUnknownError, match="not known"):
            swapping.result()
    simulator.start([vm("w1", 1, on=False)])
    assert Look(power="poweredOff", type="vmxnet3") == client.look(machine, mac(1))
    client.close()
