"""The product's processes on the lab, to be killed."""

import os
import signal
import subprocess
import sys

from tests.lab.processes import role_processes


class Bot:
    """The bot as a process of its own, to be killed and started again."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        self._process = subprocess.Popen([sys.executable, "-m", "bot", "bot"], env=self._environment)

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


def kill_in_lab(role: str) -> None:
    """SIGKILL every main process of a role of the product in the lab."""
    pids = role_processes(role)
    assert pids, f"no {role} runs in the lab"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
