"""A cluster as an incident meets it: a real Redis, and whoever answers what a conductor asks for."""

from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.config import JOBS, OPERATIONS, SigningKey
from bot.incidents.conductor import Conductor
from bot.incidents.decisions import Said, decided
from bot.incidents.incidents import CONDUCT, Incidents, noted
from bot.incidents.model import Incident, Sort
from bot.incidents.waiting import waits
from bot.queue.envelope import unseal
from bot.runbooks.execution import Execution
from bot.runbooks.model import Expectation
from bot.runbooks.orders import DONE, ORDER, Order, Performed, performed
from bot.runbooks.presence import Presence, note_presence
from bot.runs.model import Run
from bot.runs.runs import Runs
from bot.store.due import Due
from checks.finding import Finding, Seen, Severity
from checks.place import Node, Pair, Place, Replica
from checks.report import Report
from checks.text import say
from tests.bot.runbooks.situations import ALL_VERBS, report

CLUSTER = "lab"
JOB_KEY, OPERATIONS_KEY = SigningKey(JOBS, b"0123456789abcdef"), SigningKey(OPERATIONS, b"fedcba9876543210")
STARTER, OTHER = Requester("ada", "U1", "T1"), Requester("grace", "U2", "T1")


class Stage:
    """One incident on its way; `client` is what the code under test uses, `truth` what the test looks with."""

    def __init__(self, truth: Any, client: Any | None = None) -> None:
        self.truth = truth
        self.use(client or truth)
        self.orders: list[Order] = []
        self.outcome = DONE
        """What operations come to."""
        self.holds = True
        """Whether what is looked for is so."""

    def use(self, client: Any) -> None:
        """Go on as another process would."""
        self.client = client
        self.runs = Runs(client, CLUSTER)
        self.incidents = Incidents(client, CLUSTER)
        self.conductor = Conductor(self.runs, JOB_KEY, OPERATIONS_KEY)

    def operator(self) -> None:
        """An operator that can do everything is there."""
        note_presence(self.truth, self.runs.keys, Presence("operator-1", tuple(sorted(ALL_VERBS))))

    def begin(self, runbook: str, *nodes: str, **choices: Any) -> None:
        """Open the incident and start a plan in it, as often as it takes."""
        first = Incident(
            id="i", cluster=CLUSTER, about=runbook, title=say("x"), opened_by=STARTER, opened_at=0.0, owner=STARTER
        )
        self.incidents.open(first)
        self.incidents.change("i", lambda seen, now: _begun(seen, now, runbook, nodes, choices))

    @property
    def incident(self) -> Incident:
        """As it is stored."""
        found = Incidents(self.truth, CLUSTER).get("i")
        assert found is not None
        return found

    @property
    def execution(self) -> Execution:
        """As it is stored."""
        assert self.incident.execution is not None
        return self.incident.execution

    def says(self, word: str, by: Requester = STARTER, revision: int = 0) -> None:
        """Somebody decides."""
        self.incidents.change("i", lambda seen, now: decided(seen, Said(word, by, plan=1, revision=revision), now))

    def settle(self) -> Execution:
        """Conduct until a person is awaited or it has ended."""
        for _ in range(500):
            if waits(self.execution):
                return self.execution
            self.turn()
        raise AssertionError(f"it does not settle: {self.execution.state}")

    def turn(self) -> None:
        """One look of the conductor, and an answer to whatever is asked for."""
        # What is due in a moment is due now: the test has no time.
        for name in self.truth.zrange(self.runs.keys.due(CONDUCT), 0, -1):
            self.truth.zadd(self.runs.keys.due(CONDUCT), {name: 0})
        self.truth.delete(self.runs.keys.held(CONDUCT))
        self.conductor.look()
        self._answer_runs()
        self._answer_orders()

    def done(self) -> list[str]:
        """The verbs of the orders that were taken, in their order."""
        return [msgspec.to_builtins(order.operation)["verb"] for order in self.orders]

    def _answer_runs(self) -> None:
        truth = Runs(self.truth, CLUSTER)
        for run in truth.recent(5):
            if run.open:
                truth.update(run.id, state="done", report=self._report(run))

    def _report(self, run: Run) -> Report:
        if run.request.plan:
            return report()
        findings = tuple(finding(expected, holds=self.holds) for expected in self.execution.expected)
        return Report(severity=Severity.OK, findings=findings, inventory=report().inventory)

    def _answer_orders(self) -> None:
        stream = self.runs.keys.orders
        for entry, fields in self.truth.xrange(stream):
            order = unseal(OPERATIONS_KEY, ORDER, fields)
            self.orders.append(order)
            done = Performed(order=order.id, state=self.outcome, operator="operator-1", fence=1)
            performed(self.truth, self.runs.keys).create(order.id, done)
            self.truth.xdel(stream, entry)


def waiting(truth: Any) -> dict[str, float]:
    """Which incidents are due to be moved on."""
    return Due(truth, Runs(truth, CLUSTER).keys, CONDUCT).waiting()


def _begun(seen: Incident, now: float, runbook: str, nodes: tuple[str, ...], choices: dict[str, Any]) -> Incident:
    if seen.execution is not None:
        return seen
    execution = Execution(id="i-1", runbook=runbook, nodes=nodes, choices=choices, by=STARTER, since=now)
    told = noted(seen, now, Sort.DECISION, say("begun"), by=STARTER)
    return msgspec.structs.replace(told, execution=execution)


def finding(expected: Expectation, *, holds: bool) -> Finding:
    """What a check found that was to see something."""
    outcome = expected.outcomes[0] if holds else "broken"
    seen = tuple(Seen(place, outcome, bad=not holds) for place in _places(expected))
    severity = Severity.OK if holds else Severity.FAILED
    return Finding(code=expected.code, severity=severity, text=say("seen"), outcome=outcome, seen=seen)


def _places(expected: Expectation) -> list[Place]:
    if expected.pods:
        return [Replica(pod) for pod in expected.pods]
    if len(expected.nodes) == 1:
        return [Node(expected.nodes[0])]
    return [Pair(*expected.nodes[:2])] if expected.nodes else [Node("cp")]
