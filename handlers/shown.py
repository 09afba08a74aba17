"""Which records are shown in Slack, and how: one row a kind."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.digests.definitions import Definitions
from bot.digests.model import DIGEST, Definition, Digest, State
from bot.incidents.incidents import Incidents
from bot.incidents.model import INCIDENT, Incident
from bot.runs.model import RUN, Run
from bot.store.records import Kind
from handlers.views.blocks import MESSAGE_BLOCKS, MESSAGE_CHARACTERS, Message, Part, characters, clip, section
from handlers.views.details import details
from handlers.views.digest import digest_message, digest_thread
from handlers.views.incident import incident_message, incident_thread
from handlers.views.pictured import Pictured, pictured_digest, pictured_incident, pictured_run
from handlers.views.run import run_message
from handlers.views.wording import ENDED, headline

_ID_SHOWN = 6
LOOKED_AWAY_S = 10.0
"""Who waits for longer than this looks elsewhere, and is told when there is an answer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How records of a kind are shown. Every function takes the record's content."""

    kind: Kind[Any]
    message: Callable[[Any], Message]
    """The message that is edited in place."""
    ended: Callable[[Any], bool]
    """Whether it will not change any more."""
    thread: Callable[[Any, float], Iterable[Part]]
    """What hangs in the thread by now, in its order; also takes the seconds since it was asked for."""
    prompt: Callable[[Any], bool]
    """Whether somebody waits for what the message says now: it goes before others, and all copies of it follow."""
    asked_by: Callable[[Any], Requester]
    asked_at: Callable[[Any], float]
    """Unix time in seconds."""
    room: Callable[[Any], str | None] = lambda _: ""
    """The channel of its own in which its parts stand; empty: its thread; None: it is to have one."""
    room_name: Callable[[Any], str] = lambda _: ""
    """What that channel is called."""
    settle_room: Callable[[Any, str], None] = lambda *_: None
    """Notes which channel it is; empty for none, or for none any more."""
    refused: Callable[[Any, str], None] = lambda *_: None
    """Notes that it cannot be shown where it was asked for; takes Slack's word for why."""
    pictures: Callable[[Any], Iterable[Pictured]] = lambda _: ()
    """What hangs in the thread as pictures, after the rest."""
    people: Callable[[Any], tuple[str, ...]] = lambda _: ()
    """Who belongs there, by Slack's ids."""


def _run_thread(run: Run, took_s: float) -> list[Part]:
    return [(f"details-{number}", partial(dict, page)) for number, page in enumerate(_run_details(run, took_s), 1)]


def _run_details(run: Run, took_s: float) -> list[Message]:
    """The details of a run; in the first of them whoever asked and had to wait is told: an edit tells nobody."""
    if run.open:
        return []
    pages = details(run)
    user = run.request.requested_by.user
    if not user or took_s < LOOKED_AWAY_S or run.state == "cancelled":
        return pages
    came_out = headline(run) if run.report else " ".join(ENDED["failed"])
    told = f"<@{clip(user, 40)}> {clip(run.request.cluster, 80)}: {clip(came_out, 300)}"
    first = section(told)
    if pages and _fits([first, *pages[0]["blocks"]]):
        return [{"text": told, "blocks": [first, *pages[0]["blocks"]]}, *pages[1:]]
    return [{"text": told, "blocks": [first]}, *pages]


def _fits(blocks: list[dict[str, Any]]) -> bool:
    return len(blocks) <= MESSAGE_BLOCKS and characters(blocks) <= MESSAGE_CHARACTERS


def _room_name(incident: Incident) -> str:
    """In Slack's characters for a channel's name (https://docs.slack.dev/reference/methods/conversations.create)."""
    cluster = re.sub(r"[^a-z0-9]+", "-", incident.cluster.lower()).strip("-")[:40]
    return f"netcheck-{cluster}-{incident.id[:_ID_SHOWN]}".replace("--", "-")


def _settle_room(client: Any, incident: Incident, channel: str) -> None:
    def settled(seen: Incident, _: float) -> Incident:
        # Who was slower has made a channel in vain, or left one that was left already.
        return seen if seen.room != incident.room else msgspec.structs.replace(seen, room=channel)

    Incidents(client, incident.cluster).change(incident.id, settled)


def _people(incident: Incident) -> tuple[str, ...]:
    users = (incident.opened_by.user, incident.owner.user)
    return tuple(dict.fromkeys(user for user in users if user))


def _pause(client: Any, digest: Digest, why: str) -> None:
    """Its owner is told once, and no further one is made for a channel that takes none."""

    def paused(seen: Definition) -> Definition:
        return seen if seen.paused else msgspec.structs.replace(seen, paused=f"Slack says {why} for its channel")

    Definitions(client, digest.cluster).change(digest.definition, paused)


def shown(client: Any, *, rooms: bool) -> Mapping[str, Shown]:
    """How each kind is shown, by its name; `rooms`: an incident has a channel of its own."""
    return {
        RUN.name: Shown(
            kind=RUN,
            message=run_message,
            ended=lambda run: not run.open,
            thread=_run_thread,
            prompt=lambda run: not run.open,
            asked_by=lambda run: run.request.requested_by,
            asked_at=lambda run: run.request.requested_at,
            pictures=pictured_run,
        ),
        INCIDENT.name: Shown(
            kind=INCIDENT,
            message=incident_message,
            ended=lambda incident: not incident.open,
            thread=lambda incident, _: incident_thread(incident),
            prompt=lambda _: True,
            asked_by=lambda incident: incident.opened_by,
            asked_at=lambda incident: incident.opened_at,
            pictures=pictured_incident,
            room=lambda incident: incident.room if rooms or incident.room else "",
            room_name=_room_name,
            settle_room=partial(_settle_room, client),
            people=_people,
        ),
        DIGEST.name: Shown(
            kind=DIGEST,
            message=digest_message,
            ended=lambda digest: digest.state is not State.ASKED,
            thread=lambda digest, _: digest_thread(digest),
            prompt=lambda _: False,
            asked_by=lambda digest: digest.by,
            asked_at=lambda digest: digest.fired_at,
            refused=partial(_pause, client),
            pictures=pictured_digest,
        ),
    }
