"""Which operator is active: one a cluster, by a lease in Redis with a number that rises with every turn."""

from typing import Any

from bot.store.keys import Keys
from bot.store.scripts import Script

LEASE_S = 15.0
"""An operator that is gone for so long is followed by another one; it renews about once a second."""
_TAKE = Script("take_lead")


class Lead:
    """One operator's claim. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, keys: Keys, name: str) -> None:
        self._client = client
        self._keys = keys
        self._name = name

    def take(self) -> int:
        """Become or stay the active one: the number of the turn, or 0 while another one is active."""
        return int(_TAKE(self._client, lead=self._keys.lead, name=self._name, seconds=LEASE_S))
