"""What CONTRIBUTING.md says of adding something is true: it is added to a copy of the project, as it is shown there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.fleet import Fleet, cluster_seen
from bot.store.keys import Keys

ROOT = Path(__file__).parent.parent
SLACK = """
import sys, threading
from bot.config import Config
from bot.playground.start import manifest
from handlers.app import serve
from tests.playground import Playground

with Playground(manifest=manifest()) as slack:
    config = Config().override(
        NETCHECK_SLACK_API=slack.base_url, SLACK_BOT_TOKEN=slack.bot_token, SLACK_APP_TOKEN=slack.app_token
    )
    stop = threading.Event()
    bot = threading.Thread(target=serve, args=(config, stop))
    bot.start()
    slack.wait_for(lambda: slack.connections)
    for line in sys.argv[1:]:
        assert slack.command("on-call", "incidents", line).ok
    print(slack.ephemerals("on-call"))
    stop.set()
    slack.drop_connections()
    bot.join()
"""
"""Gives lines to the bot through the stand-in for Slack, and prints what the person sees."""

CAUSE = """
import sys
from checks.diagnosis import diagnose
from checks.diagnosis.causes import CAUSES
from tests.checks.diagnosis.worlds import findings, healthy, home, with_cause

cause = CAUSES[sys.argv[1]]
print(diagnose(findings(with_cause(healthy(), cause, home(cause)))).verdict)
"""
"""Prints the verdict on a healthy cluster in which there is a cause, as its example has it."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's code and tests, to be changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    for package in ("bot", "handlers", "checks", "tests"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    return tmp_path


@pytest.fixture
def environment(redis_url: str, redis_client: Any) -> dict[str, str]:
    """A netcheck with one cluster, prod with the nodes w1 and w2."""
    cluster_seen(redis_client, "prod")
    Fleet(redis_client, "prod").note_nodes(["w1", "w2"])
    return {**os.environ, "NETCHECK_REDIS_URL": redis_url, "NETCHECK_JOB_KEY": "x" * 16, "PYTHONDONTWRITEBYTECODE": "1"}


def run(copy: Path, environment: dict[str, str], *words: str) -> str:
    """What Python prints when it is started in the copy."""
    command = [sys.executable, *words]
    result = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (0, True) == (result.returncode, "Traceback" not in result.stderr), result.stderr
    return result.stdout


def example(title: str) -> str:
    """The Python of a chapter of CONTRIBUTING.md."""
    chapter = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    (code,) = re.findall(r"```python\n(.*?)```", chapter, re.DOTALL)
    return str(code)


def test_a_cause_is_one_file(copy: Path, environment: dict[str, str]) -> None:
    """It is found, and named where what its example has is seen."""
    (copy / "checks/diagnosis/causes/clock_astray.py").write_text(example("Add a cause"))

    assert "clock-astray" == run(copy, environment, "-c", CAUSE, "clock-astray").strip()


def test_a_command_is_one_file_and_one_line(copy: Path, environment: dict[str, str], redis_client: Any) -> None:
    """The command line, `--json`, `help`, Slack and the audit record have it."""
    code = example("Add a command")
    (copy / "bot/commands/nodes.py").write_text(code)
    registry = copy / "bot/commands/registry.py"
    listed = registry.read_text().replace(
        "        status.COMMAND,\n", "        status.COMMAND,\n        nodes.COMMAND,\n"
    )
    registry.write_text(listed.replace("import cancel, checks,", "import cancel, checks, nodes,"))

    assert ["w1", "w2"] == json.loads(run(copy, environment, "-m", "bot", "nodes", "--json", "in", "prod"))
    assert "List the nodes." in run(copy, environment, "-m", "bot", "help")
    seen = run(copy, environment, "-c", SLACK, "/netcheck nodes", "/netcheck nodse")

    assert all(words in seen for words in ("Nodes of prod", "• `w1`", "Did you mean this? `/netcheck nodes`"))
    entries = redis_client.xrange(Keys("prod").audit)
    acts = [json.loads(fields[b"act"]) for _, fields in entries if b"act" in fields]
    assert [("nodes", "command line"), ("nodes", "command")] == [(act["command"], act["surface"]) for act in acts]
