"""Reads what one person sees at a glance: from Redis alone, in a few questions however much there is.

Which records there are is told by their indexes, which are short; only what is on the page is read.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from bot.access.policy import Policy
from bot.access.requester import Requester, same_person
from bot.access.verb import Verb
from bot.decoding import decoded
from bot.digests.model import Definition
from bot.errors import Unreadable
from bot.fleet import clusters as known_clusters
from bot.fleet import present
from bot.home.model import SIZES, ClusterSeen, Glance, Page, Pages, page
from bot.home.rights import rights
from bot.incidents.model import INCIDENT, OPEN, Incident
from bot.runs.brief import Brief, briefs
from bot.runs.model import RUN
from bot.store.connection import server_time
from bot.store.keys import Keys
from bot.store.records import read_all

INCIDENTS = 200
"""So many of a cluster's newest incidents are looked through for open ones."""
Made = tuple[float, str, str]
"""When a record was made, its cluster and its id."""

log = logging.getLogger(__name__)


def glance(client: Any, policy: Policy, by: Requester, channel: str, pages: Pages) -> Glance:
    """What somebody sees in a channel; clusters that they may not see there are left out.

    May raise `redis.RedisError`.
    """
    now = server_time(client)
    known = known_clusters(client)
    refused = {name: policy.refused(Verb.DIAGNOSE, by, channel, name) for name in known}
    seen = [name for name, why in refused.items() if why is None]
    theirs = rights(policy, by, channel, seen)
    (incident_clusters,) = (right.clusters for right in theirs if right.verb is Verb.INCIDENT)
    stored = _Stored(client, seen, incident_clusters, (pages.runs + 1) * SIZES.runs)
    mine = [each for each in stored.definitions() if same_person(each.owner, by)]
    return Glance(
        now=now,
        clusters=_clusters(client, page(seen, pages.clusters, SIZES.clusters), now),
        incidents=_incidents(client, page(stored.open_incidents(), pages.incidents, SIZES.incidents)),
        digests=page(sorted(mine, key=_waits), pages.digests, SIZES.digests),
        runs=_runs(client, page(stored.runs(), pages.runs, SIZES.runs, stored.run_count)),
        rights=theirs,
        hidden=tuple({(why.hint, *why.ask): why for why in refused.values() if why}.values()),
    )


class _Stored:
    """The indexes of several clusters, asked for at once."""

    def __init__(self, client: Any, seen: Sequence[str], incident_clusters: Sequence[str], runs: int) -> None:
        self._client = client
        self._seen, self._incident_clusters = seen, incident_clusters
        with client.pipeline(transaction=False) as pipeline:
            for keys in map(Keys, seen):
                pipeline.zrevrange(keys.index(RUN.name), 0, runs - 1, withscores=True)
                pipeline.zcard(keys.index(RUN.name))
                pipeline.hvals(keys.definitions)
            for keys in map(Keys, incident_clusters):
                pipeline.zrevrange(keys.index(INCIDENT.name), 0, INCIDENTS - 1, withscores=True)
            answers = pipeline.execute()
        split = 3 * len(seen)
        self._run_rows, self._counts, self._definitions = (answers[start:split:3] for start in range(3))
        self._incident_rows = answers[split:]

    @property
    def run_count(self) -> int:
        return sum(self._counts)

    def runs(self) -> list[Made]:
        """The newest first: as many as the page needs."""
        return _newest(zip(self._seen, self._run_rows, strict=True))

    def open_incidents(self) -> list[Made]:
        """The newest first."""
        made = _newest(zip(self._incident_clusters, self._incident_rows, strict=True))
        with self._client.pipeline(transaction=False) as pipeline:
            for _, cluster, incident in made:
                pipeline.hget(Keys(cluster).record(INCIDENT.name, incident), "state")
            states = pipeline.execute()
        return [each for each, state in zip(made, states, strict=True) if state == OPEN.encode()]

    def definitions(self) -> list[Definition]:
        """All of them."""
        found = []
        for body in (body for bodies in self._definitions for body in bodies):
            try:
                found.append(decoded(body, Definition))
            except Unreadable as error:
                log.warning("a digest cannot be read: %s", error)
        return found


def _newest(rows: Iterable[tuple[str, Sequence[tuple[bytes, float]]]]) -> list[Made]:
    made = [(at, cluster, name.decode(errors="replace")) for cluster, found in rows for name, at in found]
    return sorted(made, reverse=True)


def _wanted(made: Iterable[Made]) -> list[tuple[Keys, str]]:
    return [(Keys(cluster), record) for _, cluster, record in made]


def _incidents(client: Any, at: Page[Made]) -> Page[Incident]:
    records = read_all(client, INCIDENT, _wanted(at.items))
    return at.holding(record.content for record in records)


def _runs(client: Any, at: Page[Made]) -> Page[Brief]:
    return at.holding(briefs(client, _wanted(at.items)))


def _clusters(client: Any, at: Page[str], now: float) -> Page[ClusterSeen]:
    there = present(client, at.items, now)
    with client.pipeline(transaction=False) as pipeline:
        for name in at.items:
            pipeline.get(Keys(name).diagnosed)
        diagnosed = pipeline.execute()
    last = [(Keys(name), run.decode(errors="replace")) for name, run in zip(at.items, diagnosed, strict=True) if run]
    found = {run.request.cluster: run for run in briefs(client, last)}
    return at.holding(ClusterSeen(name, there[name], found.get(name)) for name in at.items)


def _waits(definition: Definition) -> tuple[bool, str, float]:
    """What is posted comes before what is paused."""
    return bool(definition.paused), definition.cluster, definition.created_at
