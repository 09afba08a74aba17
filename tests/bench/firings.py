"""How soon the digests of one minute are claimed, with a thousand definitions and three replicas."""

import threading
import time

from bot.access.requester import Requester
from bot.digests.definitions import MOST
from bot.digests.digests import Digests
from bot.digests.model import Definition
from bot.digests.schedule import Schedule
from bot.digests.scheduler import Scheduler
from bot.messages.where import Where
from bot.roles.local import local_netcheck
from bot.runs.runs import Runs
from bot.store.connection import connect, server_time
from tests.bench.figures import Figure

DUE, REPLICAS = 100, 3


def claimed_firings() -> list[Figure]:
    """From the first look of the replicas until every digest that is due is made, each once."""
    with local_netcheck("bench") as local:
        url = local.environment["NETCHECK_REDIS_URL"]
        digests = Digests(Runs(connect(url), "bench"))
        now = server_time(digests._client)
        minute = int(now // 60) % 60
        for number in range(MOST):
            due = minute if number < DUE else (minute + 30) % 60
            digests.definitions.add(_definition(number, due, now))
        schedulers = [Scheduler(Runs(connect(url), "bench")) for _ in range(REPLICAS)]
        started = time.monotonic()
        threads = [threading.Thread(target=scheduler.refresh) for scheduler in schedulers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - started
        made = digests.latest(2 * DUE)
        for scheduler in schedulers:
            scheduler.stop()
    if len(made) != DUE:
        raise SystemExit(f"{len(made)} digests of {DUE}: no figures from a wrong count")
    what = f"{DUE} of {MOST} digests due at once, claimed by {REPLICAS} replicas"
    return [Figure(what, f"{took:.1f} s", "<= 5 s", took <= 5, "the definitions are loaded in that time too")]


def _definition(number: int, minute: int, now: float) -> Definition:
    return Definition(
        id=f"d{number:09d}",
        cluster="bench",
        where=Where("C0INCIDENTS"),
        schedule=Schedule(f"{minute} * * * *"),
        owner=Requester("ada"),
        created_at=now - 120,
    )
