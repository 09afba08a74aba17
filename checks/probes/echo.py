"""The echo that every agent serves to its peers, so that probes have somebody to talk to.

It faces whatever can reach the node, so every connection is bounded in time, bytes and memory, and their number is
bounded for each peer and altogether. Over TCP, bytes come back as they went out, or are counted on demand; whoever asks
learns whose echo it is. Over UDP the
answer to a request of any size is 12 bytes, never more than was asked, and it does not look like a request: two echoes
cannot be made to talk to each other for ever, and forged source addresses gain nothing. That the answer stays small
also makes a UDP probe tell one direction: only the request can be too large for the path.
"""

import collections
import contextlib
import logging
import select
import socket
import struct
import time
from collections.abc import Callable, Sequence

POD_PORT = 9707
"""TCP and UDP port of the agent in a pod."""
HOST_PORT = 9708
"""TCP and UDP port of the agent in a node's own network; another one, so that neither hides the other."""

ASK = b"nck?"
ANSWER = b"nck!"
DISCARD = b"nckd"
"""What a TCP connection begins with whose bytes are to be counted instead of given back: the answer to its end is their
number, 8 bytes, the largest first."""
IDENTIFY = b"ncki"
"""What a TCP connection begins with that is answered by the echo's name first: `NAME_BYTES`, filled up with zeros."""
NAME_BYTES = 256
"""The name of a node, at most 253 characters (RFC 1123), and room for zeros."""
NONCE = 8
"""Bytes that the asker chooses and finds again in the answer."""

CONNECTIONS = 256
PER_PEER = 32
LIFETIME_S = 10.0
BYTES = 4 << 20
"""Bytes that one connection may send before it is closed."""
DISCARDED_BYTES = 4 << 30
"""The same for a connection whose bytes are counted: more than three seconds bring at 10 Gbit/s."""
COUNT = struct.Struct("!Q")
PIECE = 1 << 20
"""Bytes taken at once from such a connection."""
BUFFER = 65536
"""Bytes that wait to go back on one connection; while it is full, nothing more is read from it."""
WAITING_BYTES = 1 << 20
"""Of datagrams, with what the kernel needs for them; it allows as much as `net.core.rmem_max`."""
TICK_S = 0.25
"""How soon `stop` and lifetimes are noticed, in seconds."""
BURST = 64
"""Datagrams or connections taken from one socket before the others have their turn."""

IP_PKTINFO = 8
"""`linux/in.h`; `socket` names it only from Python 3.14 on."""

AGAIN_S = 1.0
"""How long until an address that cannot be bound is tried again: IPv6 may still look for duplicates of it."""

log = logging.getLogger(__name__)


def request(nonce: bytes, size: int) -> bytes:
    """A UDP request of `size` payload bytes, at least 12."""
    return (ASK + nonce).ljust(size, b"\0")


def nonce_of(answer: bytes) -> bytes:
    """The nonce in a UDP answer; empty when it is none."""
    return answer[len(ANSWER) :] if answer.startswith(ANSWER) and len(answer) == len(ANSWER) + NONCE else b""


def serve(hosts: Sequence[str], port: int, name: str = "", stop: Callable[[], bool] = lambda: False) -> None:
    """Serve TCP and UDP on a port of each address until `stop()` is true.

    Args:
        hosts: Literal addresses of either family. `0.0.0.0` and `::` work: a UDP answer leaves from the address that
            was asked.
        port: The port, the same for TCP and UDP.
        name: The node's, for who asks.
        stop: Asked at least every quarter of a second.

    Raises:
        OSError: an address cannot be bound.
    """
    server = Server(hosts, port, name)
    try:
        while not stop():
            server.turn()
    finally:
        server.close()


class _Connection:
    """One TCP peer: what it sent and was not yet given back."""

    __slots__ = ("buffer", "closing", "counts", "expires", "name", "peer", "received", "socket")

    def __init__(self, connection: socket.socket, peer: str, name: bytes) -> None:
        self.socket = connection
        self.peer = peer
        self.name = name
        self.buffer = bytearray()
        self.received = 0
        self.closing = False
        self.counts = False
        """Whether its bytes are counted and not given back."""
        self.expires = time.monotonic() + LIFETIME_S

    def turn(self, events: int) -> bool:
        """Move bytes as far as they go; whether the connection lives on."""
        try:
            if events & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR) and not self.closing:
                self._take()
            if self.buffer:
                del self.buffer[: self.socket.send(self.buffer)]
        except BlockingIOError:
            return True
        except OSError:
            return False
        return bool(self.buffer) or not self.closing

    def _take(self) -> None:
        piece = self.socket.recv(PIECE if self.counts else BUFFER - len(self.buffer))
        if not self.received and piece.startswith(IDENTIFY):
            self.buffer += self.name
        self.counts = self.counts or (not self.received and piece.startswith(DISCARD))
        self.received += len(piece)
        self.closing = not piece or self.received >= (DISCARDED_BYTES if self.counts else BYTES)
        if not self.counts:
            self.buffer += piece
        elif self.closing:
            self.buffer += COUNT.pack(self.received)

    @property
    def interest(self) -> int:
        """What to wait for."""
        reads = select.EPOLLIN if not self.closing and len(self.buffer) < BUFFER else 0
        return reads | (select.EPOLLOUT if self.buffer else 0)


