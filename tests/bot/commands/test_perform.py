"""The one door: what is asked for is resolved, permitted, recorded and done."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from bot.access.audit import Act, Audit
from bot.access.policy import Policy
from bot.access.requester import Requester
from bot.access.rulebook import Rulebook
from bot.commands.answer import Answer, Started
from bot.commands.caller import Caller
from bot.commands.clusters import Clusters
from bot.commands.command import Means
from bot.commands.perform import Door
from bot.config import JOBS, SigningKey
from bot.errors import NotPermitted, Refused, UsageError
from bot.fleet import Fleet, cluster_seen
from bot.messages.where import Where
from bot.runs.runs import Runs
from bot.store.connection import server_time
from bot.store.keys import Keys

KEY = SigningKey(JOBS, b"0123456789abcdef")
CALLER = Caller(
    by=Requester("on-call", "U1", "T1"), surface="command", where=Where("C1", "1.2"), trigger="13.37.c0ffee"
)


@pytest.fixture
def means(redis_client: Any) -> Means:
    """One cluster, lab with the nodes w1 and w2, that takes one run."""
    cluster_seen(redis_client, "lab")
    Fleet(redis_client, "lab").note_nodes(["w1", "w2"])
    return Means(Clusters(redis_client, ttl_s=60, limit=1), lambda: KEY)


@pytest.fixture
def runs(means: Means) -> Runs:
    """The cluster's runs."""
    return means.clusters.runs("lab")


@pytest.fixture
def audit(redis_client: Any) -> Audit:
    """The cluster's audit record."""
    return Audit(redis_client, "lab")


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    """Lets others than the caller look."""
    file = tmp_path / "access.toml"
    file.write_text('[diagnose]\nusers = ["U0OTHER"]\ngroups = ["S0PLATFORM"]\n', encoding="utf-8")
    return Policy(Rulebook(str(file)), lambda _: {"U0THIRD"})


def test_an_act_is_done_and_recorded(means: Means, runs: Runs, audit: Audit) -> None:
    """The record says who, what, through what, where, when and with what outcome."""
    before = server_time(runs.client)

    outcome = Door(lambda: means).typed("run nic on w1", CALLER)

    (run,) = runs.recent()
    (recorded,) = audit.read()
    assert Started(run.id, "lab") == outcome
    assert (CALLER.by, CALLER.where, ("nic",), ("w1",)) == (
        run.request.requested_by,
        run.where,
        run.request.checks,
        run.request.nodes,
    )
    expected = Act(
        by=CALLER.by,
        surface="command",
        where=CALLER.where,
        command="run",
        line="run nic on w1",
        cluster="lab",
        nodes=("w1",),
    )
    assert (expected, "done", f"run {run.id}") == (recorded.act, recorded.outcome, recorded.detail)
    assert 0 <= recorded.at - before + 0.001 < 60


def test_the_same_trigger_starts_one_run(means: Means, runs: Runs) -> None:
    """Slack's second delivery of one command asks for nothing new."""
    door = Door(lambda: means)

    assert door.typed("diagnose", CALLER) == door.typed("diagnose", CALLER)
    assert 1 == len(runs.recent())


@pytest.mark.parametrize("line", ["diagnose", "run nic", "status", "cancel 0123"])
def test_what_is_not_permitted_is_refused_with_the_reason(
    means: Means, runs: Runs, audit: Audit, policy: Policy, line: str
) -> None:
    """Nothing is done, the person reads why, and the refusal is in the record."""
    Door(lambda: means).typed("diagnose", CALLER)
    (run,) = runs.recent()

    with pytest.raises(NotPermitted, match=r"You are not among those who may diagnose in lab\.") as refused:
        Door(lambda: means, policy).typed(line.replace("0123", run.id[:4]), CALLER)

    recorded = audit.read()[-1]
    assert (("U0OTHER", "S0PLATFORM"), line.split(maxsplit=1)[0]) == (refused.value.ask, recorded.act.command)
    assert ("refused", refused.value.text) == (recorded.outcome, recorded.detail)
    assert ["queued"] == [run.state for run in runs.recent()]


@pytest.mark.parametrize("line", ["help", "checks", "help dns"])
def test_what_is_about_netcheck_itself_needs_nothing(policy: Policy, line: str) -> None:
    """Help is there without Redis and for everybody."""

    def nothing() -> Means:
        raise AssertionError

    assert isinstance(Door(nothing, policy).typed(line, CALLER), Answer)


