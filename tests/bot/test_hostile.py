"""What another version of netcheck, or somebody who may write to Redis, can leave there must not stop the others."""

from typing import Any

import msgspec
import pytest

from bot.config import JOBS, SigningKey
from bot.errors import BadEnvelope, ConfigError
from bot.fleet import clusters
from bot.queue.envelope import Kind, seal
from bot.queue.lease import Handler, Lease
from bot.queue.lifecycle import End
from bot.runs.execution import Execution, Keeping, Source
from bot.runs.handler import RunHandler
from bot.runs.job import JOB as JOB_KIND
from bot.runs.job import Job
from bot.runs.jobs import JobHandler
from bot.runs.model import REQUEST, Plan, Run, RunRequest
from bot.runs.runs import Runs
from bot.runs.status import status_of
from bot.store.connection import connect, server_time
from bot.store.keys import CLUSTERS, Keys
from checks.cluster.snapshot import Gap, Metadata, Node, Snapshot
from checks.finding import Severity
from checks.observation import Context, Network, Task
from checks.registry import CHECKS

KEY = SigningKey(JOBS, b"0123456789abcdef")
KEYS = Keys("lab")
KEEPING = Keeping(60, 60)
JOB = Job(
    id="r1/nic/host/w1",
    run="r1",
    cluster="lab",
    check="nic",
    network=Network.HOST,
    node="w1",
    request={"addresses": ["192.0.2.1"]},
    deadline_s=5,
    expires_at=1e12,
)
RUN = RunRequest(id="r1", cluster="lab", command="diagnose", checks=("nic",), expires_at=1e12)


class Fixed(Source):
    """A cluster that always looks the same."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self._snapshot = snapshot or Snapshot()

    def snapshot(self) -> Snapshot:
        """See `bot.runs.execution.Source`."""
        return self._snapshot


@pytest.fixture
def runs(redis_client: Any) -> Runs:
    """The runs of the cluster."""
    return Runs(redis_client, "lab")


def handler(url: str, kind: type[Job | RunRequest]) -> Handler:
    """What does jobs or runs of the cluster."""
    if kind is RunRequest:
        return RunHandler(lambda: connect(url), KEY, "lab", Fixed(), KEEPING)
    return JobHandler(lambda: connect(url), KEY, "lab", lambda job: Context(network=job.network))


def lease(client: Any, stream: str, content: Job | RunRequest, key: SigningKey = KEY, deliveries: int = 1) -> Lease:
    """An entry of a stream, as a consumer holds it."""
    kind: Kind[Any] = JOB_KIND if isinstance(content, Job) else REQUEST
    fields = {name.encode(): value for name, value in seal(key, kind, content).items()}
    return Lease(stream, client.xadd(stream, fields).decode(), fields, deliveries)


HOST = KEYS.jobs(Network.HOST, "w1")


@pytest.mark.parametrize(("stream", "content"), [(HOST, JOB), (KEYS.runs, RUN)], ids=["job", "run"])
def test_giving_up_what_was_never_trusted_says_nothing(
    redis_url: str, redis_client: Any, stream: str, content: Job | RunRequest
) -> None:
    """An entry that was delivered too often is given up unread: a wrong signature must not end its consumer."""
    held = lease(redis_client, stream, content, SigningKey(JOBS, b"somebody else's key"), deliveries=9)

    handler(redis_url, type(content)).gave_up(held, End.BROKEN, "It was killed.")

    assert 0 == redis_client.exists(KEYS.results("r1"), KEYS.record("run", "r1"))


@pytest.mark.parametrize(
    ("stream", "content"),
    [
        (KEYS.jobs(Network.HOST, "w2"), JOB),
        (KEYS.jobs(Network.POD, "w1"), JOB),
        (KEYS.jobs(Network.CLUSTER), JOB),
        (HOST, msgspec.structs.replace(JOB, cluster="prod")),
        (KEYS.runs, msgspec.structs.replace(RUN, cluster="prod")),
    ],
    ids=["another node", "another network", "the worker", "another cluster", "another cluster's worker"],
)
def test_an_envelope_is_good_for_its_own_stream_alone(
    redis_url: str, redis_client: Any, stream: str, content: Job | RunRequest
) -> None:
    """A job that was signed for one agent and copied to another one's stream is never run."""
    held = lease(redis_client, stream, content)

    with pytest.raises(BadEnvelope):
        handler(redis_url, type(content)).prepare(held)


