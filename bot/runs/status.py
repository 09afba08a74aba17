"""How netcheck itself is, for one cluster."""

from typing import Any

import msgspec

from bot.fleet import Member
from bot.queue.dead_letters import DeadLetter, dead_letters, entry_time
from bot.runs.model import Run
from bot.runs.runs import Runs
from bot.store.connection import server_time
from checks.observation import Network

_LETTERS = 5


class Backlog(msgspec.Struct, frozen=True):
    """What waits on one stream."""

    stream: str
    entries: int
    oldest_s: float


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Who is there, what waits, what was given up, and what was asked for lately."""

    cluster: str
    members: tuple[Member, ...]
    nodes: tuple[str, ...]
    backlog: tuple[Backlog, ...]
    dead: tuple[DeadLetter, ...]
    recent: tuple[Run, ...]


def status_of(runs: Runs) -> Status:
    """The status of the cluster whose runs these are. May raise `redis.RedisError`."""
    now, keys, nodes = server_time(runs.client), runs.keys, runs.fleet.nodes()
    streams = [keys.runs, keys.jobs(Network.CLUSTER)]
    streams += [keys.jobs(network, node) for node in nodes for network in (Network.HOST, Network.POD)]
    backlog = (_backlog(runs.client, stream, now) for stream in streams)
    return Status(
        cluster=runs.cluster,
        members=runs.fleet.members(),
        nodes=nodes,
        backlog=tuple(waiting for waiting in backlog if waiting.entries),
        dead=dead_letters(runs.client, keys, _LETTERS),
        recent=runs.recent(),
    )


def _backlog(client: Any, stream: str, now: float) -> Backlog:
    first = client.xrange(stream, count=1)
    return Backlog(stream, client.xlen(stream), now - entry_time(first[0][0]) if first else 0.0)
