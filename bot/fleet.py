"""Who is there: the clusters, their nodes, and the workers and agents that were heard of."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.decoding import decoded
from bot.errors import Unreadable
from bot.store.connection import server_time
from bot.store.keys import CLUSTER_NAME, CLUSTERS, DIGESTED, Keys
from bot.store.scripts import Script
from checks.observation import Network

MEMBER_SEEN_S = 5.0
"""A worker or an agent that was not heard of for so long is gone; they tell about once a second."""
LISTED_S = 60.0
"""So long a member that is gone is still listed, with its age."""
FORGOTTEN_S = 86400
"""After so long without a sign a cluster, a worker or an agent is forgotten."""
_SEEN = Script("note_seen")

log = logging.getLogger(__name__)


class Member(msgspec.Struct, frozen=True):
    """A worker or an agent that was seen lately."""

    role: str
    """`worker`, `agent-host` or `agent-pod`."""
    name: str
    """The worker's name or the agent's node."""
    age_s: float

    @property
    def here(self) -> bool:
        """Whether it was heard of a moment ago."""
        return self.age_s < MEMBER_SEEN_S


class Fleet:
    """The members and nodes of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, cluster: str) -> None:
        self._client = client
        self._keys = Keys(cluster)

    def seen(self, role: str, name: str) -> None:
        """A worker or an agent is alive."""
        _note(self._client, self._keys.members, f"{role}/{name}")

    def members(self) -> tuple[Member, ...]:
        """Workers and agents that were seen within the last minute."""
        now = server_time(self._client)
        return _members(self._client.zrangebyscore(self._keys.members, now - LISTED_S, "+inf", withscores=True), now)

    def nodes(self) -> tuple[str, ...]:
        """The names of the cluster's nodes, as far as they are known."""
        return tuple(sorted({*self._stored(), *(m.name for m in self.members() if m.role.startswith("agent-"))}))

    def note_nodes(self, names: list[str]) -> None:
        """Keep the names of all nodes, for whoever checks what is typed; what waits for those that left is deleted."""
        left = [node for node in self._stored() if node not in names]
        self._client.set(self._keys.nodes, msgspec.json.encode(names))
        if left:
            streams = [self._keys.jobs(network, node) for node in left for network in (Network.HOST, Network.POD)]
            members = [f"agent-{network}/{node}" for node in left for network in (Network.HOST, Network.POD)]
            self._client.delete(*streams)
            self._client.zrem(self._keys.members, *members)

    def note_api_servers(self, servers: Sequence[tuple[str, int]]) -> None:
        """Keep the API servers' own addresses, for a worker that starts when their Service's has failed."""
        self._client.set(self._keys.api_servers, msgspec.json.encode(servers))

    def api_servers(self) -> tuple[tuple[str, int], ...]:
        """The API servers' own addresses and ports, as far as they are known."""
        stored = self._client.get(self._keys.api_servers)
        try:
            return msgspec.json.decode(stored, type=tuple[tuple[str, int], ...]) if stored else ()
        except msgspec.DecodeError:
            return ()

    def _stored(self) -> list[str]:
        return _nodes(self._client.get(self._keys.nodes))


@dataclass(frozen=True, slots=True)
class Present:
    """Who is there in one cluster."""

    nodes: tuple[str, ...]
    members: tuple[Member, ...]


def present(client: Any, names: Sequence[str], now: float) -> dict[str, Present]:
    """Who is there in each of these clusters, asked for at once. May raise `redis.RedisError`."""
    with client.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.zrangebyscore(Keys(name).members, now - LISTED_S, "+inf", withscores=True)
            pipeline.get(Keys(name).nodes)
        answers = iter(pipeline.execute())
    found = {}
    for name, rows, stored in zip(names, answers, answers, strict=True):
        members = _members(rows, now)
        agents = {member.name for member in members if member.role.startswith("agent-")}
        found[name] = Present(tuple(sorted({*_nodes(stored), *agents})), members)
    return found


def _members(rows: Iterable[tuple[bytes, float]], now: float) -> tuple[Member, ...]:
    pairs = ((member.decode(errors="replace").partition("/"), score) for member, score in rows)
    return tuple(Member(role, name, max(0.0, now - score)) for (role, _, name), score in pairs)


def _nodes(stored: bytes | None) -> list[str]:
    try:
        return decoded(stored, list[str]) if stored else []
    except Unreadable as error:
        log.warning("the list of nodes cannot be read: %s", error)
        return []


def cluster_seen(client: Any, cluster: str) -> None:
    """A worker of that cluster is alive."""
    _note(client, CLUSTERS, cluster)


def clusters(client: Any) -> tuple[str, ...]:
    """The names of all clusters that a worker was seen of within a day, or that digests are made of.

    A digest of a cluster that has vanished says so until somebody removes it: silence never means healthy.
    """
    now = server_time(client)
    with client.pipeline(transaction=False) as pipeline:
        pipeline.zrangebyscore(CLUSTERS, now - FORGOTTEN_S, "+inf")
        pipeline.smembers(DIGESTED)
        seen, digested = pipeline.execute()
    names = {name.decode(errors="replace") for name in (*seen, *digested)}
    return tuple(sorted(name for name in names if CLUSTER_NAME.fullmatch(name)))


def _note(client: Any, seen: str, member: str) -> None:
    _SEEN(client, seen=seen, member=member, forgotten_s=FORGOTTEN_S)
