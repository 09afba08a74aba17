"""TLS: greet a server, without trusting it."""

import time

from checks.probes.outcome import Outcome, Result, failure
from checks.probes.tcp import connect


def tls_hello(address: str, port: int, timeout_s: float, server_name: str) -> Outcome:
    """Greet a TLS server and wait for the first bytes of its answer.

    A connection alone is also what a SYN proxy or a listener that hangs would give. Nothing is verified: whether the
    certificate is right is another check's question.
    """
    begin = time.monotonic()
    try:
        with connect(address, port, timeout_s) as connection:
            connection.sendall(_client_hello(server_name))
            connection.settimeout(max(0.001, begin + timeout_s - time.monotonic()))
            try:
                answer = connection.recv(5)
            except TimeoutError:
                return Outcome(Result.TIMEOUT, detail="connected, but the TLS greeting was not answered")
    except OSError as error:
        return failure(error, begin)
    if not answer:
        return Outcome(Result.CLOSED, detail="connected, but closed without a TLS answer")
    return Outcome(Result.OK, time.monotonic() - begin)


def _client_hello(server_name: str) -> bytes:
    """The first flight of a TLS client."""
    import ssl  # noqa: PLC0415 - costs 3 MB of memory, which only jobs that meet a webhook should pay

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=server_name or None).do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("a TLS handshake ended without a peer")
