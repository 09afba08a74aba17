"""What a real HTTP server says as an API server: ready or not, and what it counted between two readings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.apiserver import CHECK
from checks.apiserver.model import Calls, Data, Request
from checks.cluster.api import Cluster
from checks.observation import Context, Network
from tests.checks.api_server import APIServer, answer, kubeconfig, serving, status
from tests.checks.apiserver.sound import READY

DURATION = "apiserver_admission_webhook_admission_duration_seconds"
LABELS = 'name="a.example.org",operation="CREATE",rejected="false",type="validating"'
OTHER = 'apiserver_request_total{code="200"} 5\n' * 2000


def figures(count: int, seconds: float, failed: int = 0, passed_over: int = 0, denied: int = 7) -> bytes:
    """An API server's metrics in Prometheus's text format, what is asked for among thousands of other lines."""
    rejection = "apiserver_admission_webhook_rejection_count"
    hook = 'name="a.example.org",operation="CREATE",rejection_code="0",type="validating"'
    return "\n".join(
        [
            OTHER,
            f'{DURATION}_bucket{{{LABELS},le="0.005"}} {count}',
            f"{DURATION}_sum{{{LABELS}}} {seconds}",
            f"{DURATION}_count{{{LABELS}}} {count}",
            f'{rejection}{{error_type="calling_webhook_error",{hook}}} {failed}',
            f'{rejection}{{error_type="no_error",{hook}}} {denied}',
            f'apiserver_admission_webhook_fail_open_count{{name="a.example.org",type="validating"}} {passed_over}',
            OTHER,
        ]
    ).encode()


@pytest.fixture
def server() -> Iterator[APIServer]:
    """A small real server that is ready."""
    with serving() as running:
        running.responders["/readyz"] = lambda handler, _: answer(handler, READY.encode())
        yield running


def observed(server: APIServer, folder: Path, *readings: bytes) -> Data:
    """What is told where `/metrics` says one thing after the other."""
    left = list(readings)
    if readings:
        server.responders["/metrics"] = lambda handler, _: answer(handler, left.pop(0))
    cluster = Cluster.connect(kubeconfig=kubeconfig(folder, server.url))
    request = Request(node="cp", window_s=0.0, admission=True)
    data = CHECK.observe(request, Context(Network.CLUSTER, cluster=cluster))
    assert isinstance(data, Data)
    return data


def test_what_was_counted_between_two_readings_is_told(server: APIServer, tmp_path: Path) -> None:
    """Of a denial nothing: the webhook answered; and of what was before the first reading nothing."""
    data = observed(server, tmp_path, figures(100, 5.0, 3, 2), figures(104, 7.0, 4, 4, denied=90))

    assert (Calls(webhook="a.example.org", sort="validating", count=4, seconds=2.0, failed=1, passed_over=2),) == (
        data.calls
    )
    assert ("cp", 200, READY, "") == (
        data.node,
        data.ready.status,
        data.ready.message,
        data.figures and data.figures.message,
    )


@pytest.mark.parametrize("after", [figures(100, 5.0, 3, 2), figures(1, 0.1), b""])
def test_nothing_is_told_where_nothing_was_called(server: APIServer, tmp_path: Path, after: bytes) -> None:
    """An API server that was started anew meanwhile counts from nothing: less than before is no call."""
    assert () == observed(server, tmp_path, figures(100, 5.0, 3, 2), after).calls


def test_a_refusal_is_kept(server: APIServer, tmp_path: Path) -> None:
    """Whoever may not read figures is told so, and what else is known is kept."""
    server.responders["/metrics"] = status(403, 'forbidden: User "x" cannot get path "/metrics"')
    data = observed(server, tmp_path)

    assert (200, 403) == (data.ready.status, data.figures and data.figures.status)
    assert data.figures
    assert "cannot get path" in data.figures.message


def test_no_webhook_no_reading(server: APIServer, tmp_path: Path) -> None:
    """Figures are megabytes: nobody asks for them without a reason."""
    cluster = Cluster.connect(kubeconfig=kubeconfig(tmp_path, server.url))
    CHECK.observe(Request(), Context(Network.CLUSTER, cluster=cluster))

    assert ["/readyz"] == [path for path, _, _ in server.requests]
