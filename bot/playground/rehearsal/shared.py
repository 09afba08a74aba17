"""The one world that worker, agents, operator and page share: a record in the playground's private Redis."""

from collections.abc import Callable
from typing import Any

import redis

from bot.errors import Unavailable
from bot.playground.rehearsal.world import Change, World
from bot.store.keys import Keys
from bot.store.records import Kind, Record, Records

WORLD = Kind("recorded-world", World, 1)
_ID = "world"
_KEPT_S = 30 * 86400
_TRIES = 50


class Shared:
    """The world as it is stored. Every method may raise `redis.RedisError`."""

    def __init__(self, connect: Callable[[], "redis.Redis"], cluster: str) -> None:
        self._connect = connect
        self._keys = Keys(cluster)

    def world(self) -> World:
        """As it is now."""
        return self._with(_read)

    def change(self, change: Change) -> World:
        """Store the next one; it is made anew of what somebody else has stored meanwhile.

        Raises:
            Unavailable: others change it all the time.
        """
        return self._with(lambda records: _changed(records, change))

    def _with(self, do: Callable[[Records[World]], World]) -> World:
        # A connection for each: those who ask are forked children, and the threads of a web server.
        client: Any = self._connect()
        try:
            return do(Records(client, self._keys, WORLD, ttl_s=_KEPT_S))
        finally:
            client.close()


def _read(records: Records[World]) -> World:
    found = records.read(_ID)
    return found.content if isinstance(found, Record) else World()


def _changed(records: Records[World], change: Change) -> World:
    for _ in range(_TRIES):
        found = records.read(_ID)
        if isinstance(found, Record):
            made = change(found.content)
            if records.replace(found, made):
                return made
        else:
            records.create(_ID, World())
    raise Unavailable("What was done to the recorded nodes could not be stored.", hint="Try again.")