def test_a_run_of_another_version_is_still_taken(redis_url: str, runs: Runs) -> None:
    """A worker needs of a run's record only its state, and any command is worth the same time."""
    later = msgspec.structs.replace(RUN, command="digest")
    runs.submit(later, KEY)
    runs.client.hset(KEYS.record("run", "r1"), "body", '{"progress": 1}')

    work = handler(redis_url, RunRequest).prepare(lease(runs.client, KEYS.runs, later))

    assert work is not None


@pytest.mark.parametrize(
    "change",
    [{"body": b'{"state":1}'}, {"body": b"[" * 20_000}, {"version": b"x"}, {"body": b'"\xff"'}, {"format": b"9"}],
    ids=["another shape", "too deep", "no number", "no text", "another format"],
)
def test_a_record_that_cannot_be_read_hides_that_run_alone(runs: Runs, change: dict[str, bytes]) -> None:
    """`status` and whoever shows runs go on with the others."""
    runs.submit(RUN, KEY)
    runs.submit(msgspec.structs.replace(RUN, id="r2"), KEY)
    runs.client.hset(KEYS.record("run", "r1"), mapping=change)

    assert (None, ["r2"]) == (runs.get("r1"), [run.id for run in status_of(runs).recent])


def test_status_shows_whatever_lies_among_members_and_dead_letters(runs: Runs) -> None:
    """Names that are no text and letters without a reason are shown as far as that is possible."""
    runs.client.zadd(KEYS.members, {b"worker/\xff": server_time(runs.client)})
    runs.client.xadd(KEYS.dead, {"x": "y"})

    status = status_of(runs)

    assert ("\N{REPLACEMENT CHARACTER}", "") == (status.members[0].name, status.dead[0].reason)


def executed(runs: Runs, request: RunRequest, snapshot: Snapshot | None = None) -> Run:
    """The run after one attempt at it."""
    runs.submit(request, KEY)
    Execution(runs.client, request, KEY, KEEPING).execute(Fixed(snapshot))
    run = runs.get(request.id)
    assert run is not None
    return run


@pytest.mark.parametrize("result", [b"[" * 100_000, b'{"check":"nic","network":"host","state":"new"}', b"\xff"])
def test_a_result_that_cannot_be_read_spoils_that_job_alone(runs: Runs, result: bytes) -> None:
    """The run ends with a report that says what is missing, also when there are results that nobody asked for."""
    plan = Plan(snapshot=Snapshot(), jobs=(JOB,))
    runs.client.set(KEYS.plan("r1"), msgspec.json.encode(plan))
    runs.client.hset(KEYS.results("r1"), mapping={JOB.id: result, "nobody's": b"{}"})

    report = executed(runs, RUN).report

    assert report is not None
    broken = next(finding for finding in report.findings if finding.code == "coverage.checks")
    assert (Severity.UNKNOWN, ["w1"]) == (broken.severity, [line.values["node"] for line in broken.evidence])


def test_a_check_that_the_worker_does_not_know_fails_the_run_with_what_to_do(runs: Runs) -> None:
    """The bot may be of a newer version than the worker."""
    run = executed(runs, msgspec.structs.replace(RUN, checks=("nic", "conntrack")))

    assert "This worker has no check 'conntrack'. Run one version of netcheck everywhere." == run.error


