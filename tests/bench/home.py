"""How soon the App Home is published after it was opened, with much in Redis."""

import os
import subprocess
import sys
import time

import msgspec

from bot.incidents.model import Incident
from bot.playground.start import manifest
from bot.roles.local import local_netcheck
from bot.runbooks.machine import State
from bot.store.connection import connect
from checks.finding import Seen
from checks.place import Pair
from checks.report import PLACES_KEPT, Report
from tests.bench.figures import Figure, percentile
from tests.handlers.incidents import at, of_many_nodes, plan
from tests.handlers.plenty import Plenty
from tests.handlers.reports import REPORT, TCP_FAILS
from tests.playground import Playground

CLUSTERS, INCIDENTS, DIGESTS, RUNS = 20, 200, 100, 1000
NODES = 20
TIMES = 90
"""Fewer than the calls of `views.publish` that Slack promises for a minute."""
FINDINGS = 40
"""Of one report, each with as many places as are kept: as large as the report of a large cluster gets."""
APART_S = 0.05
LOOK_S = 0.001
GIVEN_UP_S = 20.0


def opened_homes() -> list[Figure]:
    """From the event until Slack has the view, over Socket Mode."""
    with local_netcheck("bench") as local, Playground(manifest=manifest()) as slack:
        plenty = Plenty(connect(local.environment["NETCHECK_REDIS_URL"]), CLUSTERS)
        plenty.clusters()
        plenty.runs(RUNS, _large())
        plenty.incidents(INCIDENTS, _incidents())
        plenty.digests(DIGESTS)
        environment = {
            **os.environ,
            **local.environment,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "NETCHECK_SLACK_API": slack.base_url,
        }
        bot = subprocess.Popen([sys.executable, "-m", "bot", "bot"], env=environment, stderr=subprocess.DEVNULL)
        try:
            slack.wait_for(lambda: slack.connections == 1, timeout_s=20)
            _opened(slack)
            times = [_opened(slack) for _ in range(TIMES)]
            blocks = len((slack.home("on-call") or {})["blocks"])
        finally:
            bot.kill()
            bot.wait()
    p50, p99 = 1000 * percentile(times, 0.5), 1000 * percentile(times, 0.99)
    much = f"{CLUSTERS} clusters, {INCIDENTS} incidents, {DIGESTS} digests, {RUNS} runs of {FINDINGS} findings"
    return [
        Figure("App Home, from opened to published, p50", f"{p50:.0f} ms", remark=f"{blocks} blocks"),
        Figure("App Home, from opened to published, p99", f"{p99:.0f} ms", "< 200 ms", p99 < 200, much),
    ]


def _large() -> Report:
    places = (Seen(Pair(f"node-{n}", f"node-{n + 1}"), "fail", {"loss": 1.0}) for n in range(PLACES_KEPT))
    finding = msgspec.structs.replace(TCP_FAILS, seen=tuple(places))
    return msgspec.structs.replace(REPORT, findings=(finding,) * FINDINGS)


def _incidents() -> list[Incident]:
    """One of eight, which is one on a page, replaces the adapters of twenty nodes."""
    return [at(State.OFFERED, of_many_nodes(NODES)), *(at(State.OFFERED, plan("offload-off")),) * 7]


def _opened(slack: Playground) -> float:
    before = (slack.home("on-call") or {}).get("hash")
    time.sleep(APART_S)
    started = time.monotonic()
    slack.open_home("on-call")
    while (slack.home("on-call") or {}).get("hash") == before:
        if time.monotonic() > started + GIVEN_UP_S:
            raise SystemExit(f"no home was published: {slack.refusals}")
        time.sleep(LOOK_S)
    return time.monotonic() - started
