"""What a real HTTP server says, as an API server and as a member of etcd."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from checks.cluster.api import Cluster
from checks.etcd import CHECK, observe
from checks.etcd.model import Data, Member, Metrics, Readiness, Request, Server
from checks.observation import Context, Network
from checks.probes.outcome import Result
from tests.checks.api_server import APIServer, Responder, answer, kubeconfig, serving, status
from tests.checks.api_server import Request as Asked
from tests.checks.etcd.sound import READY

EXPOSITION = b"""\
# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.
# TYPE etcd_server_has_leader gauge
etcd_server_has_leader 1
# HELP etcd_server_is_leader Whether or not this member is a leader. 1 if is, 0 otherwise.
# TYPE etcd_server_is_leader gauge
etcd_server_is_leader 0
# TYPE etcd_server_is_learner gauge
etcd_server_is_learner 0
etcd_server_leader_changes_seen_total 1
"""


@pytest.fixture
def server() -> Iterator[APIServer]:
    """A small real server."""
    with serving() as running:
        yield running


def plainly(body: bytes, code: int = 200) -> Responder:
    """Answers with these bytes."""
    return lambda handler, _: answer(handler, body, code)


def member(server: APIServer) -> Member:
    """What the member on this node tells."""
    request = Request(metrics=Metrics(port=server.server.server_address[1]))
    data = CHECK.observe(request, Context(Network.HOST, "cp"))
    assert isinstance(data, Data)
    assert data.member
    return data.member


def said(folder: Path, readiness: Readiness) -> Server:
    """What an API server says; the usual one is one that refuses."""
    cluster = Cluster.connect(kubeconfig=kubeconfig(folder, "http://127.0.0.1:1"))
    data = CHECK.observe(Request(readiness=readiness), Context(Network.CLUSTER, cluster=cluster))
    assert isinstance(data, Data)
    assert data.server
    return data.server


def test_a_member_tells_whether_it_has_and_is_the_leader(server: APIServer) -> None:
    """From among all its other figures."""
    server.responders["/metrics"] = plainly(EXPOSITION)
    told = member(server)

    assert (200, True, False, False) == (told.status, told.has_leader, told.is_leader, told.is_learner)


@pytest.mark.parametrize(
    ("line", "has_leader"),
    [
        (b"etcd_server_has_leader 0\n", False),
        (b'etcd_server_has_leader{cluster="a"} 1\n', True),
        (b"etcd_server_has_leader 1.0 1700000000000\n", True),
        (b"etcd_server_has_leader NaN\n", None),
        (b"# etcd_server_has_leader 1\n", None),
        (b"my_etcd_server_has_leader 1\n", None),
        (b"", None),
    ],
)
def test_what_is_not_told_stays_open(server: APIServer, line: bytes, has_leader: bool | None) -> None:  # noqa: FBT001
    """Neither well nor unwell."""
    server.responders["/metrics"] = plainly(b"go_threads 7\n" + line + b"up 1\n")

    assert has_leader is member(server).has_leader


def test_a_member_that_refuses_or_is_not_there_tells_nothing(server: APIServer) -> None:
    """With how that went."""
    server.responders["/metrics"] = plainly(b"", 404)
    refused = CHECK.observe(Request(metrics=Metrics(port=1)), Context(Network.HOST, "cp"))

    assert (404, None) == (member(server).status, member(server).has_leader)
    assert isinstance(refused, Data)
    assert refused.member
    assert (0, None, Result.REFUSED) == (
        refused.member.status,
        refused.member.has_leader,
        refused.member.outcome.result,
    )


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_a_member_that_is_slow_holds_nobody_up(server: APIServer, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is cut off, and what it did not tell stays open."""
    monkeypatch.setattr(observe, "METRICS_TIMEOUT_S", 0.3)
    server.responders["/metrics"] = getattr(server, how)

    assert member(server).has_leader is None


def test_an_endless_answer_is_read_to_a_limit(server: APIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands before it counts."""
    monkeypatch.setattr(observe, "METRICS_BYTES", 2000)
    server.responders["/metrics"] = plainly(EXPOSITION + b"x 1\n" * 100_000)

    assert member(server).has_leader is True


def test_an_api_server_is_asked_at_its_own_address(server: APIServer, tmp_path: Path) -> None:
    """With the credentials of the usual one; all its own checks come along, because it was asked to name them."""
    server.responders["/readyz"] = plainly(READY.encode())
    told = said(tmp_path, Readiness(address="127.0.0.1", port=server.server.server_address[1], node="cp"))

    assert ("cp", 200, READY.strip()) == (told.node, told.answer.status, told.answer.message)
    assert [("/readyz", {"verbose": "true"}, b"")] == server.requests
    assert "Bearer secret-token" == server.headers[0]["Authorization"]


def test_an_api_server_without_etcd_says_so(server: APIServer, tmp_path: Path) -> None:
    """Its words are kept whatever the status is; so are those of one that permits nothing."""
    here = Readiness(address="127.0.0.1", port=server.server.server_address[1])
    failed = b"[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"
    for responder, code, words in (
        (plainly(failed, 500), 500, failed.decode().strip()),
        (status(403, "forbidden: no"), 403, "forbidden: no"),
    ):
        server.responders["/readyz"] = responder
        assert (code, words) == (
            said(tmp_path, here).answer.status,
            said(tmp_path, here).answer.message,
        )


def test_without_an_address_the_usual_api_server_is_asked(tmp_path: Path) -> None:
    """One that does not answer is an answer."""
    told = said(tmp_path, Readiness())

    assert (0, True) == (told.answer.status, "refused" in told.answer.message)


def test_http_that_is_none_is_told(server: APIServer) -> None:
    """A server that speaks something else tells nothing of etcd."""

    def odd(handler: BaseHTTPRequestHandler, _: Asked) -> None:
        handler.wfile.write(b"SSH-2.0-x\r\n\r\netcd_server_has_leader 1\n")
        handler.close_connection = True

    server.responders["/metrics"] = odd

    assert (None, Result.WRONG_ANSWER) == (member(server).has_leader, member(server).outcome.result)
