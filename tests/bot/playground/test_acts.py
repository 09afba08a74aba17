"""The simulated operator: the real handler's trust, and verbs that change the recorded nodes, over a real Redis."""

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.access.policy import Policy
from bot.access.requester import Requester
from bot.access.rulebook import Rulebook
from bot.config import OPERATIONS, SigningKey
from bot.operator.acts import DOINGS
from bot.operator.handler import Means, OrderHandler
from bot.operator.lead import Lead
from bot.playground.rehearsal.acts import NoCluster, Nodes, doings
from bot.playground.rehearsal.model import Model
from bot.playground.rehearsal.shared import Shared
from bot.playground.rehearsal.world import Change, Pool, World, cordoned, exchanged, shut_down, switched, with_pool
from bot.queue.envelope import seal
from bot.queue.lease import Lease
from bot.roles.operator import verbs
from bot.runbooks.execution import Approved
from bot.runbooks.model import Approval, Hand, Step, digest
from bot.runbooks.operations import (
    ApplyPool,
    Cordon,
    DeletePod,
    DeletePool,
    Drain,
    ExchangeAdapter,
    Operation,
    Restart,
    SetOffloads,
    Uncordon,
)
from bot.runbooks.orders import BEGUN, DONE, FAILED, ORDER, Order, Performed, performed
from bot.store.connection import connect
from bot.store.keys import Keys
from checks.text import say
from tests.bot.playground.recorded import POOL, bundle

CLUSTER = bundle().cluster
KEY, KEYS = SigningKey(OPERATIONS, b"fedcba9876543210"), Keys(CLUSTER)
STARTER, SECOND = Requester("ada", "U1", "T1"), Requester("grace", "U2", "T1")
MAC = "00:50:56:00:00:0b"
SWAP = ExchangeAdapter(node="w1", mac=MAC, to="e1000e")
APPLY = ApplyPool(namespace="metallb-system", name="default", addresses=POOL)
APPLIED = with_pool("default", Pool(namespace="metallb-system", addresses=POOL))
CLOSED = cordoned("w1", closed=True)


class Operator:
    """The real handler with the simulated verbs, which take no time here."""

    def __init__(self, url: str, rules: Path) -> None:
        self.client: Any = connect(url)
        self.shared = Shared(lambda: connect(url), CLUSTER)
        self.paused: list[float] = []
        self.means = Means(
            connect=lambda: connect(url),
            key=KEY,
            cluster=CLUSTER,
            name="operator-1",
            api=NoCluster,
            vcenter=None,
            privileged=None,
            policy=Policy(Rulebook(str(rules))),
            turn=Lead(self.client, KEYS, "operator-1").take,
            doings=doings(Nodes(self.shared, Model(bundle(), self.shared.world), self.paused.append)),
        )

    def take(self, operation: Operation, by: Requester = SECOND) -> Performed:
        """What is told of an order for an operation that a second person has to approve."""
        step = Step(
            name="x", title=say("x"), unit="u", hand=Hand.OPERATOR, operation=operation, approval=Approval.SECOND
        )
        order = Order(
            id="o-1",
            cluster=CLUSTER,
            execution="i-1",
            operation=operation,
            steps=(step,),
            requested_by=STARTER,
            approved=Approved(by=by, at=time.time(), revision=3, digest=digest((step,)), channel="C1"),
            expires_at=time.time() + 60,
        )
        fields = {name.encode(): value for name, value in seal(KEY, ORDER, order).items()}
        entry = self.client.xadd(KEYS.orders, {"x": "y"}).decode()
        work = OrderHandler(self.means).prepare(Lease(KEYS.orders, entry, fields, 1))
        if work:
            work.act()
        found = performed(self.client, KEYS).read(order.id)
        content = getattr(found, "content", None)
        assert isinstance(content, Performed)
        return content


