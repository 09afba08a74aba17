"""Fixtures for tests on a real cluster: the lab, reused when it runs, or the cluster that KUBECONFIG names.

A `conftest.py` takes what it needs: `from tests.lab.fixtures import cluster, fault, lab`.
"""

import contextlib
import functools
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import cluster as lab_cluster
from tests.lab import hardware, power, prerequisites, product, vcenter
from tests.lab.build import binary
from tests.lab.faults import switch
from tests.lab.layout import CONTROL_PLANE, KUBECONFIG, REPOSITORY, nodes, shape
from tests.lab.process import inside
from tests.waiting import until

READY_AGAIN_S = 180.0
"""For pods that were killed several times, which their kubelet starts again ever later."""
SETTLED_S = 60.0
_OUTSIDE = """
import sys, time
import dns.message, dns.query
for address in sys.argv[1:]:
    # A name that nobody has asked for: a cache answers for no resolver.
    name = f"settled-{time.time_ns()}.example."
    dns.query.udp(dns.message.make_query(name, "A"), address, timeout=2)
"""
Injector = Callable[..., None]
Diagnose = Callable[..., "tuple[int, dict[str, Any]]"]


@dataclass(frozen=True)
class Cluster:
    """A cluster to test on, by its kubeconfig."""

    kubeconfig: Path
    kubectl_program: str

    def kubectl(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl and return what came of it, whatever that is."""
        return subprocess.run(
            [self.kubectl_program, f"--kubeconfig={self.kubeconfig}", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def read(self, *arguments: str) -> str:
        """Run kubectl, which has to succeed, and return its output."""
        done = self.kubectl(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


def run_lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the lab as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "tests.lab", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )


def skip_without_lab() -> None:
    """Skip the test with the reason where the lab cannot run; in CI that is a failure."""
    if reason := prerequisites.unmet():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def skip_unless_own_lab(config: pytest.Config) -> None:
    """Skip tests that start labs of their own where one runs already, which they leave alone; in CI that is a failure.

    They carry the mark `own_lab`, and come before all that use the session's lab.
    """
    skip_without_lab()
    if lab_cluster.is_up():
        if os.environ.get("CI"):
            pytest.fail("a lab is running in CI")
        pytest.skip("a lab is running: `python -m tests.lab down` first")
    build_visibly(config)


def build_visibly(config: pytest.Config) -> None:
    """Build what the lab needs. A first time takes minutes, so its progress goes past pytest's capture."""
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else contextlib.nullcontext():
        lab_cluster.build_all()


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The lab with the product in it and no fault: the one that runs, or one for this session."""
    skip_without_lab()
    was_up = lab_cluster.is_up()
    if not was_up:
        build_visibly(request.config)
        started = run_lab("up")
        assert started.returncode == 0, started.stderr
    else:
        # Whatever a run that was cut short has left.
        _restore_machines()
        if lab_cluster.status()["bare"]:
            lab_cluster.deploy()
    switch.heal()
    yield Cluster(KUBECONFIG, str(binary("kubectl")))
    if not was_up:
        lab_cluster.down()


def _restore_machines() -> None:
    """Have every node on with its own adapter, and the simulator of vCenter knows of nothing else."""
    vcenter.stop()
    power.restore()
    vcenter.start()


@pytest.fixture
def own_adapters(lab: Cluster) -> Iterator[None]:
    """Whatever adapters the test leaves in the nodes, the next one finds their own, and every pod ready again."""
    yield
    if any(hardware.adapter(node) != hardware.VMXNET3 or not power.is_on(node) for node in nodes()):
        _restore_machines()
    lab.read("uncordon", *(node.name for node in nodes()))
    for namespace in ("kube-system", shape().metallb, product.NAMESPACE):
        until(functools.partial(_every_pod_ready, lab, namespace), READY_AGAIN_S)


def _replace_restarted_pods(lab: Cluster) -> None:
    """Take new pods for those that tests killed: their kubelet waits ever longer (10 s to 5 min) to start one again."""
    counts = "{range .items[*]}{.metadata.name}={.status.containerStatuses[*].restartCount}{'\\n'}{end}"
    restarts = dict(
        line.split("=") for line in lab.read("-n", product.NAMESPACE, "get", "pods", "-o", f"jsonpath={counts}").split()
    )
    if restarted := [pod for pod, count in restarts.items() if count not in ("", "0")]:
        lab.read("-n", product.NAMESPACE, "delete", "pods", *restarted)


def _every_pod_ready(lab: Cluster, namespace: str) -> bool:
    waiting = ("wait", "pods", "--all", "--for=condition=Ready", "--timeout=10s")
    return lab.kubectl("-n", namespace, *waiting).returncode == 0


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """The cluster that KUBECONFIG names, or else the lab. For tests that inject no fault."""
    named = os.environ.get("KUBECONFIG")
    if named and Path(named) != KUBECONFIG:
        kubectl = shutil.which("kubectl")
        assert kubectl, "KUBECONFIG is set, but there is no kubectl on PATH"
        return Cluster(Path(named), kubectl)
    found: Cluster = request.getfixturevalue("lab")
    return found


@pytest.fixture
def fault(lab: Cluster) -> Iterator[Injector]:
    """Switch a fault on: `fault("mtu-mismatch", mtu=1300)`. The test's end undoes it."""
    assert lab

    def inject(name: str, **parameters: object) -> None:
        switch.inject(name, [f"{key}={value}" for key, value in parameters.items()])

    yield inject
    switch.heal()


@pytest.fixture
def environment(lab: Cluster) -> dict[str, str]:
    """What `python -m tests.lab env` exports, as a person's shell would have it."""
    _replace_restarted_pods(lab)
    for workload in ("deployment/netcheck-worker", "daemonset/netcheck-agent-host", "daemonset/netcheck-agent-pod"):
        lab.read("-n", "netcheck", "rollout", "status", workload, "--timeout=50s")
    # Where a replica gets no answer from outside, a diagnosis rightly names that.
    until(functools.partial(_resolves_outside, lab), SETTLED_S)
    return {**os.environ, **exported()}


def _resolves_outside(lab: Cluster) -> bool:
    """Whether every replica of CoreDNS answers for a name outside of the cluster."""
    addresses = ("get", "pods", "-l", "k8s-app=kube-dns", "-o", "jsonpath={.items[*].status.podIP}")
    command = inside(CONTROL_PLANE, sys.executable, "-c", _OUTSIDE, *lab.read("-n", "kube-system", *addresses).split())
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def exported() -> dict[str, str]:
    """What `python -m tests.lab env` exports."""
    lines = run_lab("env").stdout.splitlines()
    return dict(shlex.split(line)[1].split("=", 1) for line in lines if line.startswith("export "))


@pytest.fixture
def diagnose(environment: dict[str, str]) -> Diagnose:
    """`netcheck diagnose --json` with further words: its exit code and its document."""

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        command = [sys.executable, "-m", "bot", "diagnose", "--json", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    return run
