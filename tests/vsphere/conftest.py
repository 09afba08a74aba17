"""Builds the stand-in for vCenter, once, and starts one for each test."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.operator.vcenter.client import VCenter
from tests.checks.requirements import need
from tests.lab.build import binary, build_programs
from tests.lab.layout import LabError
from tests.vsphere.simulator import GROUP, Simulator, mac, vm

Start = Callable[..., Simulator]


@pytest.fixture(scope="session")
def _program(request: pytest.FixtureRequest) -> Path:
    """The stand-in; a first build takes a minute, so its progress goes past pytest's capture."""
    with contextlib.suppress(LabError):
        return binary("vcenter")
    need(shutil.which("go") is not None, "needs Go 1.24 or newer, to build the stand-in for vCenter")
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
        build_programs("vcenter")
    return binary("vcenter")


@pytest.fixture
def start(_program: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a vCenter with these machines: `start(vm("w1", 1))`."""
    simulator = Simulator(tmp_path)

    def begin(*machines: dict[str, Any]) -> Simulator:
        simulator.start(machines)
        return simulator

    yield begin
    simulator.kill()


@pytest.fixture
def vcenter(start: Start) -> Simulator:
    """A vCenter with cp on the standard network and w1 on a port group; both are on."""
    return start(vm("cp", 1), vm("w1", 2, nics=[{"mac": mac(2), "network": GROUP, "addressType": "assigned"}]))


@pytest.fixture
def client(vcenter: Simulator) -> Iterator[VCenter]:
    """Logged in to it, patient for a moment only."""
    with VCenter.connect(vcenter.account, timeout_s=3) as connected:
        yield connected
