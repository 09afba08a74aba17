"""The API server, to look at objects and to change them: one request a call, its refusals as errors."""

from typing import Any, TypeVar

import msgspec
from kubernetes.client import Configuration
from kubernetes.config import ConfigException
from urllib3 import exceptions as http

from bot.operator.cluster.errors import ClusterError, Conflict, Invalid, NoAnswer, NotAllowed, NotThere
from checks.cluster.snapshot import Struct
from checks.cluster.transport import JSON, UNREADABLE, ClusterUnavailable, Transport, configured, message_of, words_of

READ_TIMEOUT_S = 15.0
"""For one answer: a webhook that does not answer takes the API server 10 s, an etcd that does not, 4 s."""
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML."""
MANAGER = "netcheck"
"""Who the changed fields are said to belong to."""
PAGE = 500
"""Objects a page: what kubectl asks for."""

T = TypeVar("T")


class _ListMetadata(Struct, frozen=True):
    next_page: str = msgspec.field(default="", name="continue")


class _Items(Struct, frozen=True):
    metadata: _ListMetadata = _ListMetadata()
    items: tuple[msgspec.Raw, ...] | None = ()


class Reply(msgspec.Struct, frozen=True):
    """What came back: an HTTP status and the body."""

    status: int
    content: bytes

    @property
    def accepted(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's successes

    @property
    def message(self) -> str:
        """The API server's own words, when it refused."""
        return message_of(self.content)


class Api:
    """One cluster's API server, with the rights of the operator's account."""

    def __init__(self, configuration: Configuration) -> None:
        """The cluster of this configuration; nothing is sent yet."""
        self._configuration = configuration

    @classmethod
    def connect(cls, *, kubeconfig: str = "", context: str = "") -> "Api":
        """The cluster that this process is meant to change; nothing is sent yet.

        Raises:
            NoAnswer: there is no usable configuration.
        """
        try:
            return cls(configured(kubeconfig, context)[0])
        except ClusterUnavailable as error:
            raise NoAnswer(str(error)) from error

    def ask(self, method: str, path: str, body: Any = None, content_type: str = JSON, **query: Any) -> Reply:
        """One request, whatever is answered.

        Raises:
            NoAnswer: nothing was, so that nobody knows whether it was done.
        """
        try:
            transport = Transport(self._configuration, READ_TIMEOUT_S)
            try:
                # What changes something is sent once: an eviction is answered by 429 too, where a budget forbids it.
                if method == "GET":
                    return Reply(*transport.patiently(method, path, query))
                return Reply(*transport.request(method, path, query, body, content_type))
            finally:
                transport.close()
        # Besides the network's own: a token or certificate file that was there at start may be gone now.
        except (http.HTTPError, OSError, ValueError, ConfigException) as error:
            raise NoAnswer(
                f"The API server did not answer to {method} {path}: {words_of(error)}.",
                hint="Look at what is true before you do it again; `kubectl get nodes` tells whether it answers.",
            ) from error

    def get(self, path: str, kind: type[T]) -> T:
        """One object.

        Raises:
            ClusterError: it cannot be read; `NotThere` when there is none.
        """
        return decoded(accepted(self.ask("GET", path), "get", path), kind)

    def list(self, path: str, kind: type[T], **query: str) -> tuple[T, ...]:
        """All objects of a list, page by page.

        Raises:
            ClusterError: it cannot be read.
        """
        found: list[T] = []
        following: dict[str, Any] = {"limit": PAGE, **query}
        while True:
            page = decoded(accepted(self.ask("GET", path, **following), "list", path), _Items)
            found += [decoded(item, kind) for item in page.items or ()]
            if not page.metadata.next_page:
                return tuple(found)
            following["continue"] = page.metadata.next_page

    def patch(self, path: str, body: Any, content_type: str = MERGE, **query: Any) -> bytes:
        """Change an object, and return it as it is then.

        Raises:
            ClusterError: it was not changed; after `NoAnswer` it may be.
        """
        return accepted(self.ask("PATCH", path, body, content_type, fieldManager=MANAGER, **query), "patch", path)


def decoded(content: bytes | msgspec.Raw, kind: type[T]) -> T:
    """The object in an answer.

    Raises:
        ClusterError: it is none.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except UNREADABLE as error:
        raise ClusterError(f"The API server's answer cannot be read: {error}.") from error


def accepted(reply: Reply, verb: str, path: str) -> bytes:
    """The body of an answer to a request that was granted.

    Raises:
        ClusterError: it was not, by what the API server says.
    """
    if reply.accepted:
        return reply.content
    kind, hint = _REFUSALS.get(reply.status, (ClusterError, "Ask the API server's log what is wrong, then try again."))
    if reply.status == _FORBIDDEN and "denied the request" in reply.message:
        kind, hint = Invalid, "It is a webhook that refuses it: what it says is what has to change."
    raise kind(f"The API server refuses to {verb} {path}: {reply.message}", hint=hint)


_FORBIDDEN = 403
_REFUSALS: dict[int, tuple[type[ClusterError], str]] = {
    400: (Invalid, "What was sent makes no sense to this version of Kubernetes."),
    401: (NotAllowed, "Renew the credentials of netcheck's operator."),
    _FORBIDDEN: (NotAllowed, "Give the account of netcheck's operator this right, as its chart does."),
    404: (NotThere, "It may have been deleted meanwhile: look again."),
    409: (Conflict, "Somebody else changed it in the same moment, or manages what you want to change: look who."),
    422: (Invalid, "What was sent is not allowed for such an object, or an admission policy forbids it."),
    504: (NoAnswer, "Look at what is true before you do it again."),
}
"""HTTP status -> what it means, and what to do."""
