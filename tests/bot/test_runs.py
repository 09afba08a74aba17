"""Runs in a real Redis."""

import threading
import time
from importlib import resources
from typing import Any

import msgspec
import pytest

from bot.access.requester import Requester
from bot.config import JOBS, SigningKey
from bot.errors import Refused, UsageError
from bot.fleet import FORGOTTEN_S, Fleet, cluster_seen, clusters
from bot.messages.where import Where
from bot.playground.demo import INCIDENT
from bot.queue.lease import Lease
from bot.runs.brief import FIELD, briefs
from bot.runs.bundle import Replay, read
from bot.runs.execution import Keeping
from bot.runs.handler import RunHandler
from bot.runs.model import Progress, RunRequest
from bot.runs.requests import new_id, run_request
from bot.runs.runs import Runs
from bot.runs.status import status_of
from bot.store.connection import connect
from bot.store.keys import Keys
from checks.diagnosis.model import Diagnosis
from checks.finding import Severity
from checks.report import Report
from checks.text import say
from tests.conftest import RedisServer

KEY = SigningKey(JOBS, b"0123456789abcdef")
RECORDING = str(resources.files("bot").joinpath(INCIDENT))


def request(run: str = "r1") -> RunRequest:
    """A run that is asked for now."""
    return run_request("run", "lab", {"nic": {}}, nodes=("w1",), run=run, by=Requester("somebody"), now=time.time())


@pytest.fixture
def runs(redis_client: Any) -> Runs:
    """The runs of one cluster."""
    return Runs(redis_client, "lab", limit=3)


def test_a_run_is_stored_and_queued_in_one_step(runs: Runs) -> None:
    """What was accepted is there for a worker, and for whoever asks."""
    assert runs.submit(request(), KEY, Where("C1"))

    run = runs.get("r1")
    assert run is not None
    assert (request().checks, "queued", Where("C1")) == (run.request.checks, run.state, run.where)
    assert 1 == runs.client.xlen(runs.keys.runs)


def test_the_same_run_twice_is_queued_once(runs: Runs) -> None:
    """Slack's second delivery of one command asks for nothing new."""
    assert [True, False] == [runs.submit(request(), KEY), runs.submit(request(), KEY)]
    assert 1 == runs.client.xlen(runs.keys.runs)


def test_the_same_trigger_gives_the_same_run() -> None:
    """The id comes from Slack's trigger; without one it is random."""
    assert new_id("12.34.ab") == new_id("12.34.ab") != new_id("12.34.cd")
    assert new_id() != new_id()


def test_a_full_queue_refuses_with_what_to_do(runs: Runs) -> None:
    """Nothing is trimmed away: a run that does not fit is not taken."""
    for number in range(3):
        runs.submit(request(f"r{number}"), KEY)

    with pytest.raises(Refused) as caught:
        runs.submit(request("r9"), KEY)

    assert caught.value.text.startswith("3 runs are waiting in lab already")
    assert runs.get("r9") is None
    assert 3 == runs.client.xlen(runs.keys.runs)


def test_a_run_is_found_by_the_beginning_of_its_id(runs: Runs) -> None:
    """People type a few characters."""
    runs.submit(request("abcd"), KEY)
    runs.submit(request("abxy"), KEY)

    assert "abcd" == runs.find("abc").id
    for prefix, words in (("ab", "Several runs begin"), ("zz", "No run begins"), ("", "No run begins")):
        with pytest.raises(UsageError, match=words):
            runs.find(prefix)


def test_a_cancelled_run_stays_cancelled(runs: Runs) -> None:
    """Whatever its worker still says, and cancelling twice does nothing more."""
    runs.submit(request(), KEY)
    run = runs.find("r1")

    assert [True, False] == [runs.cancel(run, "somebody"), runs.cancel(run, "somebody")]
    assert not runs.update("r1", state="done", report=Report(severity=Severity.OK, findings=()))
    assert "cancelled" == runs.find("r1").state


def test_watching_shows_every_state_until_the_end(runs: Runs) -> None:
    """Whoever watches sees progress and the report, and then is done."""
    runs.submit(request(), KEY)
    seen = []
    for run in runs.watch("r1", 5):
        seen.append((run.state, run.progress.stage))
        if run.state == "queued":
            runs.update("r1", state="running", progress=Progress("reading the cluster"))
        elif run.state == "running":
            runs.update("r1", state="done", report=Report(severity=Severity.OK, findings=()))

    assert [("queued", ""), ("running", "reading the cluster"), ("done", "reading the cluster")] == seen


def test_watching_survives_a_restart_of_redis(redis_server: RedisServer) -> None:
    """Whoever waits for a run at a terminal sees its end."""
    runs = Runs(connect(redis_server.url), "lab")
    runs.submit(request(), KEY)
    changes = runs.watch("r1", 20)
    assert "queued" == next(changes).state

    redis_server.kill()
    restart = threading.Timer(0.5, redis_server.start)
    restart.start()

    assert "queued" == next(changes).state
    restart.join()
    runs.update("r1", state="done")
    assert "done" == list(changes)[-1].state


