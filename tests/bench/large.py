"""What a thousand nodes cost: reading what was observed, judging it, and finding the cause."""

import gc
import statistics
import time
from collections.abc import Callable, Collection
from typing import TypeVar

import msgspec

from checks.diagnosis import diagnose
from checks.judgement import judge_run
from checks.observation import Network, Observation
from checks.paths.model import Aim, Kind
from checks.probes.outcome import Result
from checks.registry import CHECKS
from tests.bench.figures import Figure
from tests.checks.diagnosis.worlds import observed, snapshot
from tests.checks.paths.matrix import Answer

COUNT = 1000
TIMES = 3
NAMES = ("cp", *(f"w{number}" for number in range(1, COUNT)))
TUNNELLED = (Kind.PING, Kind.TCP, Kind.BULK, Kind.WEBHOOK_ENDPOINT)
FAULTY = {
    "one faulty": (NAMES[500:501], 1.0),
    "ten faulty": (NAMES[50:1000:95], 1.0),
    "no pair gets through": (NAMES, 5.0),
}
"""Which nodes' tunnels carry nothing, and within how many seconds the cause is to be found."""
Out = TypeVar("Out")


def large_clusters() -> list[Figure]:
    """Seconds of CPU, the median of three; beside it how many times as long as decoding the same observations takes."""
    return [figure for name, (nodes, goal) in FAULTY.items() for figure in _figures(name, set(nodes), goal)]


def _figures(name: str, nodes: Collection[str], goal_s: float) -> list[Figure]:
    cluster = snapshot(NAMES)
    encoded = msgspec.json.encode(observed(cluster, _stopped_at(nodes)))
    observations, decoding = _timed(lambda: msgspec.json.decode(encoded, type=list[Observation]))
    findings, judging = _timed(lambda: judge_run(cluster, tuple(CHECKS), {}, observations))
    diagnosis, finding = _timed(lambda: diagnose(findings))
    at = {node for cause in diagnosis.causes[:1] for place in cause.at for node in place.nodes}
    if not at or not at <= set(nodes):
        raise SystemExit(f"{name}: {diagnosis.verdict} at {len(at)} nodes: no figures from a wrong diagnosis")
    places = f"{sum(len(found.seen) for found in findings):,} places"
    what = f"of {COUNT:,} nodes, {name}"
    return [
        Figure(f"judging {what}", f"{judging:.2f} s ({judging / decoding:.1f} times decoding)", remark=places),
        Figure(
            f"diagnosis {what}",
            f"{finding:.2f} s ({finding / decoding:.1f} times decoding)",
            f"<= {goal_s:g} s",
            finding <= goal_s,
            f"decoding: {decoding:.2f} s",
        ),
    ]


def _stopped_at(nodes: Collection[str]) -> Answer:
    def answer(node: str, _: Network, aim: Aim) -> Result:
        across = aim.kind in TUNNELLED and aim.peer != node
        return Result.TIMEOUT if across and (node in nodes or aim.peer in nodes) else Result.OK

    return answer


def _timed(act: Callable[[], Out]) -> tuple[Out, float]:
    times = []
    for _ in range(TIMES):
        gc.collect()
        started = time.process_time()
        result = act()
        times.append(time.process_time() - started)
    return result, statistics.median(times)