class Server:
    """The sockets of one echo. `turn` does what is ready and waits at most a quarter of a second for it."""

    def __init__(self, hosts: Sequence[str], port: int, name: str = "") -> None:
        """Bind.

        Args:
            hosts: As for `serve`.
            port: 0 takes a free one, the same for TCP and UDP of all addresses; see `port`.
            name: As for `serve`.

        Raises:
            OSError: none of the addresses can be bound.
        """
        self.port = port
        self._name = name.encode()[:NAME_BYTES].ljust(NAME_BYTES, b"\0")
        self._epoll = select.epoll()
        self._listeners: dict[int, socket.socket] = {}
        self._datagrams: dict[int, socket.socket] = {}
        self._connections: dict[int, _Connection] = {}
        self._peers: collections.Counter[str] = collections.Counter()
        # A node's IPv6 may be off, or its address in use twice; the other address answers all the same.
        self._missing = {host: error for host in hosts if (error := self._bound(host))}
        self._again = time.monotonic() + AGAIN_S
        for host, error in self._missing.items():
            log.warning("the echo cannot answer at %s yet: %s", host, error)
        if not self._listeners:
            self.close()
            raise next(iter(self._missing.values()))

    def _bound(self, host: str) -> OSError | None:
        """Bind; why not, if it fails."""
        try:
            self._bind(host)
        except OSError as error:
            return error
        return None

    def _bind(self, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with contextlib.ExitStack() as opened:
            listener = opened.enter_context(socket.socket(family, socket.SOCK_STREAM))
            datagrams = opened.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            self._listen(family, host, listener, datagrams)
            opened.pop_all()
        self._listeners[listener.fileno()] = listener
        self._datagrams[datagrams.fileno()] = datagrams
        # What many peers send at once waits here while this process waits for a processor.
        datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WAITING_BYTES)
        for bound in (listener, datagrams):
            bound.settimeout(0)
            self._epoll.register(bound, select.EPOLLIN)

    def _listen(
        self, family: socket.AddressFamily, host: str, listener: socket.socket, datagrams: socket.socket
    ) -> None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            datagrams.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        else:
            datagrams.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        listener.bind((host, self.port))
        self.port = listener.getsockname()[1]
        datagrams.bind((host, self.port))
        listener.listen(128)

    def close(self) -> None:
        """Close every socket."""
        for connection in self._connections.values():
            connection.socket.close()
        for bound in (*self._listeners.values(), *self._datagrams.values()):
            bound.close()
        self._epoll.close()

    def turn(self) -> None:
        """Do what is ready, and end what has outlived its time."""
        for descriptor, events in self._epoll.poll(TICK_S):
            if descriptor in self._datagrams:
                _answer(self._datagrams[descriptor])
            elif descriptor in self._listeners:
                self._accept(self._listeners[descriptor])
            else:
                self._move(descriptor, events)
        now = time.monotonic()
        if self._missing and now >= self._again:
            self._missing = {host: error for host in self._missing if (error := self._bound(host))}
            self._again = now + AGAIN_S
        for descriptor in [d for d, c in self._connections.items() if c.expires <= now]:
            self._drop(descriptor)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(BURST):
            try:
                accepted, address = listener.accept()
            except OSError:  # nobody waits any more, or whoever waited is gone
                return
            if len(self._connections) >= CONNECTIONS or self._peers[address[0]] >= PER_PEER:
                accepted.close()
                continue
            accepted.settimeout(0)
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections[accepted.fileno()] = _Connection(accepted, address[0], self._name)
            self._peers[address[0]] += 1
            self._epoll.register(accepted, select.EPOLLIN)

    def _move(self, descriptor: int, events: int) -> None:
        connection = self._connections[descriptor]
        if connection.turn(events):
            self._epoll.modify(descriptor, connection.interest)
        else:
            self._drop(descriptor)

    def _drop(self, descriptor: int) -> None:
        connection = self._connections.pop(descriptor)
        self._peers -= collections.Counter([connection.peer])
        self._epoll.unregister(descriptor)
        connection.socket.close()


def _answer(datagrams: socket.socket) -> None:
    """Answer the requests that wait, each from the address that it was sent to."""
    for _ in range(BURST):
        try:
            asked, ancillary, _, peer = datagrams.recvmsg(len(ASK) + NONCE, socket.CMSG_SPACE(32))
        except OSError:  # nothing waits, or an earlier answer was refused
            return
        if asked.startswith(ASK) and len(asked) == len(ASK) + NONCE:
            with contextlib.suppress(OSError):
                datagrams.sendmsg([ANSWER, asked[len(ASK) :]], [_from(*a) for a in ancillary], 0, peer)


def _from(level: int, kind: int, data: bytes) -> tuple[int, int, bytes]:
    """The control message that sends from the address that a received one names, over whatever interface routes."""
    if level == socket.IPPROTO_IPV6:
        return level, kind, data[:16] + struct.pack("@i", 0)
    return level, kind, struct.pack("@i", 0) + data[4:8] + bytes(4)