def test_an_act_that_fails_is_recorded_with_the_reason(means: Means, audit: Audit) -> None:
    """A full queue is an outcome too."""
    door = Door(lambda: means)
    door.typed("diagnose", CALLER)

    with pytest.raises(Refused):
        door.typed("diagnose", msgspec.structs.replace(CALLER, trigger="another"))

    recorded = audit.read()[-1]
    assert ("not done", True) == (recorded.outcome, recorded.detail.startswith("1 runs are waiting in lab already"))


def test_an_act_is_recorded_before_it_is_done(means: Means, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that ends its process, or loses Redis, stands in the record without an outcome."""
    door = Door(lambda: means)
    door.typed("diagnose", CALLER)
    (run,) = means.clusters.runs("lab").recent()
    monkeypatch.setattr(Runs, "cancel", _lose_redis)
    with pytest.raises(redis.ConnectionError):
        door.typed(f"cancel {run.id}", CALLER)

    recorded = audit.read()[-1]
    assert ("cancel", "") == (recorded.act.command, recorded.outcome)


def test_a_run_is_recorded_in_the_step_that_starts_it(
    redis_client: Any, means: Means, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One entry, and none when Redis is lost before: there is never a record without its run, nor a run without it."""
    with monkeypatch.context() as lost:
        lost.setattr("bot.runs.runs.seal", _lose_redis)
        with pytest.raises(redis.ConnectionError):
            Door(lambda: means).typed("diagnose", CALLER)
    assert 0 == redis_client.xlen(Keys("lab").audit)

    Door(lambda: means).typed("diagnose", CALLER)

    assert 1 == redis_client.xlen(Keys("lab").audit)


def test_what_starts_a_run_costs_one_question(means: Means, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permitting, recording and chaining it add none: fifty people type at once, and each acknowledgement waits."""
    monkeypatch.setattr("bot.commands.clusters.MAX_AGE_S", 600.0)
    file = tmp_path / "access.toml"
    file.write_text('[diagnose]\nusers = ["U1"]\n', encoding="utf-8")
    door = Door(lambda: means, Policy(Rulebook(str(file))))
    door.typed("diagnose", CALLER)
    client: Any = means.clusters.client
    asked: list[str] = []
    execute = client.execute_command

    def counted(*words: Any, **options: Any) -> Any:
        asked.append(words[0])
        return execute(*words, **options)

    monkeypatch.setattr(client, "execute_command", counted)
    door.typed("diagnose", CALLER)

    assert ["EVALSHA"] == asked


def _lose_redis(*_: Any) -> Any:
    raise redis.ConnectionError


@pytest.mark.parametrize("part", ["changes", "message"])
def test_a_part_of_a_key_is_no_run(means: Means, part: str) -> None:
    """What is kept of a run beside its record is not taken for a run of that name."""
    door = Door(lambda: means)
    door.typed("diagnose", CALLER)
    (run,) = means.clusters.runs("lab").recent()

    with pytest.raises(UsageError, match="No run begins"):
        door.typed(f"cancel {run.id}:{part}", CALLER)


def test_what_is_not_understood_is_no_act(means: Means, audit: Audit) -> None:
    """A mistake changes nothing and is in no record."""
    for line in ("diagnoze", "run nic on w9", "status in mars", "cancel ffff"):
        with pytest.raises(UsageError):
            Door(lambda: means).typed(line, CALLER)

    assert [] == audit.read()


def test_the_record_is_bounded_and_bears_what_it_does_not_know(
    redis_client: Any, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never fills Redis, a long text is cut, and entries of another version are passed over."""
    monkeypatch.setattr("bot.access.audit.KEPT", 50)
    act = Act(by=CALLER.by, surface="command", command="diagnose", line="x" * 10_000, cluster="lab")
    for _ in range(500):
        audit.ended(audit.began(act), "done")
    stream = Keys("lab").audit
    redis_client.xadd(stream, {"act": b"\xff"})
    redis_client.xadd(stream, {"something": "else"})

    assert redis_client.xlen(stream) < 300
    assert ("x" * 500, "done") == (audit.read(5)[-1].act.line, audit.read(5)[-1].outcome)
