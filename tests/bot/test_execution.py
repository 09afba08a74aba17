"""Runs from the request to the report: real Redis, real worker and agents, on the recording of the incident."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.access.requester import Requester
from bot.config import JOBS, SigningKey
from bot.history.history import History
from bot.playground.demo import INCIDENT
from bot.queue.envelope import seal
from bot.roles.local import Local, local_netcheck
from bot.runs.bundle import Bundle, Replay, read
from bot.runs.job import JOB, Job
from bot.runs.model import Run
from bot.runs.requests import run_request
from bot.runs.runs import Runs
from bot.runs.status import status_of
from bot.store.connection import connect, server_time
from bot.store.keys import Keys
from checks.observation import Network
from checks.place import Cluster, Node
from checks.registry import CHECKS
from tests.waiting import until

RECORDING = str(resources.files("bot").joinpath(INCIDENT))
CLUSTER = read(RECORDING).cluster


@pytest.fixture(scope="module")
def incident() -> Bundle:
    """The recording of the incident that the playground shows."""
    return read(RECORDING)


@contextmanager
def replaying(incident: Bundle) -> Iterator[Local]:
    """Worker and agents that replay the incident."""
    with local_netcheck(incident.cluster) as netcheck:
        netcheck.start("worker", "--bundle", RECORDING)
        netcheck.start("agent", "--bundle", RECORDING)
        netcheck.wait_for(["worker/", *(f"agent-{n}/{node}" for node, n in Replay(incident).stations())])
        yield netcheck


@pytest.fixture
def fragile(incident: Bundle) -> Iterator[Local]:
    """A netcheck of the test's own, to be broken."""
    with replaying(incident) as netcheck:
        yield netcheck


@pytest.fixture(scope="module")
def shared(incident: Bundle) -> Iterator[Local]:
    """One netcheck for all tests that leave it whole."""
    with replaying(incident) as netcheck:
        yield netcheck


@pytest.fixture
def local(shared: Local) -> Local:
    """The shared netcheck, with nothing in its Redis but who is there."""
    runs = runs_of(shared)
    prefix = runs.keys.record("run", "").removesuffix(":")
    leftovers = [*runs.client.scan_iter(match=f"{_escaped(prefix)}:*"), runs.keys.index("run"), runs.keys.dead]
    history = _escaped(runs.keys.series("", "").removesuffix("::"))
    leftovers += [
        *runs.client.scan_iter(match=f"{history}:*"),
        runs.keys.written,
        runs.keys.episodes,
        runs.keys.subjects,
    ]
    runs.client.delete(*leftovers)
    return shared


def _escaped(pattern: str) -> str:
    return pattern.replace("{", "[{]").replace("}", "[}]")


def runs_of(local: Local) -> Runs:
    """The runs of that netcheck."""
    return Runs(connect(local.environment["NETCHECK_REDIS_URL"]), local.environment["NETCHECK_CLUSTER"])


def key_of(local: Local) -> SigningKey:
    """The key of that netcheck."""
    return SigningKey(JOBS, local.environment["NETCHECK_JOB_KEY"].encode())


def ask(local: Local, command: str, checks: Sequence[str], nodes: tuple[str, ...] = ()) -> Runs:
    """Submit a run."""
    runs = runs_of(local)
    now = server_time(runs.client)
    wanted: dict[str, dict[str, Any]] = {name: {} for name in checks}
    request = run_request(command, runs.cluster, wanted, nodes=nodes, run="r1", by=Requester("test"), now=now)
    runs.submit(request, key_of(local))
    return runs


def ended(runs: Runs, run: str = "r1", within_s: float = 30) -> Run:
    """The run once it has ended."""
    last = list(runs.watch(run, within_s))[-1]
    assert not last.open
    return last


DIAGNOSE = ("diagnose", tuple(CHECKS))


def test_the_incident_is_named(local: Local) -> None:
    """The recorded incident is diagnosed as what it was."""
    run = ended(ask(local, *DIAGNOSE))

    assert run.report is not None
    assert run.report.diagnosis is not None
    assert "vmxnet3-tunnel-offload" == run.report.diagnosis.verdict


def test_a_diagnosis_is_kept_and_knows_its_past(local: Local) -> None:
    """Numbers by node, since when the cause is there, and in the report that it was seen for the first time."""
    runs = ask(local, *DIAGNOSE)
    history = History(runs.client, runs.cluster)

    run = ended(runs)

    assert run.report is not None
    past = run.report.past["vmxnet3-tunnel-offload"]
    assert (int(run.request.requested_at), None) == (past.since, past.before)
    assert {Cluster(), Node("cp"), Node("w1"), Node("w2")} == set(history.places("paths.cross-tcp:loss"))
    now = server_time(runs.client)
    (loss,) = history.series([("paths.cross-tcp:loss", Cluster())], now - 60, now)
    assert [1] == [point.count for point in loss.points]


def test_one_check_on_one_node_asks_that_node_alone(local: Local) -> None:
    """`run nic on w1` makes one job."""
    runs = ask(local, "run", ["nic"], ("w1",))

    run = ended(runs)

    assert ("done", 1) == (run.state, run.progress.total)
    assert [b"r1/nic/host/w1"] == runs.client.hkeys(runs.keys.results("r1"))


