"""A real HTTP server in kube-proxy's place, and files as the kernel has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.kube_proxy import CHECK
from checks.kube_proxy.model import Data, Request
from checks.observation import Context, Network
from checks.probes.outcome import Result
from tests.checks.api_server import APIServer, Responder, answer, serving, status

LATE = b'{"lastUpdated": "2026-11-25 10:00:00", "currentTime": "2026-11-25 10:05:00"}'


@pytest.fixture
def server() -> Iterator[APIServer]:
    """A small real server; what nobody set is not found there."""
    with serving() as running:
        for path in ("/livez", "/healthz", "/proxyMode"):
            running.responders[path] = status(404, "404 page not found")
        yield running


def plainly(body: bytes, code: int = 200) -> Responder:
    """Answers with these bytes."""
    return lambda handler, _: answer(handler, body, code)


def observed(server: APIServer, folder: Path, *, port: int = 0) -> Data:
    """What is told of kube-proxy on this node."""
    settings, devices = folder / "proc/sys/net/ipv4/conf/all", folder / "sys/class/net/kube-ipvs0"
    settings.mkdir(parents=True)
    devices.mkdir(parents=True)
    (settings / "arp_ignore").write_text("1\n")
    (settings / "arp_announce").write_text("2\n")
    at = server.server.server_address[1]
    context = Context(Network.HOST, "w1", procfs=str(folder / "proc"), sysfs=str(folder / "sys"))
    data = CHECK.observe(Request(health_port=port or at, metrics_port=at), context)
    assert isinstance(data, Data)
    return data


def test_it_says_how_it_is_and_in_which_mode(server: APIServer, tmp_path: Path) -> None:
    """And the kernel whose addresses the node answers for."""
    server.responders |= {"/livez": plainly(b"{}"), "/proxyMode": plainly(b"ipvs")}

    told = observed(server, tmp_path)

    assert (200, "ipvs", 1, 2, True) == (
        told.status,
        told.mode,
        told.arp_ignore,
        told.arp_announce,
        told.has_ipvs_device,
    )


def test_an_older_one_is_asked_in_its_words(server: APIServer, tmp_path: Path) -> None:
    """Before 1.28 there is no `/livez`; a mode that is none is not taken for one."""
    server.responders |= {"/healthz": plainly(LATE, 503), "/proxyMode": plainly(b"<html>")}

    told = observed(server, tmp_path)

    assert (503, LATE.decode(), "") == (told.status, told.words, told.mode)


def test_nobody_there_refuses(server: APIServer, tmp_path: Path) -> None:
    """That is an observation, and no exception."""
    assert Result.REFUSED is observed(server, tmp_path, port=1).health.result


def test_what_the_kernel_does_not_tell_is_open(server: APIServer) -> None:
    """Where settings cannot be read nobody takes them for wrong."""
    data = CHECK.observe(
        Request(health_port=1, metrics_port=server.server.server_address[1]),
        Context(Network.HOST, "w1", procfs="/none", sysfs="/none"),
    )
    assert isinstance(data, Data)
    assert (None, None, False) == (data.arp_ignore, data.arp_announce, data.has_ipvs_device)
