"""The API server: reads a snapshot of what checks need, and makes dry runs.

The official client's models are not used, because they cost forty times as much as decoding the few fields that checks
read (3.95 s against 0.1 s for 5,000 nodes, measured); msgspec decodes the bytes into `checks.cluster.snapshot`.

Nothing that a cluster does raises here, with one exception: without any API server there is nothing to go on, and that
is `ClusterUnavailable`. Whatever else cannot be read becomes a `Gap`.

Every call opens connections of its own. So a `Cluster` may be used after a fork and from several threads, and no call
meets a connection that an idle hour has closed.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from kubernetes import config as kubernetes_config
from kubernetes.client import Configuration
from urllib3 import exceptions as http

from checks.cluster.found import Found, kept
from checks.cluster.resources import PAGE, RESOURCES, Resource
from checks.cluster.snapshot import Gap, Snapshot, Struct
from checks.cluster.transport import (
    CONNECTS,
    HTTP_OK,
    THREADS,
    UNREADABLE,
    ClusterUnavailable,
    Transport,
    configured,
    directly,
    message_of,
    unusable,
    words_of,
)
from checks.observation import Answer

READ_TIMEOUT_S = 10.0
"""For one answer. A page of 500 nodes takes tens of milliseconds."""
Server = tuple[str, int]
"""An address and a port."""
__all__ = ["PAGE", "READ_TIMEOUT_S", "Cluster", "ClusterUnavailable", "Server"]


class _ListMetadata(Struct, frozen=True):
    """`metadata` of a list."""

    next_page: str = msgspec.field(default="", name="continue")


class _Items(Struct, frozen=True):
    """Any list, its items not yet decoded, so that one type serves all."""

    metadata: _ListMetadata = _ListMetadata()
    items: tuple[msgspec.Raw, ...] | None = ()


class _Version(Struct, frozen=True):
    """The answer of `/version`."""

    git_version: str = ""


@dataclass(frozen=True, slots=True)
class _Read:
    """What one list gave."""

    resource: Resource
    items: tuple[Struct, ...] = ()
    gap: Gap | None = None


class _RequestError(Exception):
    """One request failed; becomes a gap."""

    def __init__(self, reason: str, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


def _get(transport: Transport, path: str, query: dict[str, Any]) -> bytes:
    """The body of a successful GET.

    Raises:
        _RequestError: anything else.
    """
    try:
        status, content = transport.patiently("GET", path, query)
    except (http.HTTPError, OSError) as error:
        raise _RequestError(_reason(error), words_of(error)) from error
    if status == HTTP_OK:
        return content
    raise _RequestError(_REASONS.get(status, "unreachable"), f"HTTP {status}: {message_of(content)}", status)


_REASONS = {401: "forbidden", 403: "forbidden", 404: "not-installed", 429: "busy", 504: "timeout"}
"""HTTP status to the reason of a gap."""


def _reason(error: Exception) -> str:
    # ConnectTimeoutError's subclass NewConnectionError is a refusal, not a time-out.
    timed_out = isinstance(error, http.TimeoutError | TimeoutError) and not isinstance(error, http.NewConnectionError)
    return "timeout" if timed_out else "unreachable"


class Cluster:
    """One cluster's API server. Also the `checks.observation.ClusterAPI` of observations."""

    def __init__(
        self, configuration: Configuration, name: str, origin: str, read_timeout_s: float = READ_TIMEOUT_S
    ) -> None:
        """A cluster of that name, reached by the client's configuration; nothing is sent yet.

        `origin` says where the configuration came from: the first thing to look at when it does not work.
        """
        self.name = name
        self._read_timeout_s = read_timeout_s
        self._configuration = configuration
        self._origin = origin
        self.servers: tuple[Server, ...] = ()
        """The API servers' own addresses, where they are known: asked where the configured one does not answer.

        A Service's address needs kube-proxy, or whatever stands for it, and that may be what is broken.
        """

    @property
    def server(self) -> str:
        """The API server's address."""
        return str(self._configuration.host)

    @classmethod
    def connect(
        cls, name: str = "", *, kubeconfig: str = "", context: str = "", read_timeout_s: float = READ_TIMEOUT_S
    ) -> "Cluster":
        """The cluster that this process is meant to talk to; nothing is sent yet.

        In this order: the kubeconfig given, `KUBECONFIG`, the pod's service account, `~/.kube/config`. A context names
        one of a kubeconfig, so it passes over the service account.

        Raises:
            ClusterUnavailable: there is no usable configuration.
        """
        configuration, origin = configured(kubeconfig, context)
        return cls(configuration, name, origin, read_timeout_s)

    def snapshot(self, own_namespace: str = "netcheck") -> Snapshot:
        """Read everything that checks look at.

        First what there is in the whole cluster; then pods, EndpointSlices and ConfigMaps where something of the
        network was found (`checks.cluster.found`).

        Raises:
            ClusterUnavailable: the API server cannot be reached or accepts no credentials of ours.
        """
        taken_at = time.time()
        transport = self._transport(self._read_timeout_s, self._way())
        try:
            version, gaps = self._version(transport)
            with ThreadPoolExecutor(THREADS, thread_name_prefix="snapshot") as pool:
                reads = list(pool.map(lambda one: _read(transport, *one), ((each, "") for each in RESOURCES)))
                found = Found.of((item for read in reads for item in read.items), own_namespace)
                refused = {read.gap.verb for read in reads if read.gap and read.gap.reason == "forbidden"}
                reads += pool.map(lambda one: _read(transport, *one), found.lists(refused))
        finally:
            transport.close()
        fields: dict[str, tuple[Struct, ...]] = {}
        for read in reads:
            fields[read.resource.field] = fields.get(read.resource.field, ()) + read.items
        gaps += tuple(read.gap for read in reads if read.gap)
        snapshot = Snapshot(
            cluster=self.name, taken_at=taken_at, server_version=version, gaps=gaps, **cast("dict[str, Any]", fields)
        )
        return kept(snapshot, found)

    def dry_run_create(self, path: str, body: dict[str, Any], timeout_s: float) -> Answer:
        """Create the object at an API path with `dryRun=All`; see `checks.observation.ClusterAPI`.

        `timeout_s` must exceed the `timeoutSeconds` of the webhooks that are called, or the API server's own words
        about them are never heard. Its message is kept whole.
        """
        started = time.monotonic()
        status = 0
        try:
            transport = self._transport(timeout_s, self._way())
            try:
                query = {"dryRun": "All", "fieldManager": "netcheck"}
                status, content = transport.patiently("POST", path, query, body)
            finally:
                transport.close()
            message = "" if status < 300 else message_of(content)  # noqa: PLR2004 - where HTTP's successes end
        except (http.HTTPError, OSError, ClusterUnavailable) as error:
            message = words_of(error)
        return Answer(status=status, message=message, elapsed_s=time.monotonic() - started)

    def readiness(self, address: str, port: int, timeout_s: float) -> Answer:
        """Ask one API server whether it is ready; see `checks.observation.ClusterAPI`."""

        def ask(transport: Transport) -> tuple[int, str]:
            status, content = transport.request("GET", "/readyz", {"verbose": "true"})
            return status, message_of(content)

        return self._told(address, port, timeout_s, ask)

    def figures(self, address: str, port: int, beginning: str, timeout_s: float) -> Answer:
        """Ask one API server for some of its metrics; see `checks.observation.ClusterAPI`."""

        def ask(transport: Transport) -> tuple[int, str]:
            status, content = transport.lines("/metrics", beginning.encode())
            return status, content.decode(errors="replace") if status == HTTP_OK else message_of(content)

        return self._told(address, port, timeout_s, ask)

    def _told(self, address: str, port: int, timeout_s: float, ask: Callable[[Transport], tuple[int, str]]) -> Answer:
        """What one API server says, at its own address where that is given."""
        started = time.monotonic()
        status = 0
        try:
            configuration = directly(self._configuration, address, port) if address else self._configuration
            transport = self._transport(timeout_s, configuration)
            try:
                status, message = ask(transport)
            finally:
                transport.close()
        except (http.HTTPError, OSError, ClusterUnavailable) as error:
            message = words_of(error)
        return Answer(status=status, message=message, elapsed_s=time.monotonic() - started)

    def _way(self) -> Configuration:
        """The first that answers of the configured address and the API servers' own; the configured one if none does.

        Each is given one handshake: of two ways of which one is lossy the other is faster than a second try.
        """
        if not self.servers:
            return self._configuration
        for way in (self._configuration, *self._own_addresses()):
            transport = self._transport(self._read_timeout_s, way, connects=1)
            try:
                transport.request("GET", "/version", {})
            except (http.HTTPError, OSError):
                continue
            finally:
                transport.close()
            return way
        return self._configuration

    def _own_addresses(self) -> Iterator[Configuration]:
        for address, port in self.servers:
            # Where no certificate is verified, nobody may be sent credentials but whom the configuration names.
            with contextlib.suppress(ClusterUnavailable):
                yield directly(self._configuration, address, port)

    def _transport(
        self, read_timeout_s: float, configuration: Configuration | None = None, connects: int = CONNECTS
    ) -> Transport:
        try:
            return Transport(configuration or self._configuration, read_timeout_s, connects)
        # A token or certificate file that was there at start may be gone or unreadable now.
        except (kubernetes_config.ConfigException, OSError, ValueError) as error:
            raise ClusterUnavailable(unusable(self._origin, error)) from error

    def _version(self, transport: Transport) -> tuple[str, tuple[Gap, ...]]:
        """The server's version. Asked first and alone: it tells an unreachable server in one connection's time."""
        try:
            return msgspec.json.decode(_get(transport, "/version", {}), type=_Version).git_version, ()
        except UNREADABLE as error:
            raise ClusterUnavailable(
                f"{self.server} is no Kubernetes API server: its /version is no JSON ({error}). "
                f"Check the server address in {self._origin}."
            ) from error
        except _RequestError as failure:
            if failure.status == 401:  # noqa: PLR2004 - Unauthorized
                raise ClusterUnavailable(
                    f"The API server {self.server} does not accept the credentials of {self._origin}: {failure}. "
                    "Renew them; `kubectl get nodes` with the same configuration must work."
                ) from failure
            if not failure.status:
                raise ClusterUnavailable(
                    f"The API server {self.server} cannot be reached: {failure}. Check that it runs, that this machine "
                    f"has a way to it, and that {self._origin} names the right server and certificate authority."
                ) from failure
            return "", (Gap(verb="get /version", reason=failure.reason, message=str(failure)),)


