"""Walks through a plan on the lab as people do who look at its message, whatever goes wrong meanwhile.

Processes of the product may be killed, each at a point that is chosen. A point is a step and a state of it: what is
shown, what the operator is at, what is being verified. Whoever walks says the word that is asked for; where an action
did not work or nobody knows how it ended, they have it looked at, send it again or go back.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from bot.access.audit import Audit, Recorded
from bot.access.requester import Requester
from bot.incidents.incidents import Incidents
from bot.incidents.model import Incident, Sort
from bot.incidents.waiting import waits
from bot.runbooks.execution import Execution
from bot.runbooks.machine import Event, State
from bot.runbooks.model import Approval
from bot.store.connection import connect
from tests.incident.processes import Bot, kill_in_lab
from tests.lab import product
from tests.lab.fixtures import Cluster
from tests.lab.layout import CONTROL_PLANE, Node, workers
from tests.playground import Playground

Point = tuple[str, State]
"""The name of a step, and the state that it is in."""
VICTIMS = ("bot", "operator", "worker", "redis")
WALK_S = 420.0
"""For a whole walk; one without deaths takes half a minute, and whatever dies often is started again ever later."""
_LOOK_S = 0.05
_MOST_WORDS = 60
"""Words of people in one walk; more would go round in a circle."""
STARTER, APPROVER = "on-call", "platform"


@dataclass
class Walker:
    """One walk; `choose` says who dies at a point that is reached for the first time, if anybody."""

    slack: Playground
    bot: Bot
    client: Any
    choose: Callable[[Point], str] = lambda _: ""
    unverified: Callable[[Execution], str] = lambda _: "retry"
    """What is said where an action did not work or nobody knows; may put right what hinders it before."""
    stuck: Callable[[Execution], str] = lambda _: "again"
    """The same where the way back failed."""
    kills: list[tuple[Point, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _seen: set[Point] = field(default_factory=set)

    def begin(self, line: str) -> None:
        """Start the plan."""
        self._say(STARTER, line)

    def to_the_end(self) -> Execution:
        """Walk until the plan has ended; how it ended."""
        end = time.monotonic() + WALK_S
        said = (0, 0)
        while time.monotonic() < end:
            execution = self._execution()
            if execution is not None:
                if execution.ended:
                    return execution
                self._pass(execution)
                # A word is said once a state: what it leads to shows a moment later.
                if (execution.number, execution.revision) != said and self._decide(execution):
                    said = (execution.number, execution.revision)
            time.sleep(_LOOK_S)
        raise AssertionError(f"no end: {self._execution()}, killed: {self.kills}, said: {self.words}")

    def incident(self) -> Incident:
        """The one that it is in."""
        found: tuple[Incident, ...] = self._patiently(lambda: Incidents(self.client, product.CLUSTER).recent(1))
        return found[0]

    def acts(self) -> list[Recorded]:
        """What the operator has begun, by the audit record."""
        recorded = self._patiently(lambda: Audit(self.client, product.CLUSTER).read(200))
        return [each for each in recorded if each.act.surface == "operator"]

    def _pass(self, execution: Execution) -> None:
        point = (execution.step.name if execution.step else "", execution.state)
        if point not in self._seen:
            self._seen.add(point)
            if victim := self.choose(point):
                self.kills.append((point, victim))
                kill(victim, self.bot)

    def _decide(self, execution: Execution) -> bool:
        special = {State.UNVERIFIED: self.unverified, State.STUCK: self.stuck}
        word = special.get(execution.state, _word)(execution)
        if not word:
            return False
        user = APPROVER if word == "approve" and execution.needs is Approval.SECOND else STARTER
        if word == "retry" and execution.operation is None:
            word = "again"
        self.words.append(f"{word} {execution.step.name if execution.step else ''}")
        assert len(self.words) < _MOST_WORDS, self.words
        incident = execution.id.rpartition("-")[0]
        self._say(user, f"/netcheck incident {word} {incident} plan={execution.number} revision={execution.revision}")
        return True

    def _say(self, user: str, line: str) -> None:
        """Type a line until it is taken: a person sees when it was not."""
        end = time.monotonic() + 60
        while not self.slack.command(user, "incidents", line).ok:
            assert time.monotonic() < end, f"nobody takes {line!r}"
            time.sleep(0.5)

    def _execution(self) -> Execution | None:
        found = self._patiently(lambda: Incidents(self.client, product.CLUSTER).recent(1))
        return found[0].execution if found else None

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """Ask Redis, which may have been killed a moment ago."""
        end = time.monotonic() + 120
        while True:
            try:
                return ask()
            except redis.RedisError:
                assert time.monotonic() < end, "Redis does not come back"
                time.sleep(0.2)


def operators_node(lab: Cluster) -> str:
    """Where the operator's pod runs."""
    chosen = ("get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "json")
    pods = json.loads(lab.read("-n", product.NAMESPACE, *chosen))["items"]
    (pod,) = [each for each in pods if "deletionTimestamp" not in each["metadata"]]
    return str(pod["spec"]["nodeName"])


def other_worker(lab: Cluster) -> Node:
    """A worker that the operator does not run on: it does not switch off its own node."""
    return next(each for each in workers() if each.name != operators_node(lab))


@pytest.fixture
def client(environment: dict[str, str]) -> Iterator[Any]:
    """The lab's Redis, in which no incident of a test before is open."""
    connected = connect(environment["NETCHECK_REDIS_URL"])
    incidents = Incidents(connected, product.CLUSTER)
    for left in incidents.recent():
        incidents.change(left.id, lambda seen, _: msgspec.structs.replace(seen, execution=None))
        incidents.close(left, Requester(STARTER, product.ONCALL, "T0PLAYGROUND"))
    yield connected
    connected.close()


@pytest.fixture
def walker(slack: Playground, bot: Bot, client: Any, own_adapters: None) -> Walker:  # noqa: ARG001 - put back afterwards
    """Nobody dies, and what did not work is sent again."""
    return Walker(slack, bot, client)


def _word(execution: Execution) -> str:
    """What somebody has to say there; empty where nobody has to."""
    if not waits(execution):
        return ""
    if execution.state in (State.OFFERED, State.UNDO_OFFERED):
        return "approve" if execution.operation is not None else "done"
    return "again" if execution.may(Event.AGAIN) else "stop"


def kill(victim: str, bot: Bot) -> None:
    """SIGKILL; the bot is started again as its Deployment does, the others by their kubelet."""
    if victim == "bot":
        bot.kill()
        bot.start()
    elif victim == "redis":
        for pid in _redis_servers():
            os.kill(pid, signal.SIGKILL)
    else:
        kill_in_lab(victim)


def _redis_servers() -> Iterator[int]:
    """The lab's own: the others on this machine run outside of its pods."""
    address = f"{CONTROL_PLANE.address}:".encode()
    found = False
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"redis-server" in line and address in line:
            found = True
            yield int(folder.name)
    assert found, "no Redis runs in the lab"


def came_to(execution: Execution) -> dict[str, str]:
    """What became of each step, by its name and node."""
    steps = execution.plan.steps if execution.plan else ()
    return {f"{step.name} {step.node}": execution.outcomes.get(n, "left out") for n, step in enumerate(steps)}


def approvals(incident: Incident) -> int:
    """How often somebody has approved something in it."""
    return sum(entry.sort is Sort.APPROVAL for entry in incident.timeline)
