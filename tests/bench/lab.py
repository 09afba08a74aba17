"""What only the real cluster shows: diagnoses, healthy and in the incident, and the agents in their pods."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.agent import GOAL_KIB, resident
from tests.bench.figures import Figure
from tests.lab import cluster
from tests.lab.fixtures import run_lab
from tests.lab.processes import role_processes

WEBHOOK_TIMEOUT_S = 10
TIMES = 3
NOBODY = ("65534", "0" * 16)


def in_the_lab() -> list[Figure]:
    """One line that says so where the lab is not running. It puts a fault into the lab: nobody else may be at it."""
    if not cluster.is_up():
        return [Figure("diagnosis on the real cluster", "not measured", remark="`make lab` first")]
    return [*_agents(), *_diagnoses()]


def _diagnoses() -> list[Figure]:
    """The median of three runs each."""
    run_lab("heal")
    healthy = _median("healthy")
    run_lab("fault", "vmxnet3-tunnel-offload")
    try:
        incident = _median("vmxnet3-tunnel-offload")
    finally:
        run_lab("heal")
    limit = WEBHOOK_TIMEOUT_S + 2
    return [
        Figure("diagnosis of a healthy cluster", f"{healthy:.1f} s", "<= 3 s", healthy <= 3),
        Figure("diagnosis of the incident", f"{incident:.1f} s", f"<= {limit} s (time-out + 2 s)", incident <= limit),
    ]


def _agents() -> list[Figure]:
    """What the agents in the lab's pods are, the largest of them."""
    statuses = [_status(pid) for pid in role_processes("agent")]
    kib = max(resident(status) for status in statuses)
    facts = {(status.split("Uid:")[1].split()[0], status.split("CapEff:")[1].split()[0]) for status in statuses}
    return [
        Figure(
            "resident memory of a node agent in its pod",
            f"{kib / 1024:.1f} MiB",
            "<= 34 MiB",
            kib <= GOAL_KIB,
            f"the largest of {len(statuses)}",
        ),
        Figure("uid and effective capabilities of the agents", str(sorted(facts)), "65534, none", facts == {NOBODY}),
    ]


def _status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text(encoding="ascii")


def _median(verdict: str) -> float:
    documents = sorted((_diagnose() for _ in range(TIMES)), key=lambda d: float(d["elapsed_s"]))
    verdicts = {document["verdict"] for document in documents}
    if verdicts != {verdict}:
        raise SystemExit(f"expected {verdict}, got {', '.join(verdicts)}: no figures from a wrong diagnosis")
    return float(documents[TIMES // 2]["elapsed_s"])


def _diagnose() -> dict[str, Any]:
    exports = [line for line in run_lab("env").stdout.splitlines() if line.startswith("export ")]
    pairs = (shlex.split(line)[1].partition("=") for line in exports)
    environment = {**os.environ, **{name: value for name, _, value in pairs}}
    command = [sys.executable, "-m", "bot", "diagnose", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    document: dict[str, Any] = json.loads(done.stdout)
    return document
