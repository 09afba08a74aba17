"""`netcheck run CHECK --json` of every check on the real cluster, well and broken: an answer and no unhandled error."""

import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from checks.coverage import judge as coverage
from checks.registry import CHECKS
from tests.lab.fixtures import Injector

pytestmark = pytest.mark.lab

AT_ONCE = 3
"""Runs side by side: more would take the processors from each other's agents."""
WELL, NOT_WELL, UNSEEN = 0, 1, 3
"""The exit codes of an answer."""


def answers(environment: Mapping[str, str]) -> dict[str, tuple[int, set[str], str]]:
    """By check the exit code, the codes of its findings, and the last line of a traceback if there is one."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(CHECKS, pool.map(lambda name: _answer(name, environment), CHECKS), strict=True))


def _answer(name: str, environment: Mapping[str, str]) -> tuple[int, set[str], str]:
    command = [sys.executable, "-m", "bot", "run", name, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    document = json.loads(done.stdout)
    crashed = done.stderr.strip().splitlines()[-1] if "Traceback" in done.stderr else ""
    return done.returncode, {finding["code"] for finding in document["findings"]}, crashed


def declared(name: str) -> set[str]:
    """The codes that a run of one check may report: its own, and what could not be looked at."""
    return {code.name for code in (*CHECKS[name].codes, *coverage.CODES)}


def test_every_check_answers_on_a_cluster_that_is_well(environment: dict[str, str]) -> None:
    """Each reports codes of its own alone, and nothing is wrong."""
    told = answers(environment)

    assert dict.fromkeys(CHECKS, (WELL, True, "")) == {
        name: (code, codes <= declared(name), crashed) for name, (code, codes, crashed) in told.items()
    }


@pytest.mark.parametrize("broken", ["firewall-vxlan", "coredns-down"])
def test_every_check_answers_on_a_broken_cluster(broken: str, fault: Injector, environment: dict[str, str]) -> None:
    """Whatever it could see; some find something, and none says that it could not be run."""
    fault(broken)

    told = answers(environment)

    assert dict.fromkeys(CHECKS, (True, True, "")) == {
        name: (code in (WELL, NOT_WELL, UNSEEN), codes <= declared(name), crashed)
        for name, (code, codes, crashed) in told.items()
    }
    assert NOT_WELL in {code for code, _, _ in told.values()}
