"""What an agent costs its node: memory and privileges of the process that waits for jobs."""

import os
import subprocess
import sys
from pathlib import Path

from bot.roles.local import local_netcheck
from tests.bench.figures import Figure

GOAL_KIB = 34 * 1024
FORBIDDEN = ("kubernetes", "slack_bolt", "slack_sdk")
_ROOT = Path(__file__).parents[2]


def agent_costs() -> list[Figure]:
    """An idle agent, as in its image: only its own dependencies installed."""
    folder = _ROOT / ".cache" / "bench-agent"
    uv = os.environ.get("UV", "uv")
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder)}
    subprocess.run([uv, "sync", "--quiet", "--frozen", "--no-dev"], cwd=_ROOT, env=environment, check=True)
    python = str(folder / "bin" / "python")
    with local_netcheck("bench") as local:
        place = {"NETCHECK_NODE": "w1", "NETCHECK_ECHO": "127.0.0.1"}
        agent = subprocess.Popen(
            [python, "-m", "bot", "agent", "--network", "pod"],
            env={**os.environ, **local.environment, **place},
            cwd=_ROOT,
            stderr=subprocess.DEVNULL,
        )
        try:
            local.wait_for(["agent-pod/w1"])
            status = Path(f"/proc/{agent.pid}/status").read_text(encoding="ascii")
        finally:
            agent.kill()
            agent.wait()
    kib = resident(status)
    script = f"import bot.roles.agent, sys; print([m for m in {FORBIDDEN} if m in sys.modules])"
    imported = subprocess.run([python, "-c", script], cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    return [
        Figure(
            "resident memory of an idle node agent",
            f"{kib / 1024:.1f} MiB",
            "<= 34 MiB",
            kib <= GOAL_KIB,
            f"Python {sys.version.split()[0]} of this machine",
        ),
        Figure("of kubernetes and slack an agent imports", imported.strip(), "[]", imported.strip() == "[]"),
    ]


def resident(status: str) -> int:
    """Resident memory by `/proc/PID/status`, in KiB."""
    return int(status.split("VmRSS:")[1].split(maxsplit=1)[0])
