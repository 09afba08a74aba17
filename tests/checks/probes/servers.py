"""Real servers on loopback for probes to talk to, well behaved and not."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from checks.probes.echo import Server


@contextlib.contextmanager
def echo_server(*hosts: str, name: str = "") -> Iterator[int]:
    """An echo on a free port of the addresses."""
    server = Server(hosts or ("127.0.0.1",), 0, name)
    stopping = threading.Event()

    def run() -> None:
        while not stopping.is_set():
            server.turn()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield server.port
    finally:
        stopping.set()
        thread.join()
        server.close()


@contextlib.contextmanager
def tcp_server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener on a free port that gives every connection to `serve`, then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        serve(connection)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def swallow(connection: socket.socket) -> None:
    """Take everything, answer nothing."""
    while connection.recv(65536):
        pass
