"""Runs commands to their end, starts daemons inside the lab's cgroup, and enters nodes."""

import contextlib
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab import cgroups
from tests.lab.layout import CGROUP, LOGS, RUN, LabError, Node

_ENTER_CGROUP = 'for group in $LAB_CGROUPS; do echo 0 > "$group/cgroup.procs"; done; unset LAB_CGROUPS; exec "$@"'


def run(*command: str, stdin: str | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command and return its standard output.

    Raises:
        LabError: the command failed; the message has what it wrote.
    """
    done = subprocess.run(
        command,
        input=stdin,
        env=None if env is None else {**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LabError(f"`{' '.join(command)}` failed with {done.returncode}:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def start(name: str, cgroup: str, command: Sequence[str]) -> int:
    """Start a daemon that outlives this process, and return its process id.

    Args:
        name: What its log and its pid file below RUN are called.
        cgroup: Where it lives below the lab's cgroup; the cgroup exists.
        command: What to run.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    groups = " ".join(str(path) for path in cgroups.folders(cgroup))
    with (LOGS / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            ["sh", "-c", _ENTER_CGROUP, "sh", *command],
            env={**os.environ, "LAB_CGROUPS": groups},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    pids = RUN / "pids"
    pids.mkdir(exist_ok=True)
    (pids / name).write_text(f"{process.pid}\n")
    return process.pid


def pid(name: str) -> int:
    """Return the process id of the daemon called `name`.

    Raises:
        LabError: it was never started or is gone.
    """
    with contextlib.suppress(OSError, ValueError):
        found = int((RUN / "pids" / name).read_text())
        # Its number alone proves nothing: after a restart of the machine somebody else may have it.
        if f"/{CGROUP}/" in Path(f"/proc/{found}/cgroup").read_text():
            return found
    raise LabError(f"{name} is not running: `python -m tests.lab down`, then `up`")


def daemons() -> dict[str, bool]:
    """Return every daemon that was started, and whether it is alive."""
    alive = {}
    for path in sorted((RUN / "pids").glob("*")):
        try:
            alive[path.name] = pid(path.name) > 0
        except LabError:
            alive[path.name] = False
    return alive


def inside(node: Node, *command: str) -> list[str]:
    """Return `command` as it has to be run to happen on the node: in its network and mount namespaces.

    Raises:
        LabError: the node is switched off, or what holds its namespaces is gone.
    """
    if not Path("/run/netns", node.name).exists():
        raise LabError(f"{node.name} is switched off: `power on {node.name}` first")
    return ["nsenter", "-t", str(pid(f"holder-{node.name}")), "-m", "-n", "--", *command]


def on_node(node: Node, *command: str, stdin: str | None = None) -> str:
    """Run a command on a node and return its standard output.

    Raises:
        LabError: the command failed.
    """
    return run(*inside(node, *command), stdin=stdin)
