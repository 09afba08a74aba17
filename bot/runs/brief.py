"""What lists show of a run: kept beside its record, because a large cluster's report has half a megabyte."""

from collections.abc import Sequence
from typing import Any

import msgspec

from bot.decoding import decoded
from bot.errors import Unreadable
from bot.runs.model import RUN, Run, RunRequest
from bot.runs.outline import outline
from bot.runs.outline.model import Heading
from bot.store.keys import Keys
from bot.store.records import read_all

FIELD = "brief"
"""Of a run's record, once it has ended."""


class Brief(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run without what was found."""

    request: RunRequest
    state: str
    heading: Heading | None = None
    """What came out; None while nothing has."""
    changed_at: float = 0.0
    """Unix time in seconds of its last change; where it has ended, when it did."""


def brief(run: Run, changed_at: float = 0.0) -> Brief:
    """What lists show of it."""
    told = run.report is not None or not run.open
    heading = outline(run).heading if told else None
    return Brief(request=run.request, state=run.state, heading=heading, changed_at=changed_at)


def briefs(client: Any, wanted: Sequence[tuple[Keys, str]]) -> list[Brief]:
    """Several runs, asked for at once, without those that are gone or not understood.

    May raise `redis.RedisError`.
    """
    with client.pipeline(transaction=False) as pipeline:
        for keys, run in wanted:
            pipeline.hmget(keys.record(RUN.name, run), FIELD, "changed")
        stored = pipeline.execute()
    kept = {name: _read(*fields) for (_, name), fields in zip(wanted, stored, strict=True)}
    # Those that go on, and those that another version or nobody's hand has ended.
    whole = read_all(client, RUN, [(keys, name) for keys, name in wanted if kept[name] is None])
    found = kept | {record.id: brief(record.content, record.changed_at) for record in whole}
    return [each for _, name in wanted if (each := found[name]) is not None]


def _read(body: bytes | None, changed: bytes | None) -> Brief | None:
    if body is None or changed is None:
        return None
    try:
        return msgspec.structs.replace(decoded(body, Brief), changed_at=float(changed))
    except (Unreadable, ValueError):
        return None
