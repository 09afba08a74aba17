"""Handshakes with real TLS servers show what these serve; the dry run goes to a real HTTP server."""

import socket
import threading
import time
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from checks.cluster.api import Cluster
from checks.observation import Context, Network
from checks.webhook import CHECK
from checks.webhook import observe as observing
from checks.webhook.model import Certificate, Data, DryRun, Handshake, Request
from tests.checks.api_server import kubeconfig, serving, status
from tests.checks.certificates import Issued, issue, tls_server

NAME = "metallb-webhook-service.metallb-system.svc"
HOST = Context(network=Network.HOST, node="w1")


@pytest.fixture(scope="module")
def authority() -> Issued:
    """Who issues what is served."""
    return issue("authority")


def shake_hands(port: int, address: str = "127.0.0.1") -> Certificate:
    """Observe one endpoint on loopback."""
    handshake = Handshake(pod="controller", address=address, port=port, server_name=NAME)
    data = CHECK.observe(Request(handshakes=(handshake,)), HOST)
    assert isinstance(data, Data)
    return data.certificates[0]


def der(issued: Issued) -> bytes:
    """A certificate as it is served."""
    return issued.certificate.public_bytes(Encoding.DER)


def test_whatever_is_served_is_shown(authority: Issued, tmp_path: Path) -> None:
    """Right or wrong: who has the caBundles judges it. The time is the node's."""
    served = issue("another.name", authority, days=-1)
    with tls_server(served.write(tmp_path)) as port:
        seen = shake_hands(port)
    assert ((der(served),), "", port) == (seen.chain, seen.detail, seen.port)
    assert abs(seen.observed_at - time.time()) < 60


def test_the_whole_chain_is_shown(authority: Issued, tmp_path: Path) -> None:
    """With the intermediates that the server sends, without which an authority further up verifies nothing."""
    middle = issue("middle", authority, is_authority=True)
    leaf = issue(NAME, middle)
    file = leaf.write(tmp_path)
    file.write_bytes(file.read_bytes() + middle.pem)
    with tls_server(file) as port:
        assert (der(leaf), der(middle)) == shake_hands(port).chain


def test_short_key_is_shown(tmp_path: Path) -> None:
    """Go speaks with a server whose key has 1024 bits, which OpenSSL of most distributions refuses."""
    leaf = issue(NAME, bits=1024)
    with tls_server(leaf.write(tmp_path), "DEFAULT:@SECLEVEL=0") as port:
        assert (der(leaf),) == shake_hands(port).chain


def test_many_that_do_not_answer_take_no_longer_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight at a time, so that a node's job stays within its deadline."""
    monkeypatch.setattr(observing, "HANDSHAKE_TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        handshakes = tuple(Handshake(pod=str(i), address="127.0.0.1", port=port, server_name=NAME) for i in range(8))
        started = time.monotonic()
        data = CHECK.observe(Request(handshakes=handshakes), HOST)
        elapsed_s = time.monotonic() - started
    assert isinstance(data, Data)
    assert [((), str(i)) for i in range(8)] == [(c.chain, c.pod) for c in data.certificates]
    assert elapsed_s < 8 * 0.5


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 80 + ".invalid"])
def test_name_that_cannot_be_resolved_says_so(host: str) -> None:
    """A webhook by URL is looked up by the node; what is no host name at all is told too."""
    seen = shake_hands(443, host)
    assert ((), True) == (seen.chain, bool(seen.detail))


def test_refused_hanging_and_plain_servers_show_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No TLS answer says nothing about the certificate, and takes its time-out at most."""
    monkeypatch.setattr(observing, "HANDSHAKE_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        started = time.monotonic()
        assert () == shake_hands(port).chain
        assert time.monotonic() - started < 10
    assert ((), "Connection refused") == ((seen := shake_hands(port)).chain, seen.detail)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak_plainly() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(4096)

        thread = threading.Thread(target=speak_plainly)
        thread.start()
        assert () == shake_hands(listener.getsockname()[1]).chain
        thread.join()


def test_dry_run_creates_a_pool_of_nobodys_addresses(tmp_path: Path) -> None:
    """The dry run is a MetalLB pool of a documentation range, and the API server's words come back whole."""
    with serving() as api:
        path = "/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools"
        api.responders[path] = status(500, "failed calling webhook")
        context = Context(network=Network.CLUSTER, cluster=Cluster.connect(kubeconfig=kubeconfig(tmp_path, api.url)))
        dry_run = DryRun(namespace="metallb-system", addresses="192.0.2.0/24", timeout_s=2)
        data = CHECK.observe(Request(dry_run=dry_run), context)
        (request,) = api.requests
    assert isinstance(data, Data)
    assert data.answer
    assert (500, "failed calling webhook") == (data.answer.status, data.answer.message)
    body = msgspec.json.decode(request[2])
    assert ("IPAddressPool", ["192.0.2.0/24"]) == (body["kind"], body["spec"]["addresses"])


def test_dry_run_is_the_workers_alone() -> None:
    """An agent that is asked for a dry run is misused, which is an error and no observation."""
    with pytest.raises(RuntimeError, match="only the worker"):
        CHECK.observe(Request(dry_run=DryRun(namespace="x", addresses="192.0.2.0/24", timeout_s=2)), HOST)
