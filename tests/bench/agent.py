"""What an agent costs its node: memory and privileges of the process that waits for jobs."""

import os
import subprocess
import sys
from pathlib import Path

from bot.roles.local import local_netcheck

from tests.bench.figures import Figure
from tests.lab import cluster
from tests.lab.processes import role_processes

GOAL_KIB = 34 * 1024
NOBODY = ("65534", "0" * 16)
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
    resident = _resident(status)
    script = f"import bot.agent, sys; print([m for m in {FORBIDDEN} if m in sys.modules])"
    imported = subprocess.run([python, "-c", script], cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    return [
        Figure(
            "resident memory of an idle node agent",
            f"{resident / 1024:.1f} MiB",
            "<= 34 MiB",
            resident <= GOAL_KIB,
            f"Python {sys.version.split()[0]} of this machine",
        ),
        *_in_the_lab(),
        Figure("of kubernetes and slack an agent imports", imported.strip(), "[]", imported.strip() == "[]"),
    ]


def _in_the_lab() -> list[Figure]:
    """The same of the agents in the lab's pods, the largest of them; nothing where the lab is not running."""
    statuses = [_status(pid) for pid in role_processes("agent")] if cluster.is_up() else []
    if not statuses:
        return []
    resident = max(_resident(status) for status in statuses)
    facts = {(status.split("Uid:")[1].split()[0], status.split("CapEff:")[1].split()[0]) for status in statuses}
    return [
        Figure(
            "resident memory of a node agent in its pod",
            f"{resident / 1024:.1f} MiB",
            "<= 34 MiB",
            resident <= GOAL_KIB,
            f"the largest of {len(statuses)}",
        ),
        Figure("uid and effective capabilities of the agents", str(sorted(facts)), "65534, none", facts == {NOBODY}),
    ]


def _status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text(encoding="ascii")


def _resident(status: str) -> int:
    """KiB."""
    return int(status.split("VmRSS:")[1].split(maxsplit=1)[0])
