"""Whatever is killed at whatever point of a plan, no step is done twice, none is left out, and no approval is lost."""

from collections import Counter

import pytest

from bot.access.audit import Audit
from bot.runbooks.machine import State
from bot.runbooks.measured import AFTER, BEFORE
from tests.incident.walker import VICTIMS, Point, Walker, approvals, came_to, other_worker
from tests.lab import hardware, product, vcenter
from tests.lab.fixtures import Cluster
from tests.lab.layout import Node
from tests.lab.vcenter_link import POWERED_ON, read

pytestmark = [pytest.mark.lab, pytest.mark.timeout(700, func_only=True)]

AT_EACH_BOUNDARY: dict[Point, str] = {
    ("", State.PLANNING): "worker",
    (BEFORE, State.VERIFYING): "redis",
    ("cordon", State.OFFERED): "bot",
    ("cordon", State.ACTING): "operator",
    ("drain", State.ACTING): "bot",
    ("exchange", State.ACTING): "operator",
    ("exchange", State.VERIFYING): "worker",
    ("verify", State.VERIFYING): "redis",
    (AFTER, State.VERIFYING): "bot",
    ("uncordon", State.ACTING): "worker",
    ("soak", State.VERIFYING): "bot",
}
"""Each of the four at several points, one at each step: the short form of the campaign."""
EVERY = 3
"""In one walk of the campaign its victim dies at every third point."""


def swapped(walker: Walker, lab: Cluster) -> Node:
    """Walk through the exchange on the worker that the operator does not run on, and look at what it came to."""
    node = other_worker(lab)
    walker.begin(f"/netcheck fix vmxnet3-to-e1000e soak_s=0 lose_emptydir=true on {node.name}")
    execution = walker.to_the_end()

    assert (State.DONE, {"done"}) == (execution.state, set(came_to(execution).values())), came_to(execution)
    assert approvals(walker.incident()) == 1, walker.words
    begun = Counter(each.act.command for each in walker.acts() if execution.id in each.act.line)
    # Who dies while it acts is followed by one that looks; what it had not done is sent again by a person.
    again = Counter(words.partition(" ")[2] for words in walker.words if words.startswith("retry"))
    expected = {"cordon": 1, "drain": 1, "exchange-adapter": 1, "uncordon": 1}
    names = {"exchange-adapter": "exchange"}
    assert expected == {verb: begun[verb] - again[names.get(verb, verb)] for verb in begun}, walker.words
    return node


def holds(walker: Walker, lab: Cluster, node: Node) -> None:
    """The machine is on with one e1000e, the node takes pods, and the audit record is whole."""
    machine = read(vcenter.CONTROL).vms[node.name]
    assert (POWERED_ON, ["VirtualE1000e"]) == (machine.power, [card.type for card in machine.nics])
    assert hardware.E1000E == hardware.adapter(node)
    assert "" == lab.read("get", "node", node.name, "-o", "jsonpath={.spec.unschedulable}")
    assert Audit(walker.client, product.CLUSTER).verify().whole


def test_a_death_at_each_boundary(walker: Walker, lab: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    """One of bot, operator, worker and Redis dies at each step, and the plan comes to its end all the same."""
    walker.choose = lambda point: AT_EACH_BOUNDARY.get(point, "")
    holds(walker, lab, swapped(walker, lab))
    with capsys.disabled():
        print(f"\nkill points on the lab: {len(walker.kills)}", end="")
    assert set(AT_EACH_BOUNDARY) == {point for point, _ in walker.kills}


@pytest.mark.campaign
@pytest.mark.parametrize("offset", range(EVERY))
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_death_at_every_point(
    walker: Walker, lab: Cluster, victim: str, offset: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of the four at every point that a plan passes: `make kill-points`."""
    passed: list[Point] = []

    def every_third(point: Point) -> str:
        passed.append(point)
        return victim if len(passed) % EVERY == offset else ""

    walker.choose = every_third
    holds(walker, lab, swapped(walker, lab))
    with capsys.disabled():
        print(f"\n{victim}: {len(walker.kills)} of {len(passed)} points", end="")
