"""How a cluster's signals went in the last days, for a digest: in a line each, and DNS as a picture."""

from collections.abc import Sequence

from bot.digests.model import Trend
from bot.history.history import History
from bot.history.points import DAY_S, Point, Series, merged, resampled, sparkline
from bot.history.signals import SIGNALS
from bot.pictures.courses import drawn, drawn_of
from bot.pictures.model import Lines
from checks.coverage.judge import AGENTS
from checks.place import Cluster, Node
from checks.text import Quantity, say

DAYS = 7
WIDTH = 14
"""Two blocks a day: with its name it fits on a phone."""
DRAWN = 56
"""Points of a line in a picture at most: it travels with the digest."""
MOST = 8
"""Trends of one digest; `history` has all."""
_SIGNALS = (
    "dns.replica-loss:loss",
    "dns.replica-loss:p50",
    "paths.cross-tcp:loss",
    "paths.host-tcp:loss",
    "ipv6.reach:loss",
    "webhook.dry-run:time",
    "metallb.pools:free",
)
"""In the order in which they are shown: what people ask after first."""
_LOOKED = f"{AGENTS.name}:silent"
"""Every run that asks agents measures it."""


def trends(history: History, now: float) -> tuple[Trend, ...]:
    """The signals of the whole cluster, its replicas, pools and Services; may raise `redis.RedisError`."""
    wanted = [
        (name, place)
        for name in _SIGNALS
        for place in sorted(history.places(name), key=str)
        if isinstance(place, Cluster) or not isinstance(place, Node)
    ]
    begin = now - DAYS * DAY_S
    found = [_trend(series, begin, now) for series in history.series(wanted[: 2 * MOST], begin, now) if series.points]
    return tuple(found[:MOST])


def _trend(series: Series, begin: float, now: float) -> Trend:
    signal = SIGNALS[series.signal]
    stretches = resampled(series.points, begin, now, WIDTH, signal.worst)
    every = merged(series.points, signal.worst)
    return Trend(
        what=say("{meaning} at {place}", meaning=signal.meaning, place=series.place),
        line=sparkline([each.worst if each else None for each in stretches]),
        last=Quantity(series.points[-1].mean, signal.unit),
        worst=Quantity(every.worst, signal.unit),
    )


def course_of_dns(history: History, since: float, now: float) -> Lines | None:
    """The times of CoreDNS's replicas, and what they lost, between two moments; may raise `redis.RedisError`."""
    wanted = [(name, place) for name in drawn_of("dns") for place in history.places(name)[: 2 * MOST]]
    found = history.series(wanted, since, now)
    many = any(len(series.points) > DRAWN for series in found)
    return drawn("dns", [_coarser(series, since, now) for series in found] if many else found, now)


def looks(history: History, since: float, now: float) -> Sequence[Point]:
    """When somebody looked between two moments; may raise `redis.RedisError`."""
    (series,) = history.series([(_LOOKED, Cluster())], since, now)
    return series.points


def _coarser(series: Series, since: float, now: float) -> Series:
    stretches = resampled(series.points, since, now, DRAWN, SIGNALS[series.signal].worst)
    width_s = (now - since) / DRAWN
    points = (
        Point(since + number * width_s, width_s, found.mean, found.worst, found.count)
        for number, found in enumerate(stretches)
        if found is not None
    )
    return Series(series.signal, series.place, tuple(points))
