"""The definitions of one cluster's digests: made, changed by whoever saw the newest version, removed."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from bot.decoding import decoded
from bot.digests.model import Definition
from bot.errors import Unreadable, UsageError
from bot.store.keys import DIGESTED, Keys
from bot.store.scripts import Script

MOST = 1000
"""Definitions of one cluster."""
_REPLACE = Script("replace_definition")
_REMOVE = Script("remove_definition")

log = logging.getLogger(__name__)


class Definitions:
    """All of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, cluster: str) -> None:
        self._client = client
        self._cluster = cluster
        self._keys = Keys(cluster)

    def all(self) -> dict[str, Definition]:
        """By their id; what another version wrote is left out."""
        stored = self._client.hgetall(self._keys.definitions)
        found = (self._read(name, body) for name, body in sorted(stored.items()))
        return {each.id: each for each in found if each is not None}

    def fired(self) -> dict[str, float]:
        """When each fired last, by its id."""
        stored = self._client.hgetall(self._keys.fired)
        return {name.decode(errors="replace"): float(at) for name, at in stored.items()}

    def get(self, definition: str) -> Definition | None:
        """One by its id."""
        body = self._client.hget(self._keys.definitions, definition)
        return None if body is None else self._read(definition.encode(), body)

    def add(self, definition: Definition) -> bool:
        """Store a new one; False when there is one of that id, which stays as it is.

        Raises:
            UsageError: there are too many.
        """
        if self._client.hlen(self._keys.definitions) >= MOST:
            raise UsageError(f"{self._cluster} has {MOST} digests already.", hint="Remove one:", command="digest list")
        made = self._client.hsetnx(self._keys.definitions, definition.id, msgspec.json.encode(definition))
        # In this order: whoever removes the last one at the same time sees this one, or is followed by this.
        self._client.sadd(DIGESTED, self._cluster)
        return bool(made)

    def change(self, definition: str, change: Callable[[Definition], Definition]) -> Definition | None:
        """Store the next version; the change is made anew of what somebody else has stored meanwhile.

        None when it is gone.
        """
        while (body := self._client.hget(self._keys.definitions, definition)) is not None:
            seen = self._read(definition.encode(), body)
            if seen is None:
                return None
            changed = change(seen)
            if changed == seen or _REPLACE(
                self._client,
                definitions=self._keys.definitions,
                definition=definition,
                seen=body,
                body=msgspec.json.encode(changed),
            ):
                return changed
        return None

    def remove(self, definition: str) -> bool:
        """Forget one; False when it is gone already."""
        removed = _REMOVE(
            self._client,
            definitions=self._keys.definitions,
            fired=self._keys.fired,
            digested=DIGESTED,
            definition=definition,
            cluster=self._cluster,
        )
        return bool(removed)

    def find(self, prefix: str) -> Definition:
        """The one whose id begins so; the only one when nothing is said.

        Raises:
            UsageError: none or several do.
        """
        known = self.all()
        matches = [each for name, each in known.items() if name.startswith(prefix)]
        if len(matches) == 1:
            return matches[0]
        what = f"No digest of {self._cluster} begins with {prefix!r}" if prefix else f"{self._cluster} has no digest"
        if matches:
            what = f"{self._cluster} has several digests" + (f" that begin with {prefix!r}" if prefix else "")
        raise UsageError(f"{what}.", hint="They are listed:", command=f"digest list in {self._cluster}")

    def _read(self, name: bytes, body: bytes) -> Definition | None:
        try:
            return decoded(body, Definition)
        except Unreadable as error:
            log.warning("the digest %s of %s cannot be read: %s", name.decode(errors="replace"), self._cluster, error)
            return None
