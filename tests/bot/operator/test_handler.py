"""Which orders the operator carries out, and what it tells of them, in a real Redis."""

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kubernetes.client import Configuration

from bot.access.audit import Audit
from bot.access.policy import Policy
from bot.access.requester import Requester
from bot.access.rulebook import Rulebook
from bot.config import JOBS, OPERATIONS, SigningKey
from bot.errors import BadEnvelope
from bot.operator.acts import DOINGS, NotDone, Site
from bot.operator.cluster.api import Api
from bot.operator.cluster.errors import Invalid, NoAnswer
from bot.operator.handler import Means, OrderHandler
from bot.operator.lead import Lead
from bot.queue.envelope import seal
from bot.queue.lease import Lease
from bot.runbooks.execution import Approved
from bot.runbooks.model import Approval, Hand, Step, Undo, digest
from bot.runbooks.operations import Cordon, ExchangeAdapter, Operation, Uncordon
from bot.runbooks.orders import BEGUN, DONE, FAILED, LOST, ORDER, Order, Performed, performed
from bot.runbooks.registry import RUNBOOKS
from bot.store.connection import connect
from bot.store.keys import Keys
from checks.text import say
from tests.bot.runbooks.situations import ALL_VERBS, incident

KEY = SigningKey(OPERATIONS, b"fedcba9876543210")
KEYS = Keys("lab")
STARTER, OTHER, THIRD = (Requester(name, user, "T1") for name, user in (("ada", "U1"), ("grace", "U2"), ("joan", "U3")))
RULES = """
[remediate]
users = ["U1", "U2"]
[approve]
users = ["U2", "U1"]
"""


def step(approval: Approval = Approval.SECOND) -> Step:
    """One that cordons w1."""
    return Step(
        name="cordon",
        title=say("Cordon w1"),
        node="w1",
        unit="w1",
        hand=Hand.OPERATOR,
        operation=Cordon(node="w1"),
        undo=Undo(title=say("Uncordon w1"), operation=Uncordon(node="w1")),
        approval=approval,
    )


def order(by: Requester = OTHER, operation: Operation | None = None, **changes: Any) -> Order:
    """An order that is as it must be."""
    steps = changes.pop("steps", (step(),))
    word = Approved(by=by, at=time.time(), revision=3, digest=digest(steps), channel="C1")
    made = Order(
        id="o-1",
        cluster="lab",
        execution="i-1",
        operation=operation or Cordon(node="w1"),
        steps=steps,
        requested_by=STARTER,
        approved=word,
        # Made when tests are collected, which in a whole run is long before they begin.
        expires_at=time.time() + 3600,
    )
    return msgspec.structs.replace(made, **changes)


class Operator:
    """A handler with rules, and a cluster that tells whether it was asked for anything."""

    def __init__(self, url: str, rules: Path) -> None:
        self.client: Any = connect(url)
        self.asked = 0
        self.fails: Exception | None = None
        self.handler = OrderHandler(
            Means(
                connect=lambda: connect(url),
                key=KEY,
                cluster="lab",
                name="operator-1",
                api=self._api,
                vcenter=None,
                privileged=None,
                policy=Policy(Rulebook(str(rules))),
                turn=Lead(self.client, KEYS, "operator-1").take,
            )
        )

    def _api(self) -> Api:
        self.asked += 1
        raise self.fails or Invalid("There is no cluster behind this test.")

    def take(self, given: Order, key: SigningKey = KEY) -> Performed | None:
        """What is told of an order after it was taken."""
        fields = {name.encode(): value for name, value in seal(key, ORDER, given).items()}
        entry = self.client.xadd(KEYS.orders, {"x": "y"}).decode()
        work = self.handler.prepare(Lease(KEYS.orders, entry, fields, 1))
        if work:
            work.act()
        found = performed(self.client, KEYS).read(given.id)
        return getattr(found, "content", None)


@pytest.fixture
def operator(redis_url: str, tmp_path: Path) -> Operator:
    """The active one."""
    rules = tmp_path / "access.toml"
    rules.write_text(RULES, encoding="utf-8")
    return Operator(redis_url, rules)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"expires_at": 0.0}, "too long ago"),
        ({"approved": None}, "Nobody has approved"),
        ({"by": STARTER}, "may not"),
        ({"by": THIRD}, "may not"),
        ({"operation": Cordon(node="w2")}, "none of the steps"),
        ({"steps": (step(Approval.NONE),), "approved": order().approved}, "not what it says"),
    ],
    ids=["expired", "unapproved", "own-approval", "no-right", "another-node", "other-steps"],
)
def test_an_order_that_is_not_as_it_must_be_is_refused(operator: Operator, given: dict[str, Any], why: str) -> None:
    """It says why, and nothing is asked of the cluster."""
    told = operator.take(order(**given))

    assert told is not None
    assert (FAILED, True, 0) == (told.state, why in told.lines[0], operator.asked)


