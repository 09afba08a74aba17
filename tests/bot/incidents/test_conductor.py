"""Executions on their way, in a real Redis, with death at every line."""

from typing import Any

import msgspec
import pytest
import redis

from bot.errors import NotPermitted, UsageError
from bot.history.episodes import Fix
from bot.history.history import History
from bot.incidents.model import Sort
from bot.queue.envelope import WrongSignature, unseal
from bot.runbooks.machine import State
from bot.runbooks.orders import FAILED, LOST, ORDER
from tests.bot.incidents.stage import JOB_KEY, OPERATIONS_KEY, OTHER, STARTER, Stage, waiting


@pytest.fixture
def stage(redis_client: Any) -> Stage:
    """An operator is there."""
    made = Stage(redis_client)
    made.operator()
    return made


def test_a_plan_is_made_and_waits_for_an_approval(stage: Stage) -> None:
    """Nothing is ordered before it."""
    stage.begin("redeploy-metallb")
    offered = stage.settle()

    assert (State.OFFERED, "restart", []) == (offered.state, offered.step and offered.step.name, stage.done())
    stage.turn()
    assert {} == waiting(stage.truth)


def test_it_goes_to_its_end_by_itself_once_approved(stage: Stage) -> None:
    """Done, verified, and told."""
    stage.begin("redeploy-metallb")
    stage.settle()
    stage.says("approve")

    assert State.DONE is stage.settle().state
    assert ["restart"] == stage.done()
    assert [Sort.DECISION, Sort.CHECK, Sort.APPROVAL, Sort.ACTION, Sort.CHECK, Sort.CHECK] == [
        entry.sort for entry in stage.incident.timeline
    ]


def test_a_finished_plan_is_what_a_cause_may_have_been_fixed_by(stage: Stage) -> None:
    """History knows it then, once, and of a plan that was stopped nothing."""
    stage.begin("redeploy-metallb")
    stage.settle()
    history = History(stage.truth, "lab")
    assert [] == history.fixes()

    stage.says("approve")
    stage.settle()
    assert [Fix("ca-bundle", "redeploy-metallb", "i-1")] == [fix for fix, _ in history.fixes()]


def test_without_an_operator_people_do_it(redis_client: Any) -> None:
    """The same plan has a person's steps then."""
    stage = Stage(redis_client)
    stage.begin("redeploy-metallb")
    assert stage.settle().operation is None
    stage.says("done")

    assert (State.DONE, []) == (stage.settle().state, stage.done())


def test_what_a_person_has_not_really_done_does_not_count(redis_client: Any) -> None:
    """It says what is not so, and goes on when it is."""
    stage = Stage(redis_client)
    stage.begin("vmxnet3-to-e1000e", "w1")
    cordon = stage.settle().index
    stage.holds = False
    stage.says("done")
    # The patience of the step is at its end.
    stage.truth.delete(stage.runs.keys.held("conduct"))
    for _ in range(4):
        stage.turn()
    stage.incidents.change("i", _impatient)
    refused = stage.settle()
    assert (State.UNVERIFIED, cordon, True) == (refused.state, refused.index, bool(refused.notes))

    stage.holds = True
    stage.says("done")
    assert (State.OFFERED, cordon + 1) == ((gone_on := stage.settle()).state, gone_on.index)


def _impatient(seen: Any, _now: float) -> Any:
    return msgspec.structs.replace(seen, execution=msgspec.structs.replace(seen.execution, until=0.0))


def test_who_started_it_may_not_approve_what_needs_a_second_person(stage: Stage) -> None:
    """Somebody else may, once, for the whole node."""
    stage.begin("vmxnet3-to-e1000e", "w1", soak_s=0)
    stage.settle()
    with pytest.raises(NotPermitted):
        stage.says("approve", STARTER)
    assert [] == stage.done()

    stage.says("approve", OTHER)
    assert State.DONE is stage.settle().state
    assert ["cordon", "drain", "exchange-adapter", "uncordon"] == stage.done()
    assert {OTHER} == {order.approved.by for order in stage.orders if order.approved}