def test_clusters_do_not_meet(redis_client: Any) -> None:
    """Two clusters in one Redis share neither runs nor queues."""
    lab, prod = Runs(redis_client, "lab"), Runs(redis_client, "prod")
    lab.submit(request(), KEY)

    assert prod.get("r1") is None
    assert 0 == redis_client.xlen(prod.keys.runs)


def test_status_names_members_backlog_and_the_given_up(runs: Runs) -> None:
    """Status shows who is there, what waits and what was given up."""
    runs.fleet.seen("worker", "one")
    runs.fleet.seen("agent-host", "w1")
    runs.fleet.note_nodes(["cp", "w1"])
    runs.client.xadd(runs.keys.dead, {"stream": "s", "reason": "poison", "body": "{}"})
    runs.submit(request(), KEY)

    status = status_of(runs)

    assert [("agent-host", "w1"), ("worker", "one")] == sorted((m.role, m.name) for m in status.members)
    assert ("cp", "w1") == status.nodes
    assert [(runs.keys.runs, 1)] == [(b.stream, b.entries) for b in status.backlog]
    assert ["poison"] == [letter.reason for letter in status.dead]
    assert ["r1"] == [run.id for run in status.recent]


def test_a_cluster_is_known_once_its_worker_was_seen(redis_client: Any) -> None:
    """Names of clusters come from their workers."""
    assert () == clusters(redis_client)

    cluster_seen(redis_client, "lab")

    assert ("lab",) == clusters(redis_client)


def test_runs_are_forgotten_after_their_time(redis_client: Any) -> None:
    """From the moment a run is taken nothing of it stays for ever: neither its record nor its place in the list."""
    kept = Runs(redis_client, "lab", ttl_s=600)
    lists = {"index": kept.keys.index("run"), "ends": kept.keys.due("ends")}
    for key in lists.values():
        redis_client.zadd(key, {"long ago": time.time() - 601})

    kept.submit(request(), KEY)

    assert {"index": [b"r1"], "ends": [b"run/r1"]} == {n: redis_client.zrange(k, 0, -1) for n, k in lists.items()}
    assert 590 < redis_client.ttl(kept.keys.record("run", "r1")) <= 600
    keys = set(redis_client.keys())
    lasting = {key.encode() for key in (kept.keys.runs, *lists.values())}
    assert lasting == {key for key in keys if redis_client.ttl(key) < 0}


def test_a_worker_keeps_a_run_no_longer_than_it_is_told(redis_url: str, redis_client: Any) -> None:
    """The time to live is that of the settings of whoever writes the record last."""
    kept = Runs(redis_client, "lab", ttl_s=600)
    late = msgspec.structs.replace(request(), expires_at=1.0)
    kept.submit(late, KEY)
    [(entry, fields)] = redis_client.xrange(kept.keys.runs)
    handler = RunHandler(lambda: connect(redis_url), KEY, "lab", Replay(read(RECORDING)), Keeping(300, 60))

    handler.prepare(Lease(kept.keys.runs, entry.decode(), fields, 1))

    run = kept.get("r1")
    assert run is not None
    assert ("failed", True) == (run.state, 290 < redis_client.ttl(kept.keys.record("run", "r1")) <= 300)


def test_members_are_forgotten_after_a_day(redis_client: Any) -> None:
    """Workers have a new name at every start."""
    members = Keys("lab").members
    redis_client.zadd(members, {"worker/old": time.time() - FORGOTTEN_S - 60})

    Fleet(redis_client, "lab").seen("worker", "new")

    assert [b"worker/new"] == redis_client.zrange(members, 0, -1)


@pytest.mark.parametrize("kept", [True, False])
def test_lists_read_no_reports(runs: Runs, *, kept: bool) -> None:
    """What they show of a run is kept beside it when it ends; where it is not, as of a former version, it is made."""
    report = Report(severity=Severity.OK, findings=())
    for number, state in enumerate(("done", "cancelled", "running")):
        runs.submit(request(f"r{number}"), KEY)
        runs.update(f"r{number}", state=state, **({"report": report} if state == "done" else {}))
        if not kept:
            runs.client.hdel(runs.keys.record("run", f"r{number}"), FIELD)
    found = briefs(runs.client, [(runs.keys, run) for run in ("r2", "r0", "gone", "r1")])
    headings = [each.heading and each.heading.text.template for each in found]
    assert [("r2", None), ("r0", "Nothing to look at"), ("r1", "Cancelled")] == list(
        zip((each.request.id for each in found), headings, strict=True)
    )
    assert all(each.changed_at > 0 for each in found)


def test_the_last_diagnosis_is_known(runs: Runs) -> None:
    """The last one that ended; other runs and those that go on are none."""
    diagnosis = Diagnosis(verdict="healthy", summary=say("Well."), causes=())
    report = Report(severity=Severity.OK, findings=(), diagnosis=diagnosis)
    for run, changes in {
        "r0": {"state": "done", "report": report},
        "r1": {"state": "running", "report": report},
        "r2": {"state": "failed", "error": "x"},
    }.items():
        runs.submit(request(run), KEY)
        runs.update(run, **changes)  # type: ignore[arg-type]
    assert b"r0" == runs.client.get(runs.keys.diagnosed)
