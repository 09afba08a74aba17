"""How a cluster's signals went in the last days, for a digest."""

from bot.digests.model import Trend
from bot.history.history import History
from bot.history.points import Series, merged, resampled, sparkline
from bot.history.signals import SIGNALS
from checks.place import Cluster, Node
from checks.text import Quantity, say

DAYS = 7
WIDTH = 14
"""Two blocks a day: with its name it fits on a phone."""
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


def trends(history: History, now: float) -> tuple[Trend, ...]:
    """The signals of the whole cluster, its replicas, pools and Services; may raise `redis.RedisError`."""
    wanted = [
        (name, place)
        for name in _SIGNALS
        for place in sorted(history.places(name), key=str)
        if isinstance(place, Cluster) or not isinstance(place, Node)
    ]
    begin = now - DAYS * 86400
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
