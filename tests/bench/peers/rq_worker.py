"""An rq worker that measures when a job runs again after its worker was killed."""

import os
import time

import redis
from rq import Queue, Worker

client = redis.Redis.from_url(os.environ["BENCH_REDIS"])


def hang() -> None:
    """Note the start, and hang the first time."""
    client.rpush("started", time.time())
    if client.incr("attempts") == 1:
        time.sleep(600)


if __name__ == "__main__":
    import rq_worker  # type: ignore[import-not-found]  # rq imports the job by its module's name

    queue = Queue(connection=client)
    client.rpush("ready", 1)
    if client.set("first", 1, nx=True):
        client.blpop("go")
        queue.enqueue(rq_worker.hang, job_timeout=300, retry=None)
    Worker([queue], connection=client).work()
