"""The vCenter of the lab: a simulator whose machines are the nodes, and the link that lets the nodes follow them."""

import json
import sys
from typing import Any
from urllib.request import urlopen

from tests.lab import certificates, cgroups, hardware, network
from tests.lab.build import binary
from tests.lab.layout import HOST_ADDRESS, REPOSITORY, RUN, LabError, Node, nodes
from tests.lab.process import daemons
from tests.lab.process import start as start_daemon
from tests.lab.runtime import wait_for

SIMULATOR = "vcenter"
LINK = "vcenter-link"
CGROUP = "vcenter"
HOST, PORT = HOST_ADDRESS, 8989
"""Where pods reach it, past the overlay; its certificate is for that address."""
_CONTROL = "127.0.0.1:8990"
CONTROL = f"http://{_CONTROL}"
"""Where it tells this machine alone what its machines are like, and is made to fail."""
USER, PASSWORD = "netcheck@vsphere.local", "lab-vcenter"
CA_FILE = certificates.PKI / "ca.crt"


def start(control: str = CONTROL) -> None:
    """Start the simulator anew, with the nodes as they are now, and the link.

    Args:
        control: The control port of another simulator, which the link follows instead.

    Raises:
        LabError: the simulator does not answer.
    """
    stop()
    cgroups.create(CGROUP)
    if control == CONTROL:
        _start_simulator()
    elif not _answers(control):
        raise LabError(f"no vCenter simulator at {control}")
    module = ["-m", "tests.lab.vcenter_link", control]
    start_daemon(LINK, CGROUP, ["env", f"--chdir={REPOSITORY}", sys.executable, *module])


def stop() -> None:
    """End the simulator and the link, as far as they run."""
    cgroups.kill(CGROUP)


def is_running() -> bool:
    """Tell whether the nodes follow a simulator."""
    return daemons().get(LINK, False)


def _start_simulator() -> None:
    certificate, key = certificates.server(SIMULATOR, f"IP:{HOST}")
    machines = RUN / "vcenter.json"
    machines.write_text(json.dumps([_machine(node) for node in nodes()]))
    options = {"cert": certificate, "key": key, "user": USER, "password": PASSWORD, "vms": machines}
    options |= {"listen": f"{HOST}:{PORT}", "control": _CONTROL}
    words = [word for name, value in options.items() for word in (f"-{name}", str(value))]
    start_daemon(SIMULATOR, CGROUP, [str(binary("vcenter")), *words])
    wait_for("vCenter's simulator", lambda: _answers(CONTROL))


def _machine(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "uuid": hardware.vsphere_uuid(node),
        "on": node in network.switched_on([node]),
        "nics": [{"type": hardware.adapter(node), "mac": node.mac}],
    }


def _answers(control: str) -> bool:
    try:
        with urlopen(f"{control}/vms?after=0", timeout=5):
            return True
    except OSError:
        return False
