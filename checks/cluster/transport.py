"""Connections to an API server: where it is, who asks, and one request after the other.

The official client gives the configuration: kubeconfig, service account, credentials, TLS, proxies. Whoever asks makes
sense of the bytes.
"""

import copy
import os
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import urllib3
from kubernetes import config as kubernetes_config
from kubernetes.client import Configuration
from kubernetes.client.rest import RESTClientObject
from urllib3 import exceptions as http
from yaml import YAMLError

from checks.cluster.snapshot import Struct
from checks.probes.tcp import SEGMENT_BYTES

CONNECT_TIMEOUT_S = 1.5
"""A handshake with an API server takes milliseconds; a SYN that is lost is sent again after 1 s, the next after 3 s."""
CONNECTS = 4
"""Handshakes that are tried: on a network that loses 30 % of what is sent, two SYNs meet no answer one time in four,
and eight one time in two hundred."""
THREADS = 8
"""Requests at a time, below what the API server's fairness queues give one client."""
MESSAGE_CHARACTERS = 10_000
"""How much of an error that is no Status object is kept."""
TOO_MANY_REQUESTS = 429
"""The status of a request that an API server has no time for: its fairness queues are full, or it just starts."""
PAUSE_S = 1.0
"""Before the next attempt, where the server names none."""
HTTP_OK = 200
JSON = "application/json"
UNREADABLE = (msgspec.DecodeError, RecursionError, ValueError)
"""What decoding raises: no JSON or another shape; nested without end; no UTF-8."""


class ClusterUnavailable(Exception):  # noqa: N818 - says what is the case
    """There is no API server to ask: wrong kubeconfig or credentials, or it cannot be reached. Says what to do."""


class _Status(Struct, frozen=True):
    """The API's error object."""

    message: str = ""


def configured(kubeconfig: str = "", context: str = "") -> tuple[Configuration, str]:
    """The client's configuration for the cluster that this process is meant to talk to, and where it came from.

    In this order: the kubeconfig given, `KUBECONFIG`, the pod's service account, `~/.kube/config`. A context names
    one of a kubeconfig, so it passes over the service account.

    Raises:
        ClusterUnavailable: there is no usable configuration.
    """
    path = kubeconfig or os.environ.get("KUBECONFIG", "")
    configuration = Configuration()
    in_cluster = not path and not context and "KUBERNETES_SERVICE_HOST" in os.environ
    origin = "the pod's service account" if in_cluster else f"the kubeconfig {path or '~/.kube/config'}"
    try:
        if in_cluster:
            kubernetes_config.load_incluster_config(configuration)  # type: ignore[no-untyped-call]
        else:
            path = path or str(Path.home() / ".kube" / "config")
            kubernetes_config.load_kube_config(  # type: ignore[no-untyped-call]
                path, context or None, configuration, persist_config=False
            )
    # Besides its own exception the client lets through whatever a damaged file makes it stumble over.
    except (kubernetes_config.ConfigException, YAMLError, OSError, LookupError, ValueError, TypeError) as error:
        raise ClusterUnavailable(unusable(origin, error)) from error
    except AttributeError as error:
        raise ClusterUnavailable(unusable(origin, "it is no mapping of clusters, users and contexts")) from error
    return configuration, origin


SERVED_AS = "kubernetes.default.svc"
"""The name that the certificate of every API server has; its own address need not be in it."""


def directly(configuration: Configuration, address: str, port: int) -> Configuration:
    """The same cluster and credentials, for the API server at this address.

    Raises:
        ClusterUnavailable: its certificate would not be verified, so that the credentials would go to anybody there.
    """
    scheme = urlsplit(str(configuration.host)).scheme
    if scheme == "https" and not configuration.verify_ssl:
        raise ClusterUnavailable("not asked: this configuration verifies no certificates")
    there = copy.copy(configuration)
    there.host = f"{scheme}://[{address}]:{port}" if ":" in address else f"{scheme}://{address}:{port}"
    there.tls_server_name = SERVED_AS
    return there


def _handshakes(connects: int) -> urllib3.Retry:
    """A request that may have been sent is never sent again by itself."""
    return urllib3.Retry(total=None, connect=connects - 1, read=False, redirect=False, status=False, other=False)


