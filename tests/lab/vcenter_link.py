"""Makes the nodes follow the vCenter simulator: what is done to its virtual machines is done to them.

The simulator's control port answers `GET /vms?after=VERSION` once something is newer than that version, for 0 at once.
Machines are called as the nodes are.
"""

import sys
import time
from urllib.parse import urlencode
from urllib.request import urlopen

import msgspec

from tests.lab import cluster, power
from tests.lab.hardware import E1000E, VMXNET3, adapter
from tests.lab.layout import LabError, Node, nodes

POWERED_ON = "poweredOn"
KINDS = {"VirtualVmxnet3": VMXNET3, "VirtualE1000e": E1000E}
"""vSphere's type of a network card -> the kind of the node's adapter."""
_PATIENCE_S = 60.0
"""For one answer; nothing new for so long is no mistake."""
_PAUSE_S = 1.0
UNSEEN = 0
"""The version that everything is newer than."""


class Card(msgspec.Struct, frozen=True):
    """A virtual network card."""

    type: str
    mac: str = ""
    network: str = ""


class Machine(msgspec.Struct, frozen=True):
    """A virtual machine."""

    power: str
    nics: tuple[Card, ...] = ()


class Machines(msgspec.Struct, frozen=True):
    """All of them, as they are at one version."""

    version: int
    vms: dict[str, Machine]


def main() -> None:
    """Follow, for ever; what fails is written down and tried again."""
    control = sys.argv[1]
    seen = UNSEEN
    while True:
        try:
            machines = read(control, seen)
            seen = machines.version
            follow(machines)
        except TimeoutError:
            continue
        except (OSError, msgspec.MsgspecError, LabError) as error:
            print(f"{type(error).__name__}: {error}", flush=True)
            # Perhaps another simulator, which counts from the beginning.
            seen = UNSEEN
            time.sleep(_PAUSE_S)


def read(control: str, after: int = UNSEEN) -> Machines:
    """Ask for the machines, and wait until something is newer than the version `after`.

    Raises:
        TimeoutError: nothing was new for a minute.
        OSError: the simulator does not answer.
        msgspec.MsgspecError: what it answers is none of ours.
    """
    with urlopen(f"{control}/vms?{urlencode({'after': after})}", timeout=_PATIENCE_S) as answer:
        return msgspec.json.decode(answer.read(), type=Machines)


def follow(machines: Machines) -> None:
    """Do to the nodes what was done to their machines.

    Raises:
        LabError: it could not be done; what came before it is.
    """
    for node in nodes():
        machine = machines.vms.get(node.name)
        if machine and _differs(node, machine):
            with cluster.locked():
                _switch(node, machine)


def _differs(node: Node, machine: Machine) -> bool:
    """Whether the node is not as its machine is. One that was off for less than a boot takes has another adapter."""
    if machine.power != POWERED_ON or not power.is_on(node):
        return (machine.power == POWERED_ON) != power.is_on(node)
    return adapter(node) != kind_of(machine)


def kind_of(machine: Machine) -> str:
    """Return the kind of the machine's adapter.

    Raises:
        LabError: it has not exactly one of a kind that nodes can have.
    """
    types = [card.type for card in machine.nics]
    if len(types) != 1 or types[0] not in KINDS:
        raise LabError(f"network cards {types}: a node has exactly one of {', '.join(KINDS)}")
    return KINDS[types[0]]


def _switch(node: Node, machine: Machine) -> None:
    if machine.power != POWERED_ON:
        power.power_off(node)
    else:
        power.power_off(node)
        power.set_adapter(node, kind_of(machine))
        power.power_on(node)
    print(f"{node.name}: {machine.power}, {adapter(node)}", flush=True)


if __name__ == "__main__":
    main()
