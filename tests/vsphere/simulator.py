"""Runs the stand-in for vCenter and talks to its control port."""

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.operator.vcenter.account import Account
from bot.processes import as_child
from tests.checks.certificates import issue
from tests.lab.build import binary

USER = "netcheck@vsphere.local"
PASSWORD = "right"
GROUP = "DC0_DVPG0"
"""The port group that there is beside the standard network."""
STANDARD = "VM Network"


def vm(name: str, number: int, **fields: Any) -> dict[str, Any]:
    """A virtual machine with one VMXNET3 adapter, described as the stand-in takes it."""
    return {
        "name": name,
        "uuid": f"4223a1b2-c3d4-e5f6-0718-293a4b5c6d{number:02x}",
        "instanceUuid": f"5023a1b2-c3d4-e5f6-0718-293a4b5c6d{number:02x}",
        "nics": [{"mac": mac(number)}],
        **fields,
    }


def mac(number: int) -> str:
    """The MAC of a machine's adapter, in the range that is for people to assign."""
    return f"00:50:56:00:00:{number:02x}"


class Simulator:
    """One stand-in for vCenter, with machines of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._ports = {"vcenter": 0, "control": 0}
        authority, host = issue("vCenter's authority"), "localhost"
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(authority.pem)
        self._certificate = issue(host, authority).write(folder)

    @property
    def account(self) -> Account:
        """How netcheck logs in. pyvmomi would not verify the certificate of this host by itself."""
        return Account("localhost", self._ports["vcenter"], USER, PASSWORD, str(self.ca_file))

    def start(self, machines: Iterable[Mapping[str, Any]]) -> None:
        """Start it, on the same ports when it was started before."""
        described = self._folder / "machines.json"
        described.write_text(json.dumps(list(machines)))
        command = [str(binary("vcenter")), "-cert", str(self._certificate), "-key", str(self._certificate)]
        command += ["-user", USER, "-password", PASSWORD, "-vms", str(described)]
        command += ["-listen", f"127.0.0.1:{self._ports['vcenter']}", "-control", f"127.0.0.1:{self._ports['control']}"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=as_child,  # noqa: PLW1509 - it only sets what becomes of the child
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, (self._folder / "log").read_text()
        self._ports = json.loads(line)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def machines(self) -> dict[str, Any]:
        """Every machine's power state and adapters."""
        return dict(self._control("GET", "/vms"))

    def changed(self, after: int) -> tuple[int, dict[str, Any]]:
        """The same once something changed after that version, and the version then."""
        answer = self._control("GET", f"/vms?after={after}")
        return answer["version"], answer["vms"]

    def fault(self, kind: str, method: str, **fields: Any) -> None:
        """Make something go wrong; the kinds are in `tests/lab/go/vcenter/faults.go`."""
        self._control("POST", "/faults", {"kind": kind, "method": method, **fields})

    def calls(self, method: str) -> int:
        """How often that method was called."""
        return int(self._control("GET", "/calls").count(method))

    def cut_power(self, name: str) -> None:
        """Switch a machine off as if its power had failed."""
        self._control("POST", f"/vms/{name}/off")

    def _control(self, verb: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._ports['control']}{path}",
            method=verb,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None
