"""What CONTRIBUTING.md says of adding something is true: it is added to a copy of the project, as it is shown there."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
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

CHECK = """
import sys
import msgspec
from checks.observation import Context, Observation
from checks.registry import CHECKS
from tests.checks.objects import cluster, node

check = CHECKS[sys.argv[1]]
(task,) = check.plan(cluster(nodes=(node("w1", "172.30.0.11"),)), check.parameters())
request = msgspec.convert(msgspec.to_builtins(task.request), check.request)
data = check.observe(request, Context(task.network, task.node))
heard = Observation(check=check.name, network=task.network, node=task.node, data=msgspec.to_builtins(data))
for observations in ([heard], []):
    for finding in check.judge(check.gather(cluster(), {}, observations)):
        print(finding.code, finding.outcome or "unseen", *(seen.place.name for seen in finding.seen))
"""
"""Plans, observes and judges a check on one node, and judges it once more without any observation."""

JUDGED = """
import sys
from tests.checks.diagnosis.worlds import healthy_findings

print(*(f"{f.code} {f.outcome}" for f in healthy_findings() if f.code == sys.argv[1]))
"""
"""Prints what a code shows in a healthy cluster."""

RULES = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_docs.py", "tests/checks/test_independence.py")
"""The tests that hold every check and code to the documents and to the rules."""

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
    """The project's code, tests and documents, to be changed."""
    for package in ("bot", "handlers", "checks", "tests"):
        # With what Python has compiled already, which is good for all that is not changed here; not what it is writing.
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.pyc.*"))
    for document in ("README.md", "SECURITY.md", "pyproject.toml"):
        shutil.copy(ROOT / document, tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


@pytest.fixture
def environment(redis_url: str, redis_client: Any) -> dict[str, str]:
    """A netcheck with one cluster, prod with the nodes w1 and w2."""
    cluster_seen(redis_client, "prod")
    Fleet(redis_client, "prod").note_nodes(["w1", "w2"])
    return {**os.environ, "NETCHECK_REDIS_URL": redis_url, "NETCHECK_JOB_KEY": "x" * 16}


def run(copy: Path, environment: dict[str, str], *words: str) -> str:
    """What Python prints when it is started in the copy."""
    command = [sys.executable, *words]
    result = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (0, True) == (result.returncode, "Traceback" not in result.stderr), result.stderr
    return result.stdout


def examples(title: str) -> dict[str, str]:
    """What a chapter of CONTRIBUTING.md shows: for each file, the last that is named before a block, that block."""
    chapter = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"\n## {title}\n")[1]
    shown = {}
    while block := re.match(r"((?:(?!```|\n## ).)*?)^(`{3,})\w+\n(.*?)^\2\n", chapter, re.DOTALL | re.MULTILINE):
        files = re.findall(r"`([\w/]+\.(?:py|md))`", block[1])
        shown[files[-1]] = block[3]
        chapter = chapter[block.end() :]
    return shown


def add(copy: Path, files: Mapping[str, str]) -> None:
    """Write new files into the copy."""
    for path, content in files.items():
        file = copy / path
        file.parent.mkdir(exist_ok=True)
        assert not file.exists()
        file.write_text(content, encoding="utf-8")


def replace(file: Path, old: str, new: str) -> None:
    """Change one place in a file of the copy."""
    text = file.read_text(encoding="utf-8")
    assert 1 == text.count(old)
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_check_is_one_folder(copy: Path, environment: dict[str, str]) -> None:
    """It is found, listed and explained, holds to every rule for checks, observes, and judges what was observed."""
    add(copy, {**examples("Add a check"), "tests/checks/load/__init__.py": ""})

    listed = json.loads(run(copy, environment, "-m", "bot", "checks", "--json"))
    assert {"load.nodes": "The nodes have a processor for what wants to run"} == next(
        check["findings"] for check in listed if check["name"] == "load"
    )
    assert "What makes the load is not told." in run(copy, environment, "-m", "bot", "help", "load")
    run(copy, environment, *RULES)
    assert "load.nodes pass" in run(copy, environment, "-c", JUDGED, "load.nodes")
    found = run(copy, environment, "-c", CHECK, "load")
    assert ["load.nodes pass w1", "load.nodes unseen"] == [re.sub("busy", "pass", line) for line in found.splitlines()]


def test_a_code_is_in_one_file(copy: Path, environment: dict[str, str]) -> None:
    """It is listed and judged, and the README's row is what it declares."""
    shown = examples("Add a code")
    judge, readme = copy / "checks/metallb/announced.py", copy / "checks/metallb/README.md"
    replace(judge, "CODES = (POOLS, ", f"{shown['checks/metallb/announced.py']}\n\nCODES = (AUTOMATIC, POOLS, ")
    replace(judge, "    return [_pools(", "    return [_automatic(configuration), _pools(")
    replace(readme, "| `metallb.pools` |", f"{shown['checks/metallb/README.md']}| `metallb.pools` |")

    listed = json.loads(run(copy, environment, "-m", "bot", "checks", "--json"))
    assert "metallb.automatic" in next(check["findings"] for check in listed if check["name"] == "metallb")
    run(copy, environment, *RULES)
    assert "metallb.automatic pass" in run(copy, environment, "-c", JUDGED, "metallb.automatic")


def test_a_cause_is_one_file(copy: Path, environment: dict[str, str]) -> None:
    """It is found, and named where what its example has is seen."""
    add(copy, examples("Add a cause"))

    assert "clock-astray" == run(copy, environment, "-c", CAUSE, "clock-astray").strip()


def test_a_runbook_is_one_folder(copy: Path, environment: dict[str, str]) -> None:
    """It is found, explained and planned, and holds to every rule for runbooks."""
    shown = examples("Add a runbook")
    row = shown.pop("docs/runbooks.md")
    replace(copy / "docs/runbooks.md", "| `create-pool`", f"{row}| `create-pool`")
    add(copy, shown)

    assert "What will keep it busy tomorrow is not told." in run(copy, environment, "-m", "bot", "help", "cool-down")
    run(copy, environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/bot/runbooks/test_catalogue.py")


def test_a_command_is_one_file_and_its_name(copy: Path, environment: dict[str, str], redis_client: Any) -> None:
    """The command line, `--json`, `help`, Slack and the audit record have it."""
    add(copy, examples("Add a command"))
    replace(copy / "bot/commands/registry.py", '"status",', '"status", "nodes",')

    assert ["w1", "w2"] == json.loads(run(copy, environment, "-m", "bot", "nodes", "--json", "in", "prod"))
    assert "List the nodes." in run(copy, environment, "-m", "bot", "help")
    seen = run(copy, environment, "-c", SLACK, "/netcheck nodes", "/netcheck nodse")

    assert all(words in seen for words in ("Nodes of prod", "• `w1`", "Did you mean this? `/netcheck nodes`"))
    entries = redis_client.xrange(Keys("prod").audit)
    acts = [json.loads(fields[b"act"]) for _, fields in entries if b"act" in fields]
    assert [("nodes", "command line"), ("nodes", "command")] == [(act["command"], act["surface"]) for act in acts]
