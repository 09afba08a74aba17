"""As much in Redis as a busy workspace has: clusters, runs, incidents and digests."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.digests.model import Definition
from bot.digests.schedule import schedule
from bot.fleet import Fleet, cluster_seen
from bot.incidents.incidents import Incidents
from bot.incidents.model import Incident
from bot.messages.where import Where
from bot.runs.model import Run
from bot.runs.runs import Runs
from bot.store.connection import server_time
from checks.report import Report
from tests.handlers.incidents import opened
from tests.handlers.reports import HOSTILE, REPORT, replaced, run

OWNER = Requester("on-call", "U0ONCALL", "T0PLAYGROUND")
ROLES = ("worker", "agent-host", "agent-pod")


class Plenty:
    """Fills the clusters `c00`, `c01`, … evenly."""

    def __init__(self, client: Any, clusters: int) -> None:
        self._client = client
        self._made_at = server_time(client)
        self.names = tuple(f"c{number:02}" for number in range(clusters))

    def clusters(self) -> None:
        """Their workers and agents were heard of just now."""
        for name in self.names:
            cluster_seen(self._client, name)
            fleet = Fleet(self._client, name)
            fleet.note_nodes(["w1", "w2"])
            for role in ROLES:
                fleet.seen(role, "w1")

    def runs(self, count: int, report: Report = REPORT) -> None:
        """Diagnoses that ended."""
        for name, number in self._spread(count):
            request = replaced(run().request, id=f"run-{number}", cluster=name, requested_by=OWNER)
            runs = Runs(self._client, name)
            runs.records.create(request.id, Run(request=request, state="running"))
            runs.update(request.id, state="done", report=report)

    def incidents(self, count: int, patterns: Sequence[Incident] = (opened(),)) -> None:
        """Open ones, like the patterns in turn."""
        for name, number in self._spread(count):
            mine = {"id": f"incident-{number}", "cluster": name, "about": f"about-{number}", "where": None}
            Incidents(self._client, name).open(replaced(patterns[number % len(patterns)], **mine))

    def digests(self, count: int) -> None:
        """Of one owner."""
        for name, number in self._spread(count):
            definition = Definition(
                id=f"digest-{number}",
                cluster=name,
                where=Where("C0DIGESTS"),
                schedule=schedule("weekdays", "Europe/Berlin"),
                paused=HOSTILE * 20 if number % 2 else "",
                owner=OWNER,
                created_at=self._made_at + number,
            )
            key = Runs(self._client, name).keys.definitions
            self._client.hset(key, definition.id, msgspec.json.encode(definition))

    def _spread(self, count: int) -> Iterator[tuple[str, int]]:
        return ((self.names[number % len(self.names)], number) for number in range(count))
