"""The history of one cluster in Redis: bounded in places by a number, in time by expiry, and in bytes by both.

Nothing here is needed for a diagnosis: whoever writes or reads it goes on without where that fails.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from bot.history.episodes import Episode, Fix, Fixes, Sight, Subject, Told
from bot.history.points import DAY_S, HOURS, QUARTERS, Series, part_since, read_points
from bot.history.signals import SIGNALS, Sample
from bot.store.keys import Keys
from bot.store.scripts import Script
from checks.place import Place

MOST_PLACES = 1500
"""Places of one signal: the thousand nodes of a large cluster, or the pods of CoreDNS over a month of restarts."""
MOST_SUBJECTS = 2000
"""Things that were not well at some time: some thousand nodes, each with a fault and what shows it."""
EPISODES_KEPT = 8
"""Of one subject: whoever sees eight knows that it comes and goes."""
MOST_FIXES = 200
FIXES_S = 90 * DAY_S
"""As long as the incident that it was in."""
AT_ONCE = 250
"""Series in one script: Redis does nothing else meanwhile, and people wait for it."""
WRITTEN_S = 3600
"""So long it is known that a run was written; it is done again within minutes or not at all."""
_WRITE = Script("write_series")
_NOTE = Script("note_sights")

log = logging.getLogger(__name__)


class History:
    """What is kept of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, cluster: str) -> None:
        self._client = client
        self._keys = Keys(cluster)

    def measured(self, run: str, at: float, samples: Sequence[Sample], days: int) -> None:
        """Add what a run measured to its series; the same run adds it once.

        Args:
            run: Its id.
            at: When it was asked for: the same for every attempt at it. Unix time in seconds.
            samples: Its numbers.
            days: For how many days a series is kept.
        """
        by_signal = groupby(sorted(samples, key=lambda s: s.signal), key=lambda s: s.signal)
        for signal, group in by_signal:
            found = list(group)
            for first in range(0, len(found), AT_ONCE):
                self._add(f"{run} {signal} {first}", signal, at, found[first : first + AT_ONCE], days)

    def _add(self, part: str, signal: str, at: float, samples: Sequence[Sample], days: int) -> None:
        named = [(_encoded(sample.place), sample.value) for sample in samples]
        forgotten = _WRITE(
            self._client,
            written=self._keys.written,
            places=self._keys.places(signal),
            series=[self._keys.series(signal, place) for place, _ in named],
            run=part,
            at=at,
            ttl=days * DAY_S,
            written_s=WRITTEN_S,
            most=MOST_PLACES,
            lower=int(SIGNALS[signal].worst is min),
            quarter=QUARTERS.width_s,
            quarters=QUARTERS.slots,
            hour=HOURS.width_s,
            hours=HOURS.slots,
            day=DAY_S,
            days=days,
            values=[value for pair in named for value in pair],
        )
        if forgotten:
            self._client.delete(*(self._keys.series(signal, place.decode()) for place in forgotten))

    def places(self, signal: str) -> tuple[Place, ...]:
        """The places at which a signal was measured, the latest first."""
        members = self._client.zrevrange(self._keys.places(signal), 0, -1)
        return tuple(place for member in members for place in _decoded(member, Place))

    def series(self, wanted: Sequence[tuple[str, Place]], since: float, now: float) -> tuple[Series, ...]:
        """Signals at places from a moment to now, both Unix times in seconds.

        Args:
            wanted: Names of `SIGNALS` and places, each as `places` gives it.
            since: From when on; it decides how fine the points are.
            now: Until when.

        Returns:
            One series for each, in the same order; without points where nothing was measured.
        """
        part = part_since(since, now)
        with self._client.pipeline(transaction=False) as pipe:
            for signal, place in wanted:
                pipe.getrange(self._keys.series(signal, _encoded(place)), part.first, part.last)
            stored = pipe.execute()
        return tuple(
            Series(signal, place, read_points(found, part.width_s, since, now))
            for (signal, place), found in zip(wanted, stored, strict=True)
        )

    def noted(self, at: float, sights: Sequence[Sight], days: int) -> None:
        """Keep what a run saw of what is not well, or well again; the same twice changes nothing."""
        if not sights:
            return
        words = ((_encoded(s.subject), "bad" if s.bad else "well", s.fixed_by) for s in sights)
        _NOTE(
            self._client,
            episodes=self._keys.episodes,
            subjects=self._keys.subjects,
            at=at,
            ttl=days * DAY_S,
            kept=EPISODES_KEPT,
            most=MOST_SUBJECTS,
            sights=[word for sight in words for word in sight],
        )

    def told(self) -> Mapping[Subject, Told]:
        """Everything that was not well within the time that is kept."""
        return {each.subject: each for each in self._told()}

    def _told(self) -> Iterator[Told]:
        for key, value in self._client.hgetall(self._keys.episodes).items():
            for subject in _decoded(key, Subject):
                try:
                    times, *flat = msgspec.msgpack.decode(value, type=list[int | float | str])
                    rows = [flat[first : first + 4] for first in range(0, len(flat), 4)]
                    episodes = tuple(msgspec.convert(row, Episode, strict=False) for row in rows)
                except (msgspec.MsgspecError, ValueError) as error:
                    log.warning("an episode cannot be read: %s", error)
                    continue
                if episodes and isinstance(times, int):
                    yield Told(subject, times, episodes)

    def note_fixed(self, fix: Fix, at: float) -> None:
        """A runbook was finished against a cause; noted twice it was finished when it was first noted."""
        with self._client.pipeline() as pipe:
            pipe.zadd(self._keys.fixes, {msgspec.json.encode(fix): at}, nx=True)
            pipe.zremrangebyrank(self._keys.fixes, 0, -MOST_FIXES - 1)
            pipe.expire(self._keys.fixes, FIXES_S)
            pipe.execute()

    def fixes(self) -> Fixes:
        """The runbooks that were finished, the earliest first, with the times."""
        rows = self._client.zrange(self._keys.fixes, 0, -1, withscores=True)
        return [(fix, float(at)) for member, at in rows for fix in _decoded(member, Fix)]


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _decoded(stored: bytes, kind: Any) -> Iterator[Any]:
    """What was stored; nothing where another version stored something else."""
    try:
        yield msgspec.json.decode(stored, type=kind)
    except (msgspec.MsgspecError, ValueError) as error:
        log.warning("history cannot be read: %s", error)
