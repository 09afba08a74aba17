"""What the process on a node carries."""

import subprocess
import sys

SCRIPT = """
import sys
from bot.__main__ import main
from bot.cli.arguments import parse
from bot.roles import agent
from checks.observation import Network
from checks.registry import CHECKS

assert parse(["agent"]).role == "agent"
for check in CHECKS.values():
    if {Network.HOST, Network.POD} & {*check.networks}:
        check.load()
print(*sorted(sys.modules))
"""
OTHERS = {
    "babel",
    "bot.commands",
    "bot.operator",
    "bot.runs.model",
    "checks.cluster.snapshot",
    "checks.code",
    "checks.diagnosis",
    "checks.finding",
    "checks.report",
    "kubernetes",
    "pyVmomi",
    "rich",
    "slack_sdk",
}


def test_an_agent_carries_nothing_of_what_only_other_roles_do() -> None:
    """Judging, reports, commands and words stay out of the memory of every node."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())

    assert {"bot.roles.agent", "checks.paths.observe"} <= loaded
    assert set() == OTHERS & loaded
