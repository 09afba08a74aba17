"""Reminders: an incident whose plan waits for a person, and in which nothing has moved for long, calls its owner.

Any replica of the bot may do it for any incident, and may be killed at any line: a reminder is a line of the timeline,
so it is a change of the record that only one can make, and it is posted as every other line is.
"""

from typing import Any

import msgspec

from bot.incidents.incidents import Incidents, with_entry
from bot.incidents.model import Entry, Incident, Sort
from bot.incidents.outline import standing
from bot.incidents.roles import called
from bot.incidents.waiting import waits
from bot.store.connection import server_time
from bot.store.due import Due
from bot.store.keys import Keys
from checks.text import Text, say, seconds

REMIND = "remind"
"""What is due when somebody may have to be reminded of an incident."""
MOST = 4
"""Whoever was called so often in vain is not called again before something moves."""
HELD_S = 10.0
_AT_ONCE = 10


class Reminders:
    """Reminds of the incidents of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, cluster: str, after_s: float) -> None:
        self._due = Due(client, Keys(cluster), REMIND)
        self._client = client
        self._incidents = Incidents(client, cluster)
        self._after_s = after_s

    def look(self) -> None:
        """Remind of what is due."""
        for taken in self._due.take(_AT_ONCE, HELD_S):
            wait_s = self._remind(taken.item)
            if wait_s is None:
                taken.done()
            else:
                taken.again(wait_s)

    def _remind(self, incident: str) -> float | None:
        """The seconds until the next look; None when there is nothing to remind of any more."""
        record = self._incidents.record(incident)
        now = float(server_time(self._client))
        when = next_at(record.content, self._after_s) if record else None
        if record is None or when is None:
            return None
        if now < when:
            return float(when - now)
        # Where somebody was faster, it is read again.
        self._incidents.records.replace(record, reminded(record.content, now))
        return 0.0


def next_at(incident: Incident, after_s: float) -> float | None:
    """When somebody is to be reminded next (Unix time in seconds); None when nobody is.

    The first time after `after_s`, and then after twice as long each time.
    """
    execution = incident.execution
    if not incident.open or execution is None or execution.ended or not waits(execution) or incident.reminded >= MOST:
        return None
    return _stands_since(incident) + after_s * ((2 << incident.reminded) - 1)


def reminded(incident: Incident, now: float) -> Incident:
    """The incident with one more reminder of what its plan waits for."""
    told = with_entry(incident, Entry(at=now, sort=Sort.REMINDER, what=_words(incident, now), to=called(incident)))
    return msgspec.structs.replace(told, reminded=incident.reminded + 1)


def _words(incident: Incident, now: float) -> Text:
    execution = incident.execution
    time = seconds(round(now - _stands_since(incident)))
    if execution is None or execution.step is None:
        return say("Nothing has moved for {time}.", time=time)
    told, step = standing(execution), execution.step.title
    return say("Nothing has moved for {time}. {told}: {step}", time=time, told=told, step=step)


def _stands_since(incident: Incident) -> float:
    return max(incident.moved_at, incident.execution.since if incident.execution else 0.0)
