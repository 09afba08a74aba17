"""Runs whose time has passed, in a real Redis."""

import time
from typing import Any

import msgspec
import pytest

from bot.config import JOBS, SigningKey
from bot.errors import BadEnvelope
from bot.queue.lease import Lease
from bot.runs import overdue
from bot.runs.execution import Keeping
from bot.runs.handler import RunHandler
from bot.runs.model import RUN_DEADLINE_S, Progress, Run, RunRequest
from bot.runs.overdue import end_overdue, mark_unsigned
from bot.runs.runs import ENDS, Runs
from bot.store.connection import connect
from bot.store.due import Due
from tests.bot.test_hostile import Fixed

KEY = SigningKey(JOBS, b"0123456789abcdef")


def request(expires_in_s: float, run: str = "r1") -> RunRequest:
    """A run that nobody waits for any more after so many seconds."""
    now = time.time()
    return RunRequest(
        id=run, cluster="lab", command="run", checks=("nic",), requested_at=now, expires_at=now + expires_in_s
    )


@pytest.fixture
def runs(redis_client: Any) -> Runs:
    """The runs of one cluster."""
    return Runs(redis_client, "lab")


def ended(runs: Runs, run: str = "r1") -> Run:
    """The run after somebody has looked for overdue ones."""
    end_overdue(runs)
    return runs.find(run)


def test_a_run_that_still_has_time_is_left_alone(runs: Runs) -> None:
    """It is looked at when it expires, and not before."""
    runs.submit(request(60.0), KEY)

    assert "queued" == ended(runs).state
    assert 59 < Due(runs.client, runs.keys, ENDS).waiting()["run/r1"] <= 60


def test_of_two_who_look_one_ends_it(runs: Runs) -> None:
    """It ends once, and nothing is left to do."""
    runs.submit(request(0.0), KEY)

    assert "failed" == ended(runs).state
    version = runs.client.hget(runs.keys.record("run", "r1"), "version")
    end_overdue(runs)

    assert version == runs.client.hget(runs.keys.record("run", "r1"), "version")
    assert {} == Due(runs.client, runs.keys, ENDS).waiting()


def test_a_run_whose_worker_is_gone_for_good_ends(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that goes on is looked at again, until nothing has changed for longer than any attempt may take."""
    runs.submit(request(0.0), KEY)
    runs.update("r1", state="running", progress=Progress("paths", 1, 2))
    assert "running" == ended(runs).state
    longest_s = RUN_DEADLINE_S + overdue.SILENT_S
    assert longest_s - 1 < Due(runs.client, runs.keys, ENDS).waiting()["run/r1"] <= longest_s

    monkeypatch.setattr(overdue, "SILENT_S", -RUN_DEADLINE_S)
    runs.submit(request(0.0, "r2"), KEY)
    runs.update("r2", state="running")

    assert ("failed", True) == (ended(runs, "r2").state, "was not heard of again" in ended(runs, "r2").error)


@pytest.mark.parametrize(
    ("parameters", "longer_s"),
    [
        ({}, 0.0),
        ({"ipv6": {"minutes": 3}, "dns": {}}, 180.0),
        ({"ipv6": {"minutes": 999}}, 600.0),
        ({"a": {"minutes": "x"}}, 0),
    ],
)
def test_a_run_that_watches_has_the_time_for_it(parameters: dict[str, dict[str, Any]], longer_s: float) -> None:
    """The minutes that a check is to watch, up to a bound; what is no number of minutes adds none."""
    watching = msgspec.structs.replace(request(0.0), parameters=parameters)

    assert RUN_DEADLINE_S + longer_s == watching.deadline_s


def test_a_run_that_has_ended_stays_as_it_is(runs: Runs) -> None:
    """What is due about it is dropped."""
    runs.submit(request(0.0), KEY)
    runs.cancel(runs.find("r1"), "somebody")

    assert ("cancelled", "Cancelled by somebody.") == (ended(runs).state, ended(runs).error)
    assert {} == Due(runs.client, runs.keys, ENDS).waiting()


def test_a_worker_with_another_key_marks_what_it_refuses(redis_url: str, runs: Runs) -> None:
    """The run ends now, long before it expires, and says what to put right."""
    runs.submit(request(60.0), KEY)
    [(entry, fields)] = runs.client.xrange(runs.keys.runs)
    other = SigningKey(JOBS, b"fedcba9876543210")
    handler = RunHandler(lambda: connect(redis_url), other, "lab", Fixed(), Keeping(60, 60))

    with pytest.raises(BadEnvelope):
        handler.prepare(Lease(runs.keys.runs, entry.decode(), fields, 1))

    run = ended(runs)
    assert ("failed", True) == (run.state, run.error.startswith("The worker of lab refuses the signature"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 20_000,
        b'{"id":"\xff"}',
        msgspec.json.encode({"id": "r1:plan"}),
        msgspec.json.encode({"id": "r" * 65}),
        msgspec.json.encode({"id": "unknown"}),
    ],
)
def test_a_forged_request_reaches_no_other_key(redis_url: str, runs: Runs, body: bytes) -> None:
    """Whatever it claims to be, nothing is written but a mark on a queued run of that very id."""
    runs.submit(request(60.0), KEY)
    before = set(runs.client.scan_iter())
    handler = RunHandler(lambda: connect(redis_url), KEY, "lab", Fixed(), Keeping(60, 60))

    with pytest.raises(BadEnvelope):
        handler.prepare(Lease(runs.keys.runs, "1-1", {b"body": body, b"signature": b"forged"}, 1))

    assert (before, "queued") == (set(runs.client.scan_iter()), ended(runs).state)


def test_a_forged_refusal_cannot_end_what_goes_on(runs: Runs) -> None:
    """Once a worker has begun a run, its signature was right."""
    runs.submit(request(60.0), KEY)
    runs.update("r1", state="running")

    mark_unsigned(runs, "r1")

    assert "running" == ended(runs).state