class Transport:
    """Connections of one call, with the credentials that were valid when it began."""

    def __init__(self, configuration: Configuration, read_timeout_s: float, connects: int = CONNECTS) -> None:
        """Connections with so much time for an answer, each tried so often."""
        # The client renews credentials in the configuration itself, and puts the address of its file back with them.
        configuration = copy.copy(configuration)
        self._read_timeout_s = read_timeout_s
        self._connects = connects
        self._host = str(configuration.host).rstrip("/")
        configuration.connection_pool_maxsize = THREADS
        configuration.socket_options = [
            (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
            (socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES),
        ]
        self._rest = RESTClientObject(configuration)
        self._headers = {"Accept": JSON, "User-Agent": "netcheck"}
        bearer = configuration.auth_settings().get("BearerToken")
        if bearer and bearer["value"]:
            self._headers["Authorization"] = str(bearer["value"])
        elif configuration.username:
            self._headers["Authorization"] = str(configuration.get_basic_auth_token())

    def patiently(self, method: str, path: str, query: dict[str, Any], body: Any = None) -> tuple[int, bytes]:
        """One request, made again when the API server has no time for it (429), as client-go does: nothing was done.

        It is made again for as long as one answer may take, and no oftener than the server asks for.

        Raises:
            urllib3.exceptions.HTTPError: no whole answer came.
        """
        until = time.monotonic() + self._read_timeout_s
        while True:
            status, content, headers = self._send(method, path, query, body, JSON)
            pause_s = _pause_s(headers.get("Retry-After", ""))
            if status != TOO_MANY_REQUESTS or time.monotonic() + pause_s > until:
                return status, content
            time.sleep(pause_s)

    def request(
        self, method: str, path: str, query: dict[str, Any], body: Any = None, content_type: str = JSON
    ) -> tuple[int, bytes]:
        """One request: its HTTP status and body.

        The read time-out bounds the whole answer: a server that drips is cut off as one that is silent is.

        Raises:
            urllib3.exceptions.HTTPError: no whole answer came.
        """
        status, content, _ = self._send(method, path, query, body, content_type)
        return status, content

    def lines(self, path: str, beginning: bytes) -> tuple[int, bytes]:
        """The HTTP status, and those lines of a long text that begin so; the whole of a body that is no success.

        No more of it is held than a piece: the figures of a busy API server are tens of megabytes.

        Raises:
            urllib3.exceptions.HTTPError: no whole answer came.
        """
        response, deadline = self._open("GET", path, {})
        try:
            if response.status != HTTP_OK:
                content = _content(response, deadline)
            else:
                content = b"\n".join(_lines(_pieces(response, deadline), beginning))
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return response.status, content

    def _send(
        self, method: str, path: str, query: dict[str, Any], body: Any, content_type: str
    ) -> tuple[int, bytes, Mapping[str, str]]:
        response, deadline = self._open(method, path, query, body, content_type)
        try:
            content = _content(response, deadline)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return response.status, content, response.headers

    def _open(
        self, method: str, path: str, query: dict[str, Any], body: Any = None, content_type: str = JSON
    ) -> tuple[urllib3.BaseHTTPResponse, float]:
        """The answer before its body is read, and the deadline on the monotonic clock by which that has to be there."""
        deadline = time.monotonic() + self._connects * CONNECT_TIMEOUT_S + self._read_timeout_s
        headers = self._headers | ({} if body is None else {"Content-Type": content_type})
        try:
            response = self._rest.pool_manager.request(
                method,
                f"{self._host}{path}" + (f"?{urlencode(query)}" if query else ""),
                body=None if body is None else msgspec.json.encode(body),
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=self._read_timeout_s),
                retries=_handshakes(self._connects),
                preload_content=False,
            )
        except http.MaxRetryError as error:
            raise error.reason or error from None
        return response, deadline

    def close(self) -> None:
        """Drop all connections."""
        self._rest.pool_manager.clear()


def _pause_s(retry_after: str) -> float:
    """How long a server asks to wait; the API server says so in whole seconds."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else PAUSE_S


def _content(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body, if it is there by the deadline on the monotonic clock."""
    return b"".join(_pieces(response, deadline))


def _pieces(response: urllib3.BaseHTTPResponse, deadline: float) -> Iterator[bytes]:
    while chunk := response.read1(1 << 20):
        yield chunk
        if time.monotonic() > deadline:
            raise http.TimeoutError("the answer was still coming when its time was up")


def _lines(pieces: Iterable[bytes], beginning: bytes) -> Iterator[bytes]:
    """The lines that begin so, of a text in pieces that end anywhere."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line for line in lines if line.startswith(beginning))
    if rest.startswith(beginning):
        yield rest


def words_of(error: BaseException) -> str:
    """What a transport error says, without the representation of the connection object in front of it."""
    text = str(error) or type(error).__name__
    return text.split(">: ", 1)[-1]


def message_of(content: bytes) -> str:
    """The message of a Status object, whole; or the beginning of whatever else was sent."""
    try:
        message = msgspec.json.decode(content, type=_Status).message
    except UNREADABLE:
        message = ""
    return message or content[:MESSAGE_CHARACTERS].decode(errors="replace").strip() or "no message"


def unusable(origin: str, why: object) -> str:
    """What to say when the configuration from this origin cannot be used."""
    reason = " ".join(str(why).split()).rstrip(".")
    return (
        f"No cluster: {origin} cannot be used: {reason}. Set KUBECONFIG to a file with which "
        "`kubectl get nodes` works; in a pod, mount its service account."
    )