def _read(transport: Transport, resource: Resource, namespace: str) -> _Read:
    """One list, all its pages. Whatever could be read of it is kept beside the gap."""
    items: list[Struct] = []
    gap = None
    try:
        for raw in _pages(transport, resource.path(namespace), resource.page):
            try:
                item = resource.decode(raw)
            except UNREADABLE as error:
                gap = Gap(verb=resource.verb, reason="invalid", message=_in(namespace, error))
                continue
            if item is not None:
                items.append(item)
    except _RequestError as failure:
        gap = Gap(verb=resource.verb, reason=failure.reason, message=_in(namespace, failure))
    except UNREADABLE as error:
        gap = Gap(verb=resource.verb, reason="invalid", message=_in(namespace, error))
    return _Read(resource, tuple(items), gap)


def _in(namespace: str, error: Exception) -> str:
    return f"in namespace {namespace}: {error}" if namespace else str(error)


def _pages(transport: Transport, path: str, size: int) -> Iterator[msgspec.Raw]:
    """The items of a list, page by page."""
    query: dict[str, Any] = {"limit": size}
    while True:
        page = msgspec.json.decode(_get(transport, path, query), type=_Items)
        yield from page.items or ()
        if not page.metadata.next_page:
            return
        query["continue"] = page.metadata.next_page