def test_of_two_clicks_on_one_button_one_counts(stage: Stage) -> None:
    """The second is told so, and nothing happens twice."""
    stage.begin("redeploy-metallb")
    revision = stage.settle().revision
    stage.says("approve", OTHER, revision)
    with pytest.raises(UsageError, match="settled"):
        stage.says("approve", OTHER, revision)

    stage.settle()
    assert ["restart"] == stage.done()


def test_what_the_operator_could_not_do_waits_for_a_person(stage: Stage) -> None:
    """And can be done once more."""
    stage.begin("redeploy-metallb")
    stage.settle()
    stage.outcome = FAILED
    stage.says("approve")
    assert State.UNVERIFIED is stage.settle().state

    stage.outcome = "done"
    stage.says("retry")
    assert (State.DONE, ["restart", "restart"]) == (stage.settle().state, stage.done())


def test_what_nobody_knows_the_end_of_is_looked_at(stage: Stage) -> None:
    """It is not ordered again."""
    stage.begin("redeploy-metallb")
    stage.settle()
    stage.outcome = LOST
    stage.says("approve")

    assert (State.DONE, ["restart"]) == (stage.settle().state, stage.done())


def test_an_order_is_signed_with_the_key_for_operations(stage: Stage) -> None:
    """Who has the key for jobs alone, as agents do, can neither make nor change one."""
    stage.begin("redeploy-metallb")
    stage.settle()
    stage.says("approve")
    stage.conductor.look()
    stage.conductor.look()
    ((_, fields),) = stage.truth.xrange(stage.runs.keys.orders)

    assert "i-1" == unseal(OPERATIONS_KEY, ORDER, fields).execution
    with pytest.raises(ValueError, match="sealed under the key"):
        unseal(JOB_KEY, ORDER, fields)
    with pytest.raises(WrongSignature):
        unseal(OPERATIONS_KEY, ORDER, {**fields, b"body": fields[b"body"].replace(b"controller", b"contr0ller")})


class Mortal(redis.Redis):
    """A client whose process is killed at one of its calls, before it or after it."""

    calls, dies_at, before = 0, -1, True

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Count, and die."""
        Mortal.calls += 1
        dies = Mortal.calls == Mortal.dies_at
        if dies and Mortal.before:
            raise Killed
        answer = super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        if dies:
            raise Killed
        return answer


class Killed(BaseException):
    """SIGKILL: nothing catches it."""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_death_at_every_call_to_redis_does_nothing_twice(
    redis_client: Any,
    redis_url: str,
    before: bool,  # noqa: FBT001 - a parameter of the test
    capsys: Any,
) -> None:
    """Each step is done once, none is left out and no approval is lost, wherever the process dies."""
    mortal, Mortal.before, points = Mortal.from_url(redis_url), before, 0
    wrong = []
    while True:
        redis_client.flushdb()
        stage = Stage(redis_client, mortal)
        stage.operator()
        Mortal.calls, Mortal.dies_at = 0, points + 1
        died = _whole_way(stage)
        if not died:
            break
        points += 1
        Mortal.dies_at = -1
        _whole_way(stage)
        if (stage.execution.state, stage.done()) != (State.DONE, ["restart"]):
            wrong.append((points, stage.execution.state, stage.done()))
    with capsys.disabled():
        print(f"\nkill points ({'before' if before else 'after'} a call): {points}", end="")
    assert ([], True) == (wrong, points > 30)


def _whole_way(stage: Stage) -> bool:
    """From the click to the end; whether the process died on the way. May be given again after that."""
    try:
        stage.begin("redeploy-metallb")
        if stage.settle().state is State.OFFERED:
            stage.says("approve", OTHER)
        stage.settle()
    except Killed:
        return True
    return False