def test_an_unknown_node_fails_with_the_names_of_those_there_are(local: Local) -> None:
    """The worker knows the cluster's nodes also when the bot does not yet."""
    run = ended(ask(local, "run", ["nic"], ("w9",)))

    assert ("failed", True) == (run.state, run.error.startswith("There is no node 'w9'"))


def test_a_node_whose_agent_is_gone_is_a_finding_and_not_a_hang(fragile: Local) -> None:
    """The run ends, says which node did not answer, and is never healthy."""
    fragile.children[1].kill()
    fragile.children[1].wait()

    run = ended(ask(fragile, *DIAGNOSE))

    assert run.report is not None
    silent = next(f for f in run.report.findings if f.code == "coverage.agents")
    assert ("cp", "w1", "w2") == tuple(str(seen.place) for seen in silent.seen)
    assert run.report.diagnosis is not None
    assert "healthy" != run.report.diagnosis.verdict
    waiting = [runs_of(fragile).client.xlen(Keys(run.request.cluster).jobs(Network.HOST, n)) for n in ("cp", "w1")]
    assert [0, 0] == waiting


@pytest.mark.parametrize("victim", [0, 1], ids=["worker", "agent"])
def test_sigkill_during_a_run_still_gives_one_report(fragile: Local, victim: int) -> None:
    """The killed part is started again, and the run ends as if nothing had happened."""
    runs = ask(fragile, *DIAGNOSE)
    killed = fragile.children[victim]
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    fragile.start(*(str(word) for word in killed.args[3:]))  # type: ignore[index]

    run = ended(runs)

    assert run.report is not None
    assert run.report.diagnosis is not None
    assert "vmxnet3-tunnel-offload" == run.report.diagnosis.verdict
    results = runs.client.hlen(runs.keys.results("r1"))
    assert results == run.progress.total


def test_a_cancelled_run_ends_without_a_report(fragile: Local) -> None:
    """Cancel before a worker takes it: no job is made."""
    os.kill(fragile.children[0].pid, signal.SIGSTOP)
    runs = ask(fragile, *DIAGNOSE)
    runs.cancel(runs.find("r1"), "test")
    os.kill(fragile.children[0].pid, signal.SIGCONT)

    until(lambda: not runs.client.xlen(runs.keys.runs))

    assert ("cancelled", 0) == (runs.find("r1").state, runs.client.exists(runs.keys.plan("r1")))


def job(**changes: Any) -> Job:
    """A job for the agent of w1."""
    standard = Job(
        id="r1/nic/host/w1",
        run="r1",
        cluster=CLUSTER,
        check="nic",
        network=Network.HOST,
        node="w1",
        request={"addresses": ["192.0.2.1"]},
        deadline_s=5,
        expires_at=time.time() + 60,
    )
    return msgspec.structs.replace(standard, **changes)


def test_a_forged_job_is_never_run_and_is_shown(local: Local) -> None:
    """A job with a wrong signature goes to the dead letters, where `status` shows it."""
    runs = runs_of(local)
    stream = runs.keys.jobs(Network.HOST, "w1")
    runs.client.xadd(stream, dict(seal(SigningKey(JOBS, b"somebody else's key"), JOB, job())))

    dead = until(lambda: status_of(runs).dead)
    assert dead[0].reason.startswith("The signature is wrong.")
    assert (0, 0) == (runs.client.xlen(stream), runs.client.exists(runs.keys.results("r1")))


@pytest.mark.parametrize(
    ("changes", "state"),
    [({"expires_at": 1.0}, "overdue"), ({"check": "no-such-check"}, "refused"), ({"request": {"x": 1}}, "refused")],
)
def test_a_job_that_must_not_run_says_why(local: Local, changes: dict[str, Any], state: str) -> None:
    """Too late, an unknown check or a request that does not fit: the result says so."""
    runs = runs_of(local)
    key = key_of(local)
    runs.client.xadd(runs.keys.jobs(Network.HOST, "w1"), dict(seal(key, JOB, job(**changes))))

    stored = until(lambda: runs.client.hvals(runs.keys.results("r1")))
    assert state == json.loads(stored[0])["state"]


