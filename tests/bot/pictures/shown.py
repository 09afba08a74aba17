"""What the tests' pictures show: the recorded incident, and a cluster of a hundred nodes."""

from collections.abc import Collection
from functools import cache
from importlib import resources

import msgspec

from bot.access.requester import Requester
from bot.incidents.incidents import noted
from bot.incidents.model import CLOSED, Incident, Sort
from bot.pictures.model import Point, Series
from bot.playground.demo import INCIDENT
from bot.runs.bundle import read
from bot.runs.model import Plan
from bot.runs.provisional import report_of
from bot.runs.requests import run_request
from checks.finding import UNSEEN, Finding, Seen
from checks.paths.rows import CROSS_TCP
from checks.place import Pair
from checks.registry import DIAGNOSED
from checks.report import Report
from checks.text import say
from tests.handlers.incidents import opened

HOUR_S = 3600.0
BEGAN = 1764400000.0
"""29 November 2025, 07:06:40 UTC."""


@cache
def recorded() -> Report:
    """The report of the incident that the playground shows: w1's tunnel carries no TCP."""
    bundle = read(str(resources.files("bot").joinpath(INCIDENT)))
    checks: dict[str, dict[str, object]] = {name: {} for name in DIAGNOSED}
    request = run_request("diagnose", bundle.cluster, checks, run="r", by=Requester(), now=0.0)
    return report_of(request, Plan(snapshot=bundle.snapshot, jobs=()), bundle.observations)


def tcp(count: int, bad: Collection[int] = (), silent: Collection[int] = (), reach: int = 5) -> Finding:
    """TCP on a ring of nodes: some lose everything, of some nobody knows, others are the slower the later."""
    names = [f"prod-worker-{number:03d}.example.internal" for number in range(count)]
    seen = []
    for number, name in enumerate(names):
        for step in (*range(-reach, 0), *range(1, reach + 1)):
            peer = (number + step) % count
            pair = Pair(name, names[peer])
            if number in bad or peer in bad:
                seen.append(Seen(pair, "lost", {"sent": 1, "lost": 1}))
            elif number in silent:
                seen.append(Seen(pair, UNSEEN))
            else:
                seen.append(Seen(pair, "pass", {"sent": 1, "lost": 0, "rtt_s": round(0.0002 * (1 + number), 6)}))
    return CROSS_TCP.found(say("TCP from pods to pods of other nodes: some get no answer."), seen)


def series(name: str, value: float, *, lost_at: Collection[int] = (), missing: Collection[int] = ()) -> Series:
    """A day of hourly measurements, some of which lost all that was sent and some of which were not made."""
    hours = [hour for hour in range(24) if hour not in missing]
    points = [
        Point(BEGAN + hour * HOUR_S, None if hour in lost_at else value, 1.0 if hour in lost_at else 0.0)
        for hour in hours
    ]
    return Series(name, tuple(points))


def closed(reminders: int = 0) -> Incident:
    """An incident that took an hour: opened, reminded of, decided, acted in, closed."""
    ada = Requester(name="Ada", user="U0ADA")
    incident = opened(timeline=(), opened_at=BEGAN)
    told = [(Sort.OPENED, "Opened", ada, 0.0)]
    told += [(Sort.REMINDER, "Nobody moved", Requester(), 60.0 + number) for number in range(reminders)]
    told += [
        (Sort.APPROVAL, "Approved: Switch the offload of w1 off", ada, 600.0),
        (Sort.ACTION, "The operator begins: Switch the offload of w1 off", Requester(), 610.0),
        (Sort.CHECK, "Verified", Requester(), 1200.0),
        (Sort.CLOSED, "Closed", ada, HOUR_S),
    ]
    for sort, what, by, after_s in told:
        incident = noted(incident, BEGAN + after_s, sort, say("{words}", words=what), by=by)
    return msgspec.structs.replace(incident, state=CLOSED)
