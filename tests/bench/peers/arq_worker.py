"""An arq worker that measures when a job runs again after its worker was killed."""

import asyncio
import os
import time
from typing import Any

import redis
from arq import create_pool
from arq.connections import RedisSettings
from arq.worker import Worker

SETTINGS = RedisSettings(unix_socket_path=os.environ["BENCH_REDIS"].removeprefix("unix://"))
client = redis.Redis.from_url(os.environ["BENCH_REDIS"])


async def hang(_: dict[str, Any]) -> None:
    """Note the start, and hang the first time."""
    client.rpush("started", time.time())
    if client.incr("attempts") == 1:
        await asyncio.sleep(600)


async def main() -> None:
    """Enqueue once, and work."""
    pool = await create_pool(SETTINGS)
    client.rpush("ready", 1)
    if client.set("first", 1, nx=True):
        await asyncio.to_thread(client.blpop, "go")
        await pool.enqueue_job("hang")
    await Worker([hang], redis_settings=SETTINGS, job_timeout=10, handle_signals=False).async_run()


asyncio.run(main())
