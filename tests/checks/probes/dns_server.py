"""A real DNS server on loopback whose faults a test chooses: what dnspython says is the measure of our own encoding."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import msgspec

DOMAIN = "cluster.local"
EXISTS = "kubernetes.default.svc.cluster.local."


class Faults(msgspec.Struct, kw_only=True):
    """What the server does wrong. `lose` and `delay_s` are asked for each UDP query by its number, from 0."""

    lose: Callable[[int], bool] = lambda _: False
    delay_s: Callable[[int], float] = lambda _: 0.0
    race: bool = False
    """Of what one socket sends only the first datagram arrives, as of two packets that race for one entry."""
    rcode: str = ""
    address: str = "10.96.0.1"
    catches: str = ""
    """A domain in which every name has that address."""
    tcp: bool = True
    edns: str = ""
    """The rcode for questions with EDNS; `timeout` for none at all."""
    addresses: int = 1
    """Of the name that exists; what does not fit into what a question offers to take is cut short."""


class Server(msgspec.Struct):
    """A running server."""

    udp_port: int
    tcp_port: int
    seen: list[dns.message.Message]
    """Every UDP query, lost ones too."""


def answer(query: dns.message.Message, faults: Faults, most: int = 65535) -> bytes:
    """What CoreDNS would say about the cluster's domain, in so many bytes at most."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.AA
    name = query.question[0].name
    if query.edns >= 0 and faults.edns:
        response.set_rcode(dns.rcode.from_text(faults.edns))
    elif faults.rcode:
        response.set_rcode(dns.rcode.from_text(faults.rcode))
    elif name.to_text() == EXISTS or (faults.catches and name.to_text().endswith(f".{faults.catches}.")):
        others = [f"10.97.{i // 256}.{i % 256}" for i in range(faults.addresses - 1)]
        response.answer.append(dns.rrset.from_text(name, 5, "IN", "A", faults.address, *others))
    else:
        response.set_rcode(dns.rcode.NXDOMAIN)
    whole = response.to_wire(max_size=65535)
    if len(whole) > most:
        response.flags |= dns.flags.TC
        response.answer.clear()
        return response.to_wire()
    return whole


@contextlib.contextmanager
def dns_server(faults: Faults | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server on free ports."""
    faults = faults or Faults()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.create_server((host, 0), family=family) as tcp:
        udp.bind((host, 0))
        server = Server(udp.getsockname()[1], tcp.getsockname()[1], [])
        stopping = threading.Event()
        threads = [
            threading.Thread(target=_serve_udp, args=(udp, faults, server.seen, stopping)),
            threading.Thread(target=_serve_tcp, args=(tcp, faults, stopping)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            stopping.set()
            with socket.socket(family, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", udp.getsockname())
            with contextlib.suppress(OSError):
                tcp.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _serve_udp(udp: socket.socket, faults: Faults, seen: list[dns.message.Message], stopping: threading.Event) -> None:
    peers = set()
    while True:
        packet, peer = udp.recvfrom(4096)
        if stopping.is_set():
            return
        number = len(seen)
        seen.append(dns.message.from_wire(packet))
        silent = faults.edns == "timeout" and seen[-1].edns >= 0
        if silent or faults.lose(number) or (faults.race and peer in peers):
            continue
        peers.add(peer)
        if delay_s := faults.delay_s(number):
            time.sleep(delay_s)  # the fault itself: a server that is late
        with contextlib.suppress(OSError):
            udp.sendto(answer(seen[-1], faults, max(512, seen[-1].payload)), peer)


def _serve_tcp(tcp: socket.socket, faults: Faults, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            connection, _ = tcp.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError), connection.makefile("rwb") as stream:
            while length := int.from_bytes(stream.read(2), "big"):
                question = stream.read(length)
                if not faults.tcp:
                    break
                wire = answer(dns.message.from_wire(question), faults)
                stream.write(len(wire).to_bytes(2, "big") + wire)
                stream.flush()
