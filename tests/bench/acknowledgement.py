"""How soon Slack hears that a command was understood, with fifty people typing at once."""

import time
from concurrent.futures import ThreadPoolExecutor

from bot.fleet import cluster_seen
from bot.playground.start import manifest
from bot.roles.local import local_netcheck
from bot.runs.requests import new_id
from bot.store.connection import connect
from tests.bench.bot import running_bot
from tests.bench.figures import Figure, percentile
from tests.playground import Playground

AT_ONCE = 50
ROUNDS = 4


def acknowledgements() -> list[Figure]:
    """Slash commands over Socket Mode: from the stand-in's frame to the bot's acknowledgement."""
    with local_netcheck("bench") as local, Playground(manifest=manifest()) as slack:
        client = connect(local.environment["NETCHECK_REDIS_URL"])
        cluster_seen(client, "bench")
        with running_bot(local, slack, NETCHECK_QUEUE_LIMIT=str(AT_ONCE * ROUNDS * 2)):
            slack.command("on-call", "incidents", "/netcheck diagnose")
            times = [seconds for _ in range(ROUNDS) for seconds in _round(slack)]
    p50, p99 = 1000 * percentile(times, 0.5), 1000 * percentile(times, 0.99)
    return [
        Figure(f"acknowledgement, {AT_ONCE} commands at once, p50", f"{p50:.0f} ms"),
        Figure(
            f"acknowledgement, {AT_ONCE} commands at once, p99",
            f"{p99:.0f} ms",
            "< 100 ms",
            p99 < 100,
            "stand-in, fifty typists, bot and Redis share two cores",
        ),
    ]


def _round(slack: Playground) -> list[float]:
    def one(_: int) -> float:
        started = time.monotonic()
        slack.command("on-call", "incidents", f"/netcheck diagnose {new_id()}")
        return time.monotonic() - started

    with ThreadPoolExecutor(AT_ONCE) as typists:
        return list(typists.map(one, range(AT_ONCE)))
