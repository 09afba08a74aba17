"""Whatever is killed at whatever point of a plan, no step is done twice, none is left out, and no approval is lost."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from bot.access.audit import Audit
from bot.access.requester import Requester
from bot.incidents.incidents import Incidents
from bot.runbooks.machine import State
from bot.store.connection import connect
from tests.incident.conftest import Bot
from tests.incident.kill_points import VICTIMS, Point, Walk, approvals, came_to
from tests.lab import hardware, product, vcenter
from tests.lab.fixtures import Cluster
from tests.lab.layout import WORKERS, Node
from tests.lab.vcenter_link import POWERED_ON, read
from tests.playground import Playground

pytestmark = [pytest.mark.lab, pytest.mark.timeout(700, func_only=True)]

AT_EACH_BOUNDARY: dict[Point, str] = {
    ("", State.PLANNING): "worker",
    ("before", State.VERIFYING): "redis",
    ("cordon", State.OFFERED): "bot",
    ("cordon", State.ACTING): "operator",
    ("drain", State.ACTING): "bot",
    ("exchange", State.ACTING): "operator",
    ("exchange", State.VERIFYING): "worker",
    ("verify", State.VERIFYING): "redis",
    ("after", State.VERIFYING): "bot",
    ("uncordon", State.ACTING): "worker",
    ("soak", State.VERIFYING): "bot",
}
"""Each of the four at several points, one at each step: the short form of the campaign."""
STARTED_BY = Requester("on-call", product.ONCALL, "T0PLAYGROUND")
EVERY = 3
"""In one walk of the campaign its victim dies at every third point."""


def operators_node(lab: Cluster) -> str:
    """Where the operator's pod runs."""
    chosen = ("get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "json")
    pods = json.loads(lab.read("-n", product.NAMESPACE, *chosen))["items"]
    (pod,) = [each for each in pods if "deletionTimestamp" not in each["metadata"]]
    return str(pod["spec"]["nodeName"])


@pytest.fixture
def client(environment: dict[str, str]) -> Iterator[Any]:
    """The lab's Redis, in which no incident of a test before is open."""
    connected = connect(environment["NETCHECK_REDIS_URL"])
    incidents = Incidents(connected, product.CLUSTER)
    for left in incidents.recent():
        incidents.change(left.id, lambda seen, _: msgspec.structs.replace(seen, execution=None))
        incidents.close(left, STARTED_BY)
    yield connected
    connected.close()


@pytest.fixture
def walk(slack: Playground, bot: Bot, client: Any, own_adapters: None) -> Walk:  # noqa: ARG001 - put back afterwards
    """Nobody dies yet."""
    return Walk(slack, bot, client, lambda _: "")


def swapped(walk: Walk, lab: Cluster) -> Node:
    """Walk through the exchange on the worker that the operator does not run on, and look at what it came to."""
    node = next(each for each in WORKERS if each.name != operators_node(lab))
    walk.begin(f"/netcheck fix vmxnet3-to-e1000e soak_s=0 lose_emptydir=true on {node.name}")
    execution = walk.to_the_end()

    assert (State.DONE, {"done"}) == (execution.state, set(came_to(execution).values())), came_to(execution)
    assert approvals(walk.incident()) == 1, walk.words
    begun = Counter(each.act.command for each in walk.acts() if execution.id in each.act.line)
    # Who dies while it acts is followed by one that looks; what it had not done is sent again by a person.
    again = Counter(words.partition(" ")[2] for words in walk.words if words.startswith("retry"))
    expected = {"cordon": 1, "drain": 1, "exchange-adapter": 1, "uncordon": 1}
    names = {"exchange-adapter": "exchange"}
    assert expected == {verb: begun[verb] - again[names.get(verb, verb)] for verb in begun}, walk.words
    return node


def holds(walk: Walk, lab: Cluster, node: Node) -> None:
    """The machine is on with one e1000e, the node takes pods, and the audit record is whole."""
    machine = read(vcenter.CONTROL).vms[node.name]
    assert (POWERED_ON, ["VirtualE1000e"]) == (machine.power, [card.type for card in machine.nics])
    assert hardware.E1000E == hardware.adapter(node)
    assert "" == lab.read("get", "node", node.name, "-o", "jsonpath={.spec.unschedulable}")
    assert Audit(walk.client, product.CLUSTER).verify().whole


def test_a_death_at_each_boundary(walk: Walk, lab: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    """One of bot, operator, worker and Redis dies at each step, and the plan comes to its end all the same."""
    walk.choose = lambda point: AT_EACH_BOUNDARY.get(point, "")
    holds(walk, lab, swapped(walk, lab))
    with capsys.disabled():
        print(f"\nkill points on the lab: {len(walk.kills)}", end="")
    assert set(AT_EACH_BOUNDARY) == {point for point, _ in walk.kills}


@pytest.mark.campaign
@pytest.mark.parametrize("offset", range(EVERY))
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_death_at_every_point(
    walk: Walk, lab: Cluster, victim: str, offset: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of the four at every point that a plan passes: `make kill-points`."""
    passed: list[Point] = []

    def every_third(point: Point) -> str:
        passed.append(point)
        return victim if len(passed) % EVERY == offset else ""

    walk.choose = every_third
    holds(walk, lab, swapped(walk, lab))
    with capsys.disabled():
        print(f"\n{victim}: {len(walk.kills)} of {len(passed)} points", end="")
