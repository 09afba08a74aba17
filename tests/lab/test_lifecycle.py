"""The lab starts fast, refuses to start twice, and leaves nothing, however its processes ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab import cgroups, cluster, process
from tests.lab.fixtures import run_lab, skip_unless_own_lab
from tests.lab.layout import REPOSITORY, RUN, nodes
from tests.lab.plain_tools import eventually

pytestmark = [pytest.mark.lab, pytest.mark.own_lab, pytest.mark.timeout(300, func_only=True)]

UP_LIMIT_S = 90


@pytest.fixture(autouse=True)
def no_lab(request: pytest.FixtureRequest) -> Iterator[None]:
    """These tests start and stop labs of their own."""
    skip_unless_own_lab(request.config)
    yield
    cluster.down()


def test_nothing_is_left_after_sigkill() -> None:
    """`up` killed halfway does not hinder the next one; daemons killed and a node off do not hinder `down`."""
    assert run_lab("down").returncode == 0  # what somebody's crashed lab has left is not this test's
    before = _traces()
    with subprocess.Popen([sys.executable, "-m", "tests.lab", "up", "--bare"], cwd=REPOSITORY) as half:
        assert eventually((RUN / "pids" / "kube-apiserver").exists, 60)
        half.kill()
    assert _traces() != before

    started = time.monotonic()
    again = run_lab("up", "--bare")
    assert again.returncode == 0, again.stderr
    assert time.monotonic() - started < UP_LIMIT_S

    second = run_lab("up", "--bare")
    assert second.returncode == 1
    assert "a lab is running already" in second.stderr

    assert run_lab("power", "off", "w2").returncode == 0
    for name in ("containerd-w1", "kube-apiserver", f"holder-{nodes()[0].name}", "kubelet-w1"):
        os.kill(process.pid(name), signal.SIGKILL)
    down = run_lab("down")
    assert down.returncode == 0, down.stderr
    assert _traces() == before
    assert run_lab("down").returncode == 0


def test_commands_say_when_no_lab_runs() -> None:
    """Commands for a running lab fail and say how to start one."""
    for words in (("fault", "no-endpoints"), ("heal",), ("exec", "w1", "--", "true"), ("env",), ("status",)):
        done = run_lab(*words)
        assert (done.returncode, "is not running" in done.stderr) == (1, True), words


def _traces() -> dict[str, object]:
    """Everything that a lab could leave on the machine."""
    return {
        "processes": sorted(cgroups.processes()),
        "cgroups": [path for path in cgroups.folders() if path.exists()],
        "namespaces": process.run("ip", "netns", "list"),
        "links": sorted(path.name for path in Path("/sys/class/net").iterdir()),
        "mounts": Path("/proc/self/mounts").read_text(),
        "files": RUN.exists(),
    }
