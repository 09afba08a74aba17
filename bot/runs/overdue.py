"""Ends runs whose time has passed, and says why: nobody who waits may wait for ever.

A run is due to be looked at when it expires. The bot takes what is due, so that an end comes although no
worker is there to bring it.
"""

import msgspec

from bot.fleet import Member
from bot.runs.model import RUN, RUN_ID, Run
from bot.runs.runs import ENDS, Runs
from bot.store.connection import server_time
from bot.store.due import Due, Taken
from bot.store.records import Record, item
from bot.store.scripts import Script

UNSIGNED = "unsigned"
"""The code for: a worker took the run, but its signature was wrong."""
HELD_S = 5.0
SILENT_S = 15.0
"""A running run that has not changed for so long beyond its deadline is no longer being worked on: every attempt ends
at the deadline, and the next one takes it over within seconds."""
_AT_ONCE = 20
_MARK = Script("mark_refused")


def mark_unsigned(runs: Runs, run: str) -> None:
    """Note that a worker refuses the signature of a queued run, and have the run ended now.

    Whoever can put a forged request on the stream can get no more than this: one fixed sentence, on a run that nobody
    has begun.
    """
    if RUN_ID.fullmatch(run):
        _MARK(
            runs.client,
            record=runs.keys.record(RUN.name, run),
            due=runs.keys.due(ENDS),
            item=item(RUN.name, run),
            code=UNSIGNED,
        )


def end_overdue(runs: Runs) -> None:
    """End the runs of a cluster whose time has passed. May raise `redis.RedisError`."""
    for taken in Due(runs.client, runs.keys, ENDS).take(_AT_ONCE, HELD_S):
        _look(runs, taken)


def _look(runs: Runs, taken: Taken) -> None:
    record = runs.records.read(taken.item.partition("/")[2])
    if not isinstance(record, Record) or not record.content.open:
        taken.done()
        return
    wait_s = _ends_at(record) - server_time(runs.client)
    if wait_s > 0:
        taken.again(wait_s)
        return
    failed = msgspec.structs.replace(record.content, state="failed", error=_why(record, runs.fleet.members()))
    # Somebody who changed it just now has begun it, or ended it: that is looked at again.
    if runs.records.replace(record, failed):
        taken.done()
    else:
        taken.again(1.0)


def _ends_at(record: Record[Run]) -> float:
    """Unix time in seconds."""
    if record.content.state == "queued":
        return 0.0 if record.refused else record.content.request.expires_at
    return record.changed_at + record.content.request.deadline_s + SILENT_S


def _why(record: Record[Run], members: tuple[Member, ...]) -> str:
    run, cluster = record.content, record.content.request.cluster
    waited = f"{run.request.expires_at - run.request.requested_at:.0f} s"
    workers = [member for member in members if member.role == "worker" and member.here]
    if run.state == "running":
        silent_s = run.request.deadline_s + SILENT_S
        return f"The worker that had it was not heard of again for {silent_s:.0f} s. Ask again; look at `status`."
    if record.refused == UNSIGNED:
        return (
            f"The worker of {cluster} refuses the signature of this request. "
            "Give bot, worker and agents of one cluster the same NETCHECK_JOB_KEY."
        )
    if not workers:
        return (
            f"It waited for {waited}, and no worker of {cluster} was heard of. "
            "Look whether `netcheck worker` runs there and reaches Redis."
        )
    return (
        f"It waited for {waited}, and none of the {len(workers)} workers of {cluster} had time for it. "
        "Ask again; `status` shows what they are doing."
    )
