"""How a drain ends when nothing moves, and what the API server's refusals become: on a server that plays it."""

from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from bot.operator.cluster import eviction, nodes
from bot.operator.cluster.api import Api
from bot.operator.cluster.drain import Judgement, Question, Reason, Verdict, Word
from bot.operator.cluster.errors import ClusterError, Conflict, Invalid, NoAnswer, NotAllowed, NotThere
from bot.operator.cluster.eviction import Blocked, Drained, NeedsWord, OutOfTime, Progress, Refusal, Stuck
from tests.checks.api_server import APIServer, Request, Responder, answer, items, kubeconfig, serving, status

NODE = "/api/v1/nodes/w1"
PODS = "/api/v1/pods"
SHOP = "/api/v1/namespaces/shop/pods"
BUDGETS = "/apis/policy/v1/poddisruptionbudgets"
LONG_AGO = "2020-01-01T00:00:00Z"
Object = dict[str, Any]


def pod(name: str = "app", **metadata: Any) -> Object:
    """A pod of a ReplicaSet, ready."""
    owner = {"kind": "ReplicaSet", "name": "app", "controller": True}
    known = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "labels": {"app": name}}
    return {
        "metadata": known | {"ownerReferences": [owner]} | metadata,
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def budget(**counts: int) -> Object:
    """A budget for the pod `app` that allows nothing."""
    counted = {"expectedPods": 1, "desiredHealthy": 1, "currentHealthy": 1} | counts
    return {
        "metadata": {"name": "budget", "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": "app"}}},
        "status": counted,
    }


@pytest.fixture
def server() -> Iterator[APIServer]:
    """A server with one node that is cordoned already."""
    with serving() as played:
        cordoned = {"metadata": {"name": "w1"}, "spec": {"unschedulable": True}}
        played.responders[NODE] = lambda handler, _: answer(handler, cordoned)
        yield played


@pytest.fixture
def api(server: APIServer, tmp_path: Path) -> Api:
    """The operator's way to it."""
    return Api.connect(kubeconfig=kubeconfig(tmp_path, server.url))


def holds(server: APIServer, *pods: Object) -> None:
    """Let the node have these pods."""
    server.responders[PODS] = server.responders[SHOP] = items(*pods)
    for each in pods:
        server.responders[f"{SHOP}/{each['metadata']['name']}"] = partial(_answer_with, each)


def _answer_with(body: Object, handler: BaseHTTPRequestHandler, _: Request) -> None:
    answer(handler, body)


def in_turn(*responders: Responder) -> Responder:
    """Answers differently every time."""
    left = iter(responders)

    def respond(handler: BaseHTTPRequestHandler, request: Request) -> None:
        next(left)(handler, request)

    return respond