def test_two_tasks_that_are_alike_are_refused(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """One would be taken for the other: the run says whose mistake that is; with a name each they are two jobs."""
    task = Task(network=Network.HOST, node="w1", request=msgspec.convert(JOB.request, CHECKS["nic"].request))
    monkeypatch.setattr("checks.nic.plan.plan", lambda *_: [task, task])

    run = executed(runs, msgspec.structs.replace(RUN, id="r1"))

    assert ("failed", True) == (run.state, run.error.startswith("The check nic plans two tasks alike for w1 on host."))
    assert 0 == runs.client.xlen(HOST)


def test_tasks_with_names_are_jobs_of_their_own(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is part of the job's id."""
    request = msgspec.convert(JOB.request, CHECKS["nic"].request)
    tasks = [Task(network=Network.HOST, node="w1", request=request, name=name) for name in ("", "a", "b")]
    monkeypatch.setattr("checks.nic.plan.plan", lambda *_: tasks)

    executed(runs, RUN)

    assert [b"r1/nic/host/w1", b"r1/nic/host/w1/a", b"r1/nic/host/w1/b"] == sorted(
        runs.client.hkeys(KEYS.results("r1"))
    )


def test_parameters_of_another_version_fail_the_run_with_what_to_do(runs: Runs) -> None:
    """The bot may know a parameter that the worker does not."""
    run = executed(runs, msgspec.structs.replace(RUN, parameters={"nic": {"colour": "blue"}}))

    assert run.error.startswith("The parameters of nic do not fit: ")


@pytest.mark.parametrize("stored", [b"[" * 20_000, b'["\xff"]', b"{}"])
def test_a_plan_or_a_list_of_nodes_that_cannot_be_read_is_said(runs: Runs, stored: bytes) -> None:
    """A plan fails its run in words, and nodes are learnt anew."""
    runs.client.set(KEYS.plan("r1"), stored)
    runs.client.set(KEYS.nodes, stored)

    run = executed(runs, RUN)

    assert ("failed", True) == (run.state, run.error.endswith("Run one version of netcheck everywhere."))
    assert () == runs.fleet.nodes()


def test_nodes_that_could_not_be_listed_have_not_left(runs: Runs) -> None:
    """When the API server gives a part of the nodes, what waits for the agents of the others stays."""
    w1, w2 = (Node(metadata=Metadata(name=name)) for name in ("w1", "w2"))
    gap = Gap(verb="list nodes", reason="timeout")
    runs.client.xadd(KEYS.jobs(Network.HOST, "w2"), {"x": "y"})

    executed(runs, msgspec.structs.replace(RUN, id="r1", checks=("metallb",)), Snapshot(nodes=(w1, w2)))
    part = executed(
        runs, msgspec.structs.replace(RUN, id="r2", checks=("metallb",)), Snapshot(nodes=(w1,), gaps=(gap,))
    )

    assert ("done", ("w1", "w2")) == (part.state, runs.fleet.nodes())
    assert 1 == runs.client.xlen(KEYS.jobs(Network.HOST, "w2"))


def test_the_streams_of_nodes_that_left_are_deleted(runs: Runs) -> None:
    """A whole list without the node is what tells."""
    w1, w2 = (Node(metadata=Metadata(name=name)) for name in ("w1", "w2"))
    runs.client.xadd(KEYS.jobs(Network.HOST, "w2"), {"x": "y"})

    executed(runs, msgspec.structs.replace(RUN, id="r1", checks=("metallb",)), Snapshot(nodes=(w1, w2)))
    executed(runs, msgspec.structs.replace(RUN, id="r2", checks=("metallb",)), Snapshot(nodes=(w1,)))

    assert (("w1",), 0) == (runs.fleet.nodes(), runs.client.exists(KEYS.jobs(Network.HOST, "w2")))


@pytest.mark.parametrize("name", ["", "a b", "a}b", "{a}", "a:b", "-a", "x" * 101, "\xff"])
def test_a_cluster_has_a_name_that_keys_and_commands_can_carry(redis_client: Any, name: str) -> None:
    """Braces move keys to other slots, and nobody can type a blank: such a name is refused, and ignored in Redis."""
    redis_client.zadd(CLUSTERS, dict.fromkeys((name, "prod.eu/1@x"), server_time(redis_client)))

    with pytest.raises(ConfigError, match="cannot be called"):
        Keys(name)
    assert ("prod.eu/1@x",) == clusters(redis_client)
