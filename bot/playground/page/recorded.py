"""The recorded nodes beside the messages: how they stand, and what can be done to them in place of a person's shell."""

import asyncio
from typing import Any, Protocol

import redis
from aiohttp import web

from bot.errors import NetcheckError


class Recorded(Protocol):
    """See `bot.playground.rehearsal.by_hand.ByHand`."""

    def shown(self) -> dict[str, Any]:
        """How the nodes stand, and what is offered."""

    def press(self, offer: str) -> str:
        """Do what is offered; what was done, for people."""


RECORDED: "web.AppKey[Recorded | None]" = web.AppKey("recorded")
"""None where what is looked at is a cluster."""


async def shown(app: web.Application) -> dict[str, Any] | None:
    """For the page; None where there are no recorded nodes, or they cannot be seen just now."""
    nodes = app[RECORDED]
    try:
        return await asyncio.to_thread(nodes.shown) if nodes else None
    except redis.RedisError:
        return None


async def press(app: web.Application, offer: str) -> dict[str, Any]:
    """What came of a press, for the page."""
    nodes = app[RECORDED]
    if nodes is None:
        raise web.HTTPNotFound
    try:
        return {"ok": True, "said": await asyncio.to_thread(nodes.press, offer)}
    except NetcheckError as error:
        return {"ok": False, "said": error.text}
    except redis.RedisError as error:
        return {"ok": False, "said": f"The playground's Redis does not answer: {error}"}