@pytest.fixture
def operator(redis_url: str, tmp_path: Path) -> Operator:
    """The active one, with the playground's rules: everybody may, and nobody approves their own plan."""
    rules = tmp_path / "access.toml"
    rules.write_text("[remediate]\n[approve]\n", encoding="utf-8")
    return Operator(redis_url, rules)


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ((), Cordon(node="w1"), (CLOSED,)),
        ((CLOSED,), Uncordon(node="w1"), (CLOSED, cordoned("w1", closed=False))),
        ((CLOSED,), Drain(node="w1"), (CLOSED,)),
        ((), SWAP, (exchanged("w1", "e1000e"),)),
        ((exchanged("w1", "e1000e"),), SWAP, (exchanged("w1", "e1000e"),)),
        ((switched("w1", on=False),), APPLY, (switched("w1", on=False), APPLIED)),
        ((APPLIED,), DeletePool(namespace="metallb-system", name="default", addresses=POOL), ()),
        ((), Restart(kind="Deployment", namespace="metallb-system", name="controller"), ()),
        ((), DeletePod(namespace="kube-system", name="coredns-1"), ()),
    ],
    ids=["cordon", "uncordon", "drain", "exchange", "exchanged-before", "apply", "delete", "restart", "delete-pod"],
)
def test_a_verb_changes_the_recorded_nodes(
    operator: Operator, before: tuple[Change, ...], operation: Operation, after: tuple[Change, ...]
) -> None:
    """What it is to change is changed, nothing else is, and every line says that it was simulated."""
    for change in before:
        operator.shared.change(change)
    expected = World()
    for change in after:
        expected = change(expected)

    told = operator.take(operation)

    assert (DONE, expected) == (told.state, operator.shared.world())
    assert told.lines
    assert [True] * len(told.lines) == [line.endswith("(simulated)") for line in told.lines]


@pytest.mark.parametrize("operation", [Drain(node="w1"), APPLY], ids=["not-cordoned", "webhook-broken"])
def test_what_cannot_be_done_is_not(operator: Operator, operation: Operation) -> None:
    """A drain needs a cordon, and the API server refuses a pool as long as it does not reach the webhook."""
    told = operator.take(operation)

    assert (FAILED, World()) == (told.state, operator.shared.world())


def test_the_starter_cannot_approve_an_exchange(operator: Operator) -> None:
    """The second person's rule is the real one."""
    told = operator.take(SWAP, by=STARTER)

    assert (FAILED, World()) == (told.state, operator.shared.world())


@pytest.mark.parametrize(
    ("came", "state"), [(shut_down("w1"), FAILED), (exchanged("w1", "e1000e"), DONE)], ids=["half", "whole"]
)
def test_what_another_one_began_is_looked_at(operator: Operator, came: Change, state: str) -> None:
    """It is told how far it came, and nothing is done a second time."""
    operator.shared.change(came)
    performed(operator.client, KEYS).create("o-1", Performed(order="o-1", state=BEGUN, operator="0", fence=0))

    assert (state, []) == (operator.take(SWAP).state, operator.paused)


def test_it_can_do_all_that_a_real_one_can(operator: Operator) -> None:
    """It needs no vCenter for it; offloads alone are left to people, so that they see a step done by hand."""
    simulated = DOINGS.keys() - {SetOffloads}
    assert simulated == operator.means.doings.keys()
    assert sorted(str(kind.__struct_config__.tag) for kind in simulated) == list(verbs(operator.means))


def test_two_who_change_the_world_at_once_both_do(redis_url: str) -> None:
    """Nobody's change is lost."""
    shared = Shared(lambda: connect(redis_url), CLUSTER)

    def meanwhile(world: World) -> World:
        if not world.machine("w2").cordoned:
            Shared(lambda: connect(redis_url), CLUSTER).change(cordoned("w2", closed=True))
        return CLOSED(world)

    shared.change(meanwhile)

    machines = msgspec.to_builtins(shared.world())["machines"]
    assert {"w1": {"cordoned": True}, "w2": {"cordoned": True}} == machines
