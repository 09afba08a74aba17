"""A small real HTTP server that plays API answers, so that the transport meets real sockets."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

Request = tuple[str, dict[str, str], bytes]
"""Path, query and body."""
Responder = Callable[[BaseHTTPRequestHandler, Request], None]


def answer(handler: BaseHTTPRequestHandler, body: object, status: int = 200) -> None:
    """Send JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def status(code: int, message: str) -> Responder:
    """Answers with a Status object."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return lambda handler, _: answer(handler, body, code)


def items(*objects: dict[str, Any]) -> Responder:
    """Answers with a list on one page."""
    return lambda handler, _: answer(handler, {"kind": "List", "metadata": {}, "items": objects})


class APIServer:
    """Answers by path; a list nobody set is empty, as in a new cluster."""

    def __init__(self) -> None:
        self.responders: dict[str, Responder] = {
            "/version": lambda handler, _: answer(handler, {"gitVersion": "v1.34.4"})
        }
        self.requests: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.released = threading.Event()
        """Set at the end: whoever hangs may go."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = (parts.path, dict(parse_qsl(parts.query)), body)
                outer.requests.append(request)
                outer.headers.append(dict(self.headers.items()))
                outer.responders.get(parts.path, items())(self, request)

            do_GET = do_POST = do_PATCH = do_DELETE = respond  # noqa: N815 - the names that http.server looks for

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def hang(self, handler: BaseHTTPRequestHandler, _: Request) -> None:
        """Accept the request and never answer."""
        self.released.wait()
        handler.close_connection = True

    def drip(self, handler: BaseHTTPRequestHandler, _: Request) -> None:
        """Send one byte every tenth of a second, for ever."""
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while not self.released.wait(0.1):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return


@contextmanager
def serving() -> Iterator[APIServer]:
    """A server on a free port of loopback."""
    api = APIServer()
    thread = threading.Thread(target=api.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.released.set()
        api.server.shutdown()
        api.server.server_close()
        thread.join()


def kubeconfig(folder: Path, server: str, **cluster: Any) -> str:
    """Path of a kubeconfig for the server, with a token."""
    path = folder / "kubeconfig"
    path.write_bytes(
        msgspec.json.encode(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "test",
                "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                "clusters": [{"name": "test", "cluster": {"server": server} | cluster}],
                "users": [{"name": "test", "user": {"token": "secret-token"}}],
            }
        )
    )
    return str(path)
