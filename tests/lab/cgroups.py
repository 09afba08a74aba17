"""The lab's cgroups: kubelets get theirs below them, and `down` finds every process of the lab in them."""

import contextlib
import os
import signal
import time
from pathlib import Path

from tests.lab.layout import CGROUP, LabError

_KILL_DEADLINE = 20.0
_CPUSET_FILES = ("cpuset.cpus", "cpuset.mems")


def hierarchies() -> list[Path]:
    """Return where cgroup hierarchies are mounted: one on cgroup v2, one a controller on v1."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return [Path(fields[1]) for fields in mounts if fields[2] in {"cgroup", "cgroup2"}]


def folders(name: str = "") -> list[Path]:
    """Return the folder of one of the lab's cgroups in every hierarchy."""
    return [root / CGROUP / name for root in hierarchies()]


def create(name: str) -> None:
    """Create a cgroup below the lab's own, able to hold processes and children, in every hierarchy."""
    for root in hierarchies():
        parent = root
        for part in (CGROUP, *Path(name).parts):
            group = parent / part
            _delegate(parent)
            group.mkdir(exist_ok=True)
            _fill_cpuset(parent, group)
            parent = group


def _delegate(parent: Path) -> None:
    """On cgroup v2, let the children of `parent` have the controllers that it has."""
    controllers = parent / "cgroup.controllers"
    if controllers.exists() and (names := controllers.read_text().split()):
        (parent / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in names))


def _fill_cpuset(parent: Path, group: Path) -> None:
    """On cgroup v1, a cpuset takes no process before it has processors and memory."""
    if (group / "cgroup.controllers").exists():
        return
    for name in _CPUSET_FILES:
        if (group / name).exists() and not (group / name).read_text().strip():
            (group / name).write_text((parent / name).read_text())


def processes(name: str = "") -> set[int]:
    """Return the process ids in one of the lab's cgroups or all, in whichever hierarchy they are."""
    found: set[int] = set()
    for top in folders(name):
        # Containers that end take their cgroups along meanwhile, which `os.walk` passes over and `rglob` does not.
        for path, _, _ in os.walk(top):
            with contextlib.suppress(OSError):
                found.update(int(line) for line in Path(path, "cgroup.procs").read_text().split())
    return found - {0}


def kill(name: str = "") -> None:
    """Kill every process in one of the lab's cgroups or all, and wait until they are gone.

    Raises:
        LabError: some process does not die.
    """
    deadline = time.monotonic() + _KILL_DEADLINE
    while alive := processes(name):
        for each in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise LabError(f"these processes do not die: {sorted(alive)}")
        time.sleep(0.02)


def remove(name: str = "") -> None:
    """Remove one of the lab's cgroups or all, which must hold no process, in every hierarchy."""
    for top in folders(name):
        for path, _, _ in os.walk(top, topdown=False):
            os.rmdir(path)  # noqa: PTH106 - a cgroup's folder goes by rmdir alone, whatever files it shows
