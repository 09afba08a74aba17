"""Handshakes with real TLS servers, judged as the API server judges; the dry run goes to a real HTTP server."""

import socket
import threading
import time
from pathlib import Path

import msgspec
import pytest

from checks.cluster.api import Cluster
from checks.observation import Context, Network
from checks.webhook import CHECK
from checks.webhook import observe as observing
from checks.webhook.model import Certificate, Data, DryRun, Handshake, Request, Trust, fingerprint
from tests.checks.api_server import kubeconfig, serving, status
from tests.checks.certificates import Issued, issue, tls_server

NAME = "metallb-webhook-service.metallb-system.svc"
HOST = Context(network=Network.HOST, node="w1")


@pytest.fixture(scope="module")
def authority() -> Issued:
    """The authority whose certificate is in the caBundle."""
    return issue("authority")


def shake_hands(port: int, ca_bundle: str, name: str = NAME) -> Certificate:
    """Observe one endpoint on loopback."""
    handshake = Handshake(pod="controller", address="127.0.0.1", port=port, server_name=name, ca_bundle=ca_bundle)
    data = CHECK.observe(Request(handshakes=(handshake,)), HOST)
    assert isinstance(data, Data)
    return data.certificates[0]


def test_right_certificate_is_verified(authority: Issued, tmp_path: Path) -> None:
    """A certificate of the caBundle's authority for the Service's name verifies, and its end is told."""
    with tls_server(issue(NAME, authority, days=20).write(tmp_path)) as port:
        seen = shake_hands(port, authority.ca_bundle)
    assert (Trust.VERIFIED, "", fingerprint(authority.ca_bundle)) == (seen.trust, seen.detail, seen.bundle)
    assert 19.9 < (seen.expires_at - seen.observed_at) / 86_400 < 20.1
    assert abs(seen.observed_at - time.time()) < 60


def test_self_signed_certificate_as_its_own_bundle(tmp_path: Path) -> None:
    """Go takes any certificate of the bundle for a root, a server's own included."""
    leaf = issue(NAME, issue("nobody knows"))
    with tls_server(leaf.write(tmp_path)) as port:
        assert Trust.VERIFIED == shake_hands(port, leaf.ca_bundle).trust


def test_other_authority_is_a_mismatch(authority: Issued, tmp_path: Path) -> None:
    """A certificate of another authority of the same name does not verify."""
    with tls_server(issue(NAME, issue("authority")).write(tmp_path)) as port:
        seen = shake_hands(port, authority.ca_bundle)
    assert Trust.MISMATCH == seen.trust
    assert seen.detail


def test_other_name_is_a_mismatch(authority: Issued, tmp_path: Path) -> None:
    """A certificate for another name does not verify, and OpenSSL's words name it."""
    with tls_server(issue("webhook-service.metallb-system.svc", authority).write(tmp_path)) as port:
        seen = shake_hands(port, authority.ca_bundle)
    assert Trust.MISMATCH == seen.trust
    assert "mismatch" in seen.detail


def test_common_name_does_not_count(authority: Issued, tmp_path: Path) -> None:
    """Go wants a subject alternative name; the common name alone is a mismatch."""
    with tls_server(issue(NAME, authority, san=False).write(tmp_path)) as port:
        assert Trust.MISMATCH == shake_hands(port, authority.ca_bundle).trust


@pytest.mark.parametrize("expired", ["certificate", "authority"])
def test_expired_is_told_apart(expired: str, tmp_path: Path) -> None:
    """The end of the certificate or of its issuer is no mismatch."""
    issuer = issue("authority", days=-1 if expired == "authority" else 1)
    with tls_server(issue(NAME, issuer, days=-1 if expired == "certificate" else 1).write(tmp_path)) as port:
        assert Trust.EXPIRED == shake_hands(port, issuer.ca_bundle).trust


def test_not_yet_valid_counts_as_expired(authority: Issued, tmp_path: Path) -> None:
    """A certificate from the future is outside its validity too: a clock is wrong."""
    with tls_server(issue(NAME, authority, begins=1, days=2).write(tmp_path)) as port:
        assert Trust.EXPIRED == shake_hands(port, authority.ca_bundle).trust


@pytest.mark.parametrize("bundle", ["no base64!", "aGVsbG8=", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==", "w6Q=", "é"])
def test_unparsable_bundle(bundle: str) -> None:
    """A caBundle that is no PEM of certificates is told without asking anybody."""
    assert Trust.UNPARSABLE == shake_hands(1, bundle).trust


def test_refused_hanging_and_plain_servers_are_unanswered(authority: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    """No TLS answer says nothing about the certificate, and takes its time-out at most."""
    monkeypatch.setattr(observing, "HANDSHAKE_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        started = time.monotonic()
        assert Trust.UNANSWERED == shake_hands(port, authority.ca_bundle).trust
        assert time.monotonic() - started < 10
    assert (Trust.UNANSWERED, "Connection refused") == (
        (seen := shake_hands(port, authority.ca_bundle)).trust,
        seen.detail,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak_plainly() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(4096)

        thread = threading.Thread(target=speak_plainly)
        thread.start()
        assert Trust.UNANSWERED == shake_hands(listener.getsockname()[1], authority.ca_bundle).trust
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
