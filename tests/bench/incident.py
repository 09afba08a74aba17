"""How soon the incident has its verdict, from the recording, by all of netcheck on one machine."""

import contextlib
import dataclasses
import functools
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import resources
from typing import Any

import msgspec

from bot.config import Config
from bot.playground.demo import INCIDENT
from bot.roles import agent, worker
from bot.roles.local import Local, local_netcheck
from bot.runs.bundle import Replay, read
from bot.runs.execution import Keeping
from bot.runs.job import Job
from bot.store.connection import connect
from checks.check import Check
from checks.observation import Context
from tests.bench.figures import Figure

VERDICT = "vmxnet3-tunnel-offload"
TIMES = 3
FORK = multiprocessing.get_context("fork")


class Paced:
    """The recording, each answer as late as it was when it was recorded."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._elapsed = {(o.check, o.network, o.node): o.elapsed_s for o in replay.bundle.observations}

    def __call__(self, check: Check, job: Job, request: msgspec.Struct, context: Context) -> Any:
        """See `bot.runs.jobs.Observe`."""
        time.sleep(self._elapsed.get((check.name, job.network, job.node), 0.0))
        return self._replay(check, job, request, context)


def first_verdicts() -> list[Figure]:
    """The median of three runs: when a verdict is first said, and when the last evidence is in."""
    with resources.as_file(resources.files("bot").joinpath(INCIDENT)) as path, _recorded(str(path)) as local:
        documents = sorted((_diagnose(local) for _ in range(TIMES)), key=lambda d: float(d["first_verdict_s"]))
    said = {(document["verdict"], document["revised"]) for document in documents}
    if said != {(VERDICT, "")}:
        raise SystemExit(f"expected {VERDICT}, never revised, got {said}: no figures from a wrong diagnosis")
    first, last = (float(documents[TIMES // 2][name]) for name in ("first_verdict_s", "elapsed_s"))
    slowest = "probes that are lost wait 1.8 s; answers come as late as they were recorded"
    return [
        Figure("first verdict of the recorded incident", f"{first:.1f} s", "<= 3 s", first <= 3, slowest),
        Figure("all evidence of the recorded incident", f"{last:.1f} s", "<= 12 s", last <= 12, "the dry run: 10 s"),
    ]


@contextlib.contextmanager
def _recorded(path: str) -> Iterator[Local]:
    replay = Replay(read(path))
    with local_netcheck(replay.bundle.cluster) as local:
        roles = [FORK.Process(target=role, args=(local, path), daemon=True) for role in (_worker, _agents)]
        for role in roles:
            role.start()
        try:
            local.wait_for(["worker/", *(f"agent-{network}/{node}" for node, network in replay.stations())])
            yield local
        finally:
            for role in roles:
                role.terminate()
                role.join()


def _worker(local: Local, path: str) -> None:
    config = Config(local.environment)
    cluster = dataclasses.replace(worker.recorded_cluster(path), observe=Paced(Replay(read(path))))
    keeping = Keeping(
        run_s=config.number("NETCHECK_RUN_TTL"),
        bundle_s=config.number("NETCHECK_BUNDLE_TTL"),
        history_days=config.number("NETCHECK_HISTORY_DAYS"),
    )
    url = local.environment["NETCHECK_REDIS_URL"]
    worker.serve(functools.partial(connect, url), config.job_key(), cluster, "bench", keeping)


def _agents(local: Local, path: str) -> None:
    replay = Replay(read(path))
    stations = [agent.Station(replay.bundle.cluster, node, network) for node, network in replay.stations()]
    url = local.environment["NETCHECK_REDIS_URL"]
    agent.serve(functools.partial(connect, url), Config(local.environment).job_key(), stations, Paced(replay))


def _diagnose(local: Local) -> dict[str, Any]:
    command = [sys.executable, "-m", "bot", "diagnose", "--json"]
    environment = {**os.environ, **local.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    document: dict[str, Any] = json.loads(done.stdout)
    return document