def test_an_order_of_another_key_is_no_order(operator: Operator) -> None:
    """Whoever can write to Redis can put anything on the stream; the key for jobs opens nothing here."""
    with pytest.raises(BadEnvelope):
        operator.take(order(), SigningKey(OPERATIONS, b"another-0123456789"))
    with pytest.raises(ValueError, match="sealed under the key"):
        operator.take(order(), SigningKey(JOBS, KEY.secret))
    with pytest.raises(BadEnvelope, match="for the cluster"):
        operator.take(order(cluster="prod"))


def test_rights_that_were_taken_away_after_the_click_count(operator: Operator, tmp_path: Path) -> None:
    """The file is read again before it is acted."""
    (tmp_path / "access.toml").write_text('[remediate]\nusers = ["U1"]\n[approve]\nusers = ["U1"]\n', encoding="utf-8")
    told = operator.take(order())

    assert told is not None
    assert (FAILED, 0) == (told.state, operator.asked)


def test_the_way_back_needs_one_person(operator: Operator) -> None:
    """Who started the plan may send it to safety."""
    told = operator.take(order(by=STARTER, operation=Uncordon(node="w1")))

    assert told is not None
    assert (FAILED, 1) == (told.state, operator.asked)


def test_what_it_knows_to_have_failed_is_told_so(operator: Operator) -> None:
    """In the words of whoever refused, and in the audit record with the approver's name."""
    told = operator.take(order())

    assert told is not None
    assert (FAILED, ("There is no cluster behind this test.",)) == (told.state, told.lines)
    (noted,) = Audit(operator.client, "lab").read()
    assert ("cordon", "grace", "not done") == (noted.act.command, noted.act.by.name, noted.outcome)


def test_what_nobody_knows_the_end_of_is_lost(operator: Operator) -> None:
    """An API server that does not answer may have done it."""
    operator.fails = NoAnswer("The API server did not answer.")
    told = operator.take(order())

    assert told is not None
    assert LOST == told.state


def test_what_was_begun_and_not_ended_is_looked_at(operator: Operator) -> None:
    """A second operator asks the cluster what is true, and does nothing."""
    begun = Performed(order="o-1", state=BEGUN, operator="operator-0", fence=0)
    performed(operator.client, KEYS).create("o-1", begun)
    told = operator.take(order())

    assert told is not None
    assert (FAILED, 1, "operator-1") == (told.state, operator.asked, told.operator)


def test_what_was_told_once_stays(operator: Operator) -> None:
    """The same order delivered again changes nothing."""
    done = Performed(order="o-1", state=DONE, operator="operator-0", fence=1)
    performed(operator.client, KEYS).create("o-1", done)

    assert (done, 0) == (operator.take(order()), operator.asked)


def test_one_operator_is_active(redis_client: Any) -> None:
    """The second waits; when the first is gone it has a turn with a larger number."""
    first, second = Lead(redis_client, KEYS, "a"), Lead(redis_client, KEYS, "b")
    assert [1, 0, 1] == [first.take(), second.take(), first.take()]
    redis_client.hset(KEYS.lead, "until", "0")
    assert [2, 0] == [second.take(), first.take()]


def test_it_never_switches_off_the_node_that_it_runs_on() -> None:
    """It would end with it, and nobody would switch it on again."""
    site = Site(Api(Configuration()), None, None, "i-1", "o-1", node="w1")
    asked = ExchangeAdapter(node="w1", mac="00:50:56:00:00:0b", to="e1000e")
    with pytest.raises(NotDone, match="runs on w1 itself"):
        DOINGS[ExchangeAdapter].act(site, asked)


def test_every_operation_can_be_done() -> None:
    """Whatever a plan orders, the operator has a row for."""
    plans = [RUNBOOKS[name].plan(incident(verbs=ALL_VERBS, api_outage=True)) for name in ("vmxnet3-to-e1000e",)]
    plans.append(RUNBOOKS["redeploy-metallb"].plan(incident(verbs=ALL_VERBS)))
    ordered = {type(s.operation) for plan in plans for s in plan.steps if s.operation}
    assert set() == ordered - DOINGS.keys()
    assert ALL_VERBS == {str(kind.__struct_config__.tag) for kind in DOINGS}