def command_line(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in an environment."""
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def netcheck(local: Local, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line against that netcheck."""
    return command_line({**os.environ, **local.environment}, *words)


def test_the_command_line_prints_one_json_document(local: Local, tmp_path: Path) -> None:
    """`diagnose --json` gives the verdict, the evidence and exit code 1; `--save` keeps a bundle of it."""
    saved = tmp_path / "bundle.json"

    result = netcheck(local, "diagnose", "--json", "--save", str(saved))

    document = json.loads(result.stdout)
    assert (1, "vmxnet3-tunnel-offload") == (result.returncode, document["verdict"])
    assert {"causes", "findings", "elapsed_s", "chain", "severity", "also"} <= set(document)
    assert {"for", "against", "probability"} <= set(document["causes"][0])
    assert read(str(saved)).snapshot.nodes == read(RECORDING).snapshot.nodes


def test_the_command_line_draws_a_picture(local: Local, tmp_path: Path) -> None:
    """`diagnose --plot` writes the matrix that the verdict rests on, tells its alt text, and changes nothing else."""
    drawn = tmp_path / "matrix.png"

    result = netcheck(local, "diagnose", "--json", "--plot", str(drawn))

    assert (1, "vmxnet3-tunnel-offload") == (result.returncode, json.loads(result.stdout)["verdict"])
    assert b"\x89PNG" == drawn.read_bytes()[:4]
    assert "drew a picture to" in result.stderr
    assert "D TCP: 4 of 6 paths fail." in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 0, "Exit codes:"),
        (["checks"], 0, "webhook"),
        (["help"], 0, "diagnose"),
        (["help", "dns"], 0, "CoreDNS"),
        (["help", "cancel"], 0, "cancel 7f3a"),
        (["diagnose"], 1, "✓ Well: "),
        (["run", "nic", "--json", "on", "w1"], 0, '"command": "run"'),
        (["--json", "run", "nic", "on", "w1"], 0, '"command": "run"'),
        (["run", "texts", 'error=failed calling webhook "x": EOF', "--json"], 1, "texts.webhook"),
        (["run", "webhook", "namespace=metalb-system"], 3, "Did you mean metallb-system?"),
        (["run", "nic", "--jsno"], 2, "Did you mean --json?"),
        (["run", "nic", "--help"], 0, "netcheck run CHECK"),
        (["status", "--save", "x"], 2, "this command starts none"),
        (["agnet"], 2, "Did you mean this? `netcheck agent`"),
        (["agent", "--network", "moon"], 2, "`netcheck agent --help`"),
        (["run", "nic", "--plot", "/nowhere/nic.png"], 0, "There is nothing to draw: no probe of this run went"),
        (["run", "paths", "--plot", "/nowhere/paths.png"], 2, "The picture cannot be saved"),
        (["run", "nic", "--save", "/nowhere/bundle"], 2, "The bundle cannot be saved"),
        (["status"], 0, "host agents: 3 of 3 nodes"),
        (["run", "dsn"], 2, "Did you mean this? `netcheck run dns`"),
        (["diagnoze"], 2, "Did you mean this? `netcheck diagnose`"),
        (["run", "nic", "on", "w9"], 2, "There is no node 'w9'"),
        (["status", "in", "mars"], 2, "There is no cluster 'mars'"),
        (["cancel", "nothing"], 2, "No run begins"),
        (["digest"], 0, "has no digest"),
        (["digest", "add", "0 9 * * fry", "channel=C012AB3CD"], 3, "NETCHECK_ACCESS names no file"),
    ],
)
def test_the_command_line_answers(local: Local, words: list[str], code: int, said: str) -> None:
    """Every command has its answer and exit code; mistakes say what to do."""
    result = netcheck(local, *words)

    assert code == result.returncode
    assert said in result.stdout + result.stderr


def test_an_unreachable_redis_is_said_and_is_exit_code_3() -> None:
    """The command line does not hang and does not show a traceback."""
    environment = {**os.environ, "NETCHECK_REDIS_URL": "redis://127.0.0.1:1/0", "NETCHECK_JOB_KEY": "x" * 16}

    result = command_line(environment, "status")

    assert (3, True) == (result.returncode, result.stderr.startswith("netcheck: Redis does not answer"))


def test_a_redis_that_refuses_is_said_and_is_exit_code_3(redis_url: str, redis_client: Any) -> None:
    """A missing permission is no traceback, whose exit code would say that the cluster is degraded."""
    redis_client.execute_command("ACL", "SETUSER", "blind", "on", ">secret", "~*", "+ping", "+time")
    url = redis_url.replace("unix://", "unix://blind:secret@")
    environment = {**os.environ, "NETCHECK_REDIS_URL": url, "NETCHECK_JOB_KEY": "x" * 16}

    result = command_line(environment, "status")

    assert (3, True) == (result.returncode, result.stderr.startswith("netcheck: Redis refuses: "))


def test_a_wrong_kubeconfig_is_said(tmp_path: Path) -> None:
    """Without Redis and with a kubeconfig that is none, the message names the file."""
    broken = tmp_path / "kubeconfig"
    broken.write_text("{", encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NETCHECK")} | {"KUBECONFIG": str(broken)}

    result = command_line(environment, "diagnose")

    assert (3, True) == (result.returncode, str(broken) in result.stderr)


KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: gone
contexts: [{name: gone, context: {cluster: gone, user: gone}}]
clusters: [{name: gone, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: gone, user: {token: none}}]
"""


def test_an_unreachable_api_server_is_said(tmp_path: Path) -> None:
    """The run fails with the server's address and exit code 3; nothing is called healthy."""
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NETCHECK")} | {"KUBECONFIG": str(path)}

    result = command_line(environment, "diagnose", "--json")

    document = json.loads(result.stdout)
    assert (3, "failed", True) == (result.returncode, document["state"], "https://127.0.0.1:1" in document["error"])
