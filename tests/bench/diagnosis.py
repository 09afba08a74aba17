"""How long a diagnosis takes on the real cluster, healthy and in the incident."""

import json
import os
import shlex
import subprocess
import sys
from typing import Any

from tests.bench.figures import Figure
from tests.lab import cluster
from tests.lab.fixtures import run_lab

WEBHOOK_TIMEOUT_S = 10
TIMES = 3


def diagnoses() -> list[Figure]:
    """The median of three runs each; one line that says so where the lab is not running."""
    if not cluster.is_up():
        return [Figure("diagnosis on the real cluster", "not measured", remark="`make lab` first")]
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
