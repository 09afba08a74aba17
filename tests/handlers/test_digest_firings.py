"""Three replicas that die all the time and a Redis that is restarted make each digest once, and post it once."""

import contextlib
import copy
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from slack_sdk import WebClient

from bot.access.requester import Requester
from bot.digests.digests import Digests
from bot.digests.model import Definition, State
from bot.digests.schedule import Schedule
from bot.fleet import cluster_seen
from bot.messages.where import Where
from bot.runs.runs import Runs
from bot.store.connection import connect, server_time
from tests.conftest import RedisServer
from tests.handlers.conftest import GENEROUS, KEY, MANIFEST
from tests.handlers.reports import TCP_PASSES, report, verdict
from tests.playground import Playground

HEALTHY = report(TCP_PASSES, diagnosis=verdict("healthy"))
REPLICAS, CHANNELS = 3, 8
FIRINGS = {"short": 24, "long": 200}
DEATHS_S = {"short": 8.0, "long": 60.0}
END_S = 90.0
SEED = 20261129
_PAUSE_S = 0.1
_BRISK = """
import sys
from bot.messages import pace
pace.POST_EVERY_S = 0.2
from bot.__main__ import main
sys.argv = ["netcheck", "bot"]
main()
"""
"""A bot that posts as often as the stand-in takes posts, so that 200 firings take a minute."""


@pytest.fixture
def slack() -> Iterator[Playground]:
    """With channels of its own, or all would wait for their turn in one."""
    manifest = copy.deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"] += ["channels:manage"]
    with Playground(manifest=manifest, settings=GENEROUS) as playground:
        yield playground


class Replicas:
    """Bots, each a process that is started again when it was killed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._bots = [self._start() for _ in range(REPLICAS)]
        self.deaths = 0

    def kill(self, which: int) -> None:
        """SIGKILL, and another one."""
        self._bots[which].kill()
        self._bots[which].wait()
        self._bots[which] = self._start()
        self.deaths += 1

    def end(self) -> None:
        """End them all."""
        for bot in self._bots:
            bot.kill()
            bot.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", _BRISK]
        return subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def replicas(slack: Playground, redis_server: RedisServer) -> Iterator[Replicas]:
    """Three of them."""
    environment = {
        **os.environ,
        "NETCHECK_REDIS_URL": redis_server.url,
        "NETCHECK_JOB_KEY": KEY,
        "NETCHECK_SLACK_API": slack.base_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
    }
    made = Replicas(environment)
    yield made
    made.end()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("form", ["short", pytest.param("long", marks=pytest.mark.campaign)])
def test_each_firing_is_posted_once(
    form: str, slack: Playground, redis_server: RedisServer, replicas: Replicas, capsys: pytest.CaptureFixture[str]
) -> None:
    """None lost and none twice, whoever dies while it is claimed, run, composed or posted."""
    client = connect(redis_server.url)
    digests = Digests(Runs(client, "prod"))
    cluster_seen(client, "prod")
    made = _definitions(digests, slack, FIRINGS[form])
    chosen = random.Random(SEED)
    restarts = _deaths(digests, replicas, redis_server, chosen, DEATHS_S[form])
    end = time.monotonic() + END_S
    while _posted(digests) < len(made):
        assert time.monotonic() < end, f"{_posted(digests)} of {len(made)} after {replicas.deaths} deaths"
        _answer(digests)
        time.sleep(_PAUSE_S)
    slack.wait_for(lambda: sum(_shown(slack).values()) >= len(made), timeout_s=END_S)

    with capsys.disabled():
        print(f"\n{len(made)} firings, {replicas.deaths} deaths of replicas, {restarts} restarts of Redis", end="")
    assert Counter(made) == Counter(digest.definition for digest in digests.latest(len(made) + 20))
    assert Counter(made) == _shown(slack)


def _definitions(digests: Digests, slack: Playground, count: int) -> list[str]:
    """Each was due a moment ago, and once in the hour."""
    web = WebClient(slack.bot_token, slack.base_url)
    channels = [web.conversations_create(name=f"health-{n}")["channel"]["id"] for n in range(CHANNELS)]
    now = server_time(digests._client)
    for number in range(count):
        made = Definition(
            id=f"d{number:09d}",
            cluster="prod",
            where=Where(channels[number % CHANNELS]),
            schedule=Schedule(f"{int(now // 60) % 60} * * * *"),
            owner=Requester("ada", "U0ONCALL", "T0PLAYGROUND"),
            created_at=now - 120,
            watch_s=0,
        )
        digests.definitions.add(made)
    return list(digests.definitions.all())


def _deaths(digests: Digests, replicas: Replicas, server: RedisServer, chosen: random.Random, seconds: float) -> int:
    """Kill replicas one after the other, and Redis now and then; how often that was restarted."""
    end, restarts = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for _ in range(chosen.randrange(8, 20)):
            _answer(digests)
            time.sleep(_PAUSE_S)
        if chosen.random() < 0.2:
            server.restart()
            restarts += 1
        replicas.kill(chosen.randrange(REPLICAS))
    server.restart()
    return restarts + 1


def _answer(digests: Digests) -> None:
    """What the cluster says, where Redis is there to hear it."""
    with contextlib.suppress(redis.RedisError):
        cluster_seen(digests._client, "prod")
        for run in digests._runs.recent(250):
            if run.open:
                digests._runs.update(run.id, state="done", report=HEALTHY)


def _posted(digests: Digests) -> int:
    try:
        return sum(digest.state is State.POSTED for digest in digests.latest(250))
    except redis.RedisError:
        return 0


def _shown(slack: Playground) -> Counter[str]:
    """How many messages there are of each definition."""
    found: Counter[str] = Counter()
    for number in range(CHANNELS):
        for message in slack.messages(f"health-{number}"):
            payload: dict[str, Any] = (message.get("metadata") or {}).get("event_payload", {})
            found[str(payload.get("id", "")).partition("-")[0]] += 1
    return found
