"""From enqueueing a job to its first line on an agent, and the time to take over from the killed."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.store.embedded import embedded_redis
from checks.observation import Network

from bot import store
from bot.queue import GROUP, Consumer, Lane, Lease, Work
from tests.bench.figures import Figure, percentile

STREAM = store.Keys("bench").jobs(Network.HOST, "w1")
JOBS = 200
PEER_LIMIT_S = 60
FORK = multiprocessing.get_context("fork")
PEERS = Path(__file__).parent / "peers"


class Stamping:
    """Notes when a job's first line runs, in the child."""

    def __init__(self, url: str) -> None:
        self._url = url

    def prepare(self, lease: Lease) -> Work:
        """Every entry is work."""
        return Work("run", lambda: self._act(lease), 60.0)

    def gave_up(self, lease: Lease, why: str, reason: str) -> None:
        """Nothing is given up here."""

    def _act(self, lease: Lease) -> None:
        started = time.time()
        client: Any = store.connect(self._url)
        client.rpush("started", started)
        if lease.fields[b"do"] == b"hang" and lease.deliveries == 1:
            time.sleep(60)
        client.xack(lease.stream, GROUP, lease.entry)
        client.xdel(lease.stream, lease.entry)


def _consume(url: str, name: str) -> None:
    lane = Lane(STREAM, 4, Stamping(url), shared=True)

    def here(client: Any) -> None:
        client.set(f"here:{name}", 1)

    Consumer(lambda: store.connect(url), [lane], name=name, run_state=lambda *_: "", on_tick=here).run()


def _started(client: Any, timeout_s: float) -> float:
    reply = client.blpop("started", timeout=timeout_s)
    if reply is None:
        raise TimeoutError("no job started")
    return float(reply[1])


def start_times() -> list[Figure]:
    """Enqueue to start, one job at a time on an idle agent."""
    with embedded_redis() as url:
        client: Any = store.connect(url)
        consumer = FORK.Process(target=_consume, args=(url, "one"))
        consumer.start()
        delays = []
        for _ in range(JOBS):
            enqueued = time.time()
            client.xadd(STREAM, {"do": "ok"})
            delays.append(1000 * (_started(client, 4) - enqueued))
            while client.xlen(STREAM):
                time.sleep(0.001)
        consumer.kill()
        consumer.join()
    p50, p99 = percentile(delays, 0.5), percentile(delays, 0.99)
    return [
        Figure("enqueue to start on an agent, p50", f"{p50:.1f} ms", "< 10 ms", p50 < 10),
        Figure("enqueue to start on an agent, p99", f"{p99:.1f} ms", "< 50 ms", p99 < 50),
    ]


def recovery() -> list[Figure]:
    """SIGKILL a consumer in the middle of a job: how long until the job runs again, beside rq and arq."""
    with embedded_redis() as url:
        client: Any = store.connect(url)
        consumers = [FORK.Process(target=_consume, args=(url, name)) for name in ("one", "two")]
        consumers[0].start()
        client.xadd(STREAM, {"do": "hang"})
        _started(client, 4)
        consumers[1].start()
        while not client.exists("here:two"):
            time.sleep(0.01)
        killed = time.time()
        consumers[0].kill()
        own = _started(client, 4.9) - killed
        consumers[1].kill()
    rows = [Figure("a job of a killed worker runs again after", f"{own:.1f} s", "<= 5 s", own <= 5)]
    return [*rows, _peer("rq", ["rq"], own), _peer("arq", ["arq"], own)]


def _peer(name: str, packages: list[str], own: float) -> Figure:
    """The same with another queue, on the same machine, in an environment of its own."""
    with embedded_redis() as url:
        seen = _kill_and_wait(url, lambda: _start_peer(name, packages, url))
    words = f"{seen:.1f} s ({seen / own:.1f} times as long)" if seen else f"not within {PEER_LIMIT_S} s"
    return Figure(f"the same with {name}", words, remark="its default settings, second worker waiting")


def _start_peer(name: str, packages: list[str], url: str) -> "subprocess.Popen[bytes]":
    uv = os.environ.get("UV", "uv")
    command = [uv, "run", "--isolated", "--no-project", *(f"--with={package}" for package in packages)]
    environment = {**os.environ, "BENCH_REDIS": url}
    script = str(PEERS / f"{name}_worker.py")
    return subprocess.Popen(
        [*command, script],
        env=environment,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _kill_and_wait(url: str, start: Callable[[], "subprocess.Popen[bytes]"]) -> float | None:
    client: Any = store.connect(url)
    first = start()
    _pop(client, "ready", 120)
    client.rpush("go", "1")
    _pop(client, "started", 30)
    second = start()
    _pop(client, "ready", 60)
    killed = time.time()
    os.killpg(first.pid, signal.SIGKILL)
    again = _pop(client, "started", PEER_LIMIT_S)
    os.killpg(second.pid, signal.SIGKILL)
    for process in (first, second):
        process.wait()
    return float(again) - killed if again else None


def _pop(client: Any, key: str, timeout_s: float) -> bytes | None:
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        value: bytes | None = client.lpop(key)
        if value is not None:
            return value
        time.sleep(0.02)
    return None


if __name__ == "__main__":
    print(*start_times(), *recovery(), sep="\n", file=sys.stdout)
