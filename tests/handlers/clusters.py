"""A cluster that answers by itself whatever a plan asks for: runs, and what the operator is told to do."""

import threading
from typing import Any

from bot.config import OPERATIONS, SigningKey
from bot.incidents.incidents import Incidents
from bot.incidents.model import Incident
from bot.queue.envelope import unseal
from bot.runbooks.model import Expectation
from bot.runbooks.orders import DONE, ORDER, Order, Performed, performed
from bot.runbooks.presence import Presence, note_presence
from bot.runs.model import Run
from bot.runs.runs import Runs
from checks.finding import Severity
from checks.report import Report
from tests.bot.incidents.stage import finding
from tests.bot.runbooks.situations import ALL_VERBS, report

OPERATIONS_KEY = "the key for operations in these tests"
_LOOK_S = 0.02


class Answering:
    """Until `stop`: what is looked for is so, and what the operator is told to do is done."""

    def __init__(self, client: Any, cluster: str) -> None:
        self._client = client
        self.runs = Runs(client, cluster)
        self.incidents = Incidents(client, cluster)
        self.orders: list[Order] = []
        self.answers = True
        """Whether anybody answers now."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join()

    @property
    def incident(self) -> Incident:
        """The one incident."""
        (found,) = self.incidents.recent()
        return found

    def _loop(self) -> None:
        while not self._stop.wait(_LOOK_S):
            note_presence(self._client, self.runs.keys, Presence("operator-1", tuple(sorted(ALL_VERBS))))
            if self.answers:
                for run in self.runs.recent(5):
                    if run.open and run.request.command in ("plan", "verify"):
                        self.runs.update(run.id, state="done", report=self._report(run))
                self._operate()

    def _report(self, run: Run) -> Report:
        if run.request.plan:
            return report()
        expected: tuple[Expectation, ...] = ()
        for incident in self.incidents.recent():
            if incident.execution is not None and run.id.startswith(incident.execution.id):
                expected = incident.execution.expected
        findings = tuple(finding(each, holds=True) for each in expected)
        return Report(severity=Severity.OK, findings=findings, inventory=report().inventory)

    def _operate(self) -> None:
        for entry, fields in self._client.xrange(self.runs.keys.orders):
            order = unseal(SigningKey(OPERATIONS, OPERATIONS_KEY.encode()), ORDER, fields)
            self.orders.append(order)
            done = Performed(order=order.id, state=DONE, operator="operator-1", fence=1)
            performed(self._client, self.runs.keys).create(order.id, done)
            self._client.xdel(self.runs.keys.orders, entry)
