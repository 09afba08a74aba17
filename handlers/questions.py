"""Questions that wait for a click: kept in Redis, so that any replica, also after a restart, understands the answer."""

import secrets
from typing import Any

import msgspec
import redis

from bot.commands.grammar import Asked
from bot.messages.where import Where

WAITS_S = 1800
"""As long as Slack lets an answer replace the question (30 minutes for a `response_url`)."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A command that lacks its cluster."""

    asked: Asked
    choices: tuple[str, ...]
    where: Where | None = None
    """Where the answer belongs."""


class Questions:
    """All open questions. Every method may raise `redis.RedisError`."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client: Any = client

    def keep(self, question: Question) -> str:
        """Store a question; its opaque id."""
        ask = secrets.token_hex(8)
        self._client.set(_key(ask), msgspec.json.encode(question), ex=WAITS_S)
        return ask

    def find(self, ask: str) -> Question | None:
        """A question by its id, or None when it is too old.

        It stays: two clicks on the same answer are the same command, which the run's id tells.
        """
        stored = self._client.get(_key(ask))
        try:
            return None if stored is None else msgspec.json.decode(stored, type=Question)
        except (msgspec.MsgspecError, RecursionError, ValueError):  # of another version
            return None


def _key(ask: str) -> str:
    return f"netcheck:question:{ask}"
