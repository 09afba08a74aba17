"""The incidents of one cluster: opened once a cause, looked for, changed by whoever saw the newest version."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.errors import Unreadable, UsageError
from bot.incidents.model import CLOSED, INCIDENT, TIMELINE_KEPT, Entry, Incident, Sort
from bot.messages.messages import MessageState
from bot.runs.model import RUN_ID
from bot.store.connection import server_time
from bot.store.due import Due
from bot.store.keys import Keys
from bot.store.records import MESSAGES, Record, Records, item
from checks.text import Text, say

CONDUCT = "conduct"
"""What is due when an incident's execution may go on."""
KEPT_S = 90 * 86400
FOUND_AMONG = 200
_TRIES = 50

log = logging.getLogger(__name__)
Change = Callable[[Incident, float], Incident]
"""Makes the next version of an incident; gets the time by Redis's clock."""


class Incidents:
    """All incidents of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, cluster: str) -> None:
        self.client = client
        self.cluster = cluster
        self.keys = Keys(cluster)
        self.records = Records(client, self.keys, INCIDENT, ttl_s=KEPT_S)
        self._due = Due(client, self.keys, CONDUCT)

    def open(self, incident: Incident) -> Incident:
        """Open an incident, or join the open one about the same.

        May be given twice, after a death in between too: there is one incident all the same.
        """
        held = self.keys.open_incident(incident.about)
        self.client.set(held, incident.id, nx=True, ex=KEPT_S)
        holder = (self.client.get(held) or b"").decode(errors="replace")
        found = self.get(holder) if holder != incident.id else None
        if found is not None and found.open:
            return found
        if incident.where:
            MessageState(self.client, self.keys, INCIDENT.name, incident.id).note_moved(incident.where)
        self.client.set(held, incident.id, ex=KEPT_S)
        self.records.create(incident.id, incident)
        self.wake(incident.id)
        return self.get(incident.id) or incident

    def wake(self, incident: str) -> None:
        """Have it looked at now: its message, and what its execution waits for."""
        now = server_time(self.client)
        Due(self.client, self.keys, MESSAGES).at(item(INCIDENT.name, incident), now)
        self._due.at(incident, now)

    def get(self, incident: str) -> Incident | None:
        """An incident by its id; None when there is none, or it is of another version."""
        found = self.record(incident)
        return found.content if found else None

    def record(self, incident: str) -> Record[Incident] | None:
        """The newest version of an incident."""
        found = self.records.read(incident) if RUN_ID.fullmatch(incident) else None
        if isinstance(found, Unreadable):
            log.warning("%s", found.text)
            return None
        return found

    def find(self, prefix: str) -> Incident:
        """An incident by the first characters of its id; the only open one when nothing is said.

        Raises:
            UsageError: none or several fit.
        """
        ids = self.records.newest(FOUND_AMONG)
        if not prefix:
            return self._only_open()
        matches = [found for found in ids if found.startswith(prefix)]
        incident = self.get(matches[0]) if len(matches) == 1 else None
        if incident is None:
            what = "Several incidents begin" if len(matches) > 1 else "No incident begins"
            raise UsageError(
                f"{what} with {prefix!r} in {self.cluster}.",
                hint="They are listed:",
                command=f"incident list in {self.cluster}",
            )
        return incident

    def recent(self, count: int = 20) -> tuple[Incident, ...]:
        """The newest first."""
        found = (self.get(incident) for incident in self.records.newest(count))
        return tuple(incident for incident in found if incident is not None)

    def change(self, incident: str, change: Change) -> Incident:
        """Store the next version; the change is made anew of what somebody else has stored meanwhile.

        Raises:
            UsageError: it is gone.
        """
        for _ in range(_TRIES):
            seen = self.record(incident)
            if seen is None:
                raise UsageError(f"There is no incident {incident} in {self.cluster} any more.")
            changed = change(seen.content, server_time(self.client))
            if changed is seen.content or self.records.replace(seen, changed):
                self._due.at(incident, server_time(self.client))
                return changed
        raise UsageError(f"The incident {incident} changes all the time.", hint="Try again.")

    def close(self, incident: Incident, by: Requester) -> Incident:
        """End it. Another one about the same can be opened afterwards."""

        def ended(seen: Incident, now: float) -> Incident:
            if not seen.open:
                return seen
            return noted(msgspec.structs.replace(seen, state=CLOSED), now, Sort.CLOSED, say("Closed"), by=by)

        closed = self.change(incident.id, ended)
        held = self.keys.open_incident(incident.about)
        if self.client.get(held) == incident.id.encode():
            self.client.delete(held)
        return closed

    def _only_open(self) -> Incident:
        found = [incident for incident in self.recent() if incident.open]
        if len(found) == 1:
            return found[0]
        what = "There is no open incident" if not found else "There are several open incidents"
        raise UsageError(
            f"{what} in {self.cluster}.", hint="They are listed:", command=f"incident list in {self.cluster}"
        )


def noted(incident: Incident, now: float, sort: Sort, what: Text, **more: Any) -> Incident:
    """The incident with one more line in its timeline; `more` are further fields of `Entry`."""
    told = with_entry(incident, Entry(at=now, sort=sort, what=what, **more))
    return msgspec.structs.replace(told, moved_at=now, reminded=0)


def with_entry(incident: Incident, entry: Entry) -> Incident:
    """The incident with one more line in its timeline, which is not as if somebody had done something."""
    timeline = (*incident.timeline, entry)
    too_many = max(0, len(timeline) - TIMELINE_KEPT)
    return msgspec.structs.replace(incident, timeline=timeline[too_many:], left_out=incident.left_out + too_many)