def refuses(server: APIServer, code: int = 429, message: str = "budget needs 1 healthy pods") -> None:
    """Let it refuse the eviction of `app`."""
    server.responders[f"{SHOP}/app/eviction"] = status(code, message)


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of drains."""
    played = Clock()
    monkeypatch.setattr("bot.operator.cluster.eviction.time.monotonic", lambda: played.now)
    return played


def drained(api: Api, clock: Clock, deadline_s: float = 60) -> tuple[eviction.End, list[Progress]]:
    """How a drain ends, and what it told."""
    told: list[Progress] = []
    return eviction.drain(api, "w1", "x1", deadline_s, told.append, pause=clock.pause), told


BLOCKED = Refusal("shop/app", "uid-app", Judgement(Verdict.NEVER, Reason.NO_ROOM, ("shop/budget",), ("shop/app",)))


def test_a_budget_that_never_gives_way_is_told_at_once(server: APIServer, api: Api, clock: Clock) -> None:
    """The first round names budget and pod; after ten seconds without a change the drain ends with them."""
    holds(server, pod())
    refuses(server)
    server.responders[BUDGETS] = items(budget())

    end, told = drained(api, clock)

    assert (Blocked((BLOCKED,)), [Progress(refused=(BLOCKED,))]) == (end, told)
    assert clock.now == 1000.0 + 10


def test_a_budget_that_is_slow_has_until_the_deadline(server: APIServer, api: Api, clock: Clock) -> None:
    """It may give way at any moment, so only time ends the wait."""
    holds(server, pod())
    refuses(server)
    server.responders[BUDGETS] = items(budget(expectedPods=2))

    end, _ = drained(api, clock, 30)

    assert isinstance(end, OutOfTime)
    assert Reason.STARTING is end.progress.refused[0].judgement.reason
    assert clock.now == 1000.0 + 31


def test_a_pod_that_does_not_end_is_named(server: APIServer, api: Api, clock: Clock) -> None:
    """Long after its time a pod is still there: its kubelet does not end it, and waiting will not either."""
    holds(server, pod(deletionTimestamp=LONG_AGO))

    assert (Stuck(("shop/app",)), 1) == (drained(api, clock)[0], len(drained(api, clock)[1]))


def test_a_pod_that_is_asked_about_holds_up_no_other(server: APIServer, api: Api, clock: Clock) -> None:
    """A question that arises in the middle is put at the end; the first ones before anything is changed."""
    bare = pod("bare", ownerReferences=[])
    question = Question("shop/bare", (Word.UNMANAGED,))
    holds(server, bare)
    assert (NeedsWord((question,)), []) == drained(api, clock)
    assert NODE not in [path for path, _, _ in server.requests]

    holds(server, bare, pod())
    server.responders[PODS] = in_turn(items(pod()), items(bare, pod()), items(bare))
    server.responders[f"{SHOP}/app/eviction"] = status(201, "")

    end, told = drained(api, clock)

    assert NeedsWord((question,)) == end
    assert [(1, ("shop/app",)), (1, ())] == [(each.evicted, each.leaving) for each in told]


def test_a_pod_of_another_uid_is_not_evicted(server: APIServer, api: Api, clock: Clock) -> None:
    """Whoever has the name now came after the list: it is looked at in the next round."""
    server.responders[PODS] = in_turn(items(pod()), items(pod()), items())
    server.responders[f"{SHOP}/app"] = lambda handler, _: answer(handler, pod(uid="another"))

    end, _ = drained(api, clock)

    assert Drained(0, 0.0) == end
    assert f"{SHOP}/app/eviction" not in [path for path, _, _ in server.requests]


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (400, "the body is wrong", Invalid),
        (401, "Unauthorized", NotAllowed),
        (403, 'User "operator" cannot get resource "nodes"', NotAllowed),
        (403, 'admission webhook "pools" denied the request: bad range', Invalid),
        (404, 'nodes "w1" not found', NotThere),
        (409, "the object has been modified", Conflict),
        (422, "is invalid", Invalid),
        (500, "etcdserver: leader changed", ClusterError),
        (504, "request timed out", NoAnswer),
    ],
)
def test_a_refusal_keeps_the_servers_words(
    server: APIServer, api: Api, code: int, message: str, kind: type[ClusterError]
) -> None:
    """Each status is an error of its own kind, with the server's message whole and a word on what to do."""
    server.responders[NODE] = status(code, message)

    with pytest.raises(ClusterError) as refusal:
        nodes.look(api, "w1")

    assert (kind, True, True) == (type(refusal.value), message in str(refusal.value), bool(refusal.value.hint))


def test_what_is_no_answer_is_said(server: APIServer, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence, and a body that is no JSON, are errors that say so."""
    server.responders[NODE] = lambda handler, _: answer(handler, b"<html>")
    with pytest.raises(ClusterError, match="cannot be read"):
        nodes.look(api, "w1")
    monkeypatch.setattr("bot.operator.cluster.api.READ_TIMEOUT_S", 0.1)
    server.responders[NODE] = server.hang
    with pytest.raises(NoAnswer, match="did not answer to GET /api/v1/nodes/w1"):
        nodes.look(api, "w1")


def test_whoever_is_slower_looks_again_but_not_for_ever(server: APIServer, api: Api) -> None:
    """A node that somebody writes to without a pause is named; each attempt was made from a fresh look."""
    seen: list[bytes] = []

    def changed_meanwhile(handler: BaseHTTPRequestHandler, request: Request) -> None:
        if handler.command == "PATCH":
            seen.append(request[2])
            status(409, "the object has been modified")(handler, request)
        else:
            answer(handler, {"metadata": {"name": "w1", "resourceVersion": str(len(seen))}})

    server.responders[NODE] = changed_meanwhile

    with pytest.raises(Conflict, match="at each of 5 attempts"):
        nodes.cordon(api, "w1", "x1")
    assert [True] * 5 == [f'"resourceVersion":"{number}"'.encode() in body for number, body in enumerate(seen)]


def test_busy_server_is_asked_again_and_told_once(server: APIServer, api: Api) -> None:
    """What reads is read again; what changes something is sent once, because a budget is told by 429 as well."""
    answers = {"GET": [429, 200], "PATCH": [429]}

    def busy(handler: BaseHTTPRequestHandler, _: Request) -> None:
        code = answers[handler.command].pop(0)
        answer(handler, {"metadata": {"name": "w1"}}, code)

    server.responders[NODE] = busy
    assert (200, 429) == (api.ask("GET", NODE).status, api.ask("PATCH", NODE, {}).status)
    assert {"GET": [], "PATCH": []} == answers
