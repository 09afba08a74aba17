"""Whether an operator is there, and what it can do: a hint for plans, never a permission."""

from typing import Any

import msgspec

from bot.decoding import decoded
from bot.errors import Unreadable
from bot.store.keys import Keys

PRESENT_S = 10
"""An operator that did not tell for so long is not there."""


class Presence(msgspec.Struct, frozen=True):
    """The active operator."""

    name: str
    verbs: tuple[str, ...]
    """The operations that its settings allow."""


def note_presence(client: Any, keys: Keys, presence: Presence) -> None:
    """Tell that an operator is there. May raise `redis.RedisError`."""
    client.set(keys.operator, msgspec.json.encode(presence), ex=PRESENT_S)


def verbs(client: Any, keys: Keys) -> tuple[str, ...]:
    """What the active operator can do; nothing without one. May raise `redis.RedisError`."""
    stored = client.get(keys.operator)
    try:
        return decoded(stored, Presence).verbs if stored else ()
    except Unreadable:
        return ()
