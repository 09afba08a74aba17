"""What a month of a hundred nodes takes in Redis, what a run pays for it, and how soon a question is answered."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.access.requester import Requester
from bot.commands.answer import Answer
from bot.commands.caller import Caller
from bot.commands.clusters import Clusters
from bot.commands.command import Means
from bot.commands.perform import Door
from bot.config import JOBS, SigningKey
from bot.fleet import Fleet, cluster_seen
from bot.history.episodes import Sight, Subject
from bot.history.history import History
from bot.history.points import DAY_S
from bot.history.signals import Sample, samples
from bot.runs.model import RunRequest
from bot.runs.remembered import remembered
from bot.store.connection import connect, server_time
from bot.store.embedded import embedded_redis
from checks.finding import Finding, worst
from checks.judgement import judge_run
from checks.place import Node
from checks.registry import CHECKS
from checks.report import Report, brief
from tests.bench.figures import Figure, percentile
from tests.checks.diagnosis.worlds import observed, snapshot

NODES = ("cp", *(f"w{number}" for number in range(1, 100)))
DAYS = 30
RUNS_A_DAY = 12
QUESTIONS = ("history paths node=w50 since=30d", "history paths since=7d", "history dns since=1d", "history coverage")
ASKED = 200
TIMED = 30
GOAL_BYTES = 2000
"""Of a node and day, as docs/history.md says."""


def history_costs() -> list[Figure]:
    """A month of runs, then the bytes, thirty runs more, and questions."""
    findings = _findings()
    measured = samples(findings)
    with embedded_redis() as url:
        client: Any = connect(url)
        cluster_seen(client, "bench")
        Fleet(client, "bench").note_nodes(list(NODES))
        _month(History(client, "bench"), server_time(client), measured)
        used = sum(
            client.memory_usage(key, samples=0) for key in client.scan_iter(match="netcheck:{bench}:*", count=1000)
        )
        writes = [_write(client, findings, number) for number in range(TIMED)]
        asked = _asked(client)
    a_day = used / len(NODES) / DAYS
    what = f"history of {len(NODES)} nodes and {DAYS} days"
    p99 = percentile(asked, 0.99)
    write = percentile(writes, 0.5)
    return [
        Figure(
            f"{what}: bytes of a node and day",
            f"{a_day:,.0f}",
            f"<= {GOAL_BYTES:,}",
            a_day <= GOAL_BYTES,
            f"{used / 1e6:.1f} MB in all, {len(measured):,} series",
        ),
        Figure(f"{what}: what a run pays to be kept, p50", f"{write:.0f} ms", "<= 200 ms", write <= 200),
        Figure(
            f"{what}: a question, p99", f"{p99:.0f} ms", "<= 200 ms", p99 <= 200, f"p50 {percentile(asked, 0.5):.0f} ms"
        ),
    ]


def _findings() -> Sequence[Finding]:
    cluster = snapshot(NODES)
    return judge_run(cluster, tuple(CHECKS), {}, observed(cluster))


def _month(history: History, now: float, measured: Sequence[Sample]) -> None:
    """Every two hours, with numbers that change, and nodes that fail at times."""
    count = DAYS * RUNS_A_DAY
    for number in range(count):
        at = now - (count - number) * DAY_S / RUNS_A_DAY
        history.measured(f"{number}", at, [replace(sample, value=random.random()) for sample in measured], DAYS)
        failing = [Subject("paths.cross-tcp", Node(node)) for node in NODES[number % 50 : number % 50 + 20]]
        history.noted(at, [Sight(subject, bad=number % 3 > 0) for subject in failing], DAYS)


def _write(client: Any, findings: Sequence[Finding], number: int) -> float:
    request = RunRequest(
        id=f"timed-{number}",
        cluster="bench",
        command="diagnose",
        checks=tuple(CHECKS),
        requested_at=server_time(client),
        expires_at=server_time(client) + 60,
    )
    report = Report(severity=worst(f.severity for f in findings), findings=tuple(map(brief, findings)))
    started = time.perf_counter()
    remembered(client, request, report, findings, DAYS)
    return 1000 * (time.perf_counter() - started)


def _asked(client: Any) -> list[float]:
    means = Means(Clusters(client, ttl_s=60, limit=1), lambda: SigningKey(JOBS, b"0123456789abcdef"))
    door = Door(lambda: means)
    caller = Caller(by=Requester("bench"), surface="command line")
    times = []
    for number in range(ASKED):
        started = time.perf_counter()
        outcome = door.typed(QUESTIONS[number % len(QUESTIONS)], caller)
        times.append(1000 * (time.perf_counter() - started))
        if not isinstance(outcome, Answer) or not outcome.data["series"]:
            raise SystemExit(f"{QUESTIONS[number % len(QUESTIONS)]}: no figures from an empty answer")
    return times
