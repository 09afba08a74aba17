"""Ask a node's own speaker for its figures, and knock at the memberlist of others."""

import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from checks.metallb.exposition import Sample, samples
from checks.metallb.model import Announced, Data, Metrics, Peer, Reached, Request, Session
from checks.observation import Context
from checks.probes.http import get
from checks.probes.outcome import Outcome, Result, failure, family
from checks.probes.tcp import tcp_connect

METRICS_TIMEOUT_S = 2.0
"""A speaker on the same node answers within some 10 ms."""
METRICS_BYTES = 4 << 20
"""A speaker tells some 40 kB, and 100 bytes more for each address that it announces."""
CONNECT_TIMEOUT_S = 2.5
"""A lost SYN is repeated after one second."""
STARTS_S = 2.0
"""From the memberlist of a speaker that starts to its figures: it asks the API server in between."""
_PAUSE_S = 0.2
SILENCE_S = 0.3
"""How long a refusal of a datagram is waited for."""
KUBELET = 10250
"""What every node listens on, so that it tells a closed port from a node that nobody reaches."""
AT_A_TIME = 8
_OK = 200
_SESSIONS = ("metallb_bgp_session_up", "frrk8s_bgp_session_up")
_STALE, _LOADED = "metallb_k8s_client_config_stale_bool", "metallb_k8s_client_config_loaded_bool"
_ANNOUNCED = "metallb_speaker_announced"
_TOTAL, _IN_USE = "metallb_allocator_addresses_total", "metallb_allocator_addresses_in_use_total"
NAMES = frozenset({*_SESSIONS, _STALE, _LOADED, _ANNOUNCED, _TOTAL, _IN_USE})


def observe(request: Request, _context: Context) -> Data:
    """All at a time: several that do not answer take no longer than one."""
    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="speaker") as pool:
        reached = pool.map(lambda peer: _knock(peer, request.memberlist_port), request.peers)
        own = pool.submit(_own, request)
        controller = (
            pool.submit(_told, [request.controller], (request.controller_port,)) if request.controller else None
        )
        port = request.memberlist_port
        memberlist = pool.submit(tcp_connect, request.addresses[0], port, CONNECT_TIMEOUT_S) if port else None
        listens = memberlist.result() if memberlist else None
        return Data(
            metrics=_settled(request, own.result(), listens),
            memberlist=listens,
            reached=tuple(reached),
            controller=controller.result() if controller else None,
            interfaces=tuple(filter(_exists, request.interfaces)) if request.interfaces else None,
        )


def _exists(interface: str) -> bool:
    """Whether the node has an interface of that name, which the speaker, on the node's own network, sees too."""
    try:
        return socket.if_nametoindex(interface) > 0
    except (OSError, ValueError):  # a name with a zero byte
        return False


def _own(request: Request) -> Metrics:
    return _told(request.addresses, request.metrics_ports)


def _settled(request: Request, told: Metrics, listens: Outcome | None) -> Metrics:
    """The figures once a speaker that is just starting tells them: it opens its memberlist a moment earlier."""
    end = time.monotonic() + STARTS_S
    while told.outcome.result is Result.REFUSED and listens and listens.result is Result.OK and time.monotonic() < end:
        time.sleep(_PAUSE_S)
        told = _own(request)
    return told


def _told(addresses: Sequence[str], ports: Sequence[int]) -> Metrics:
    """The figures at the first port, and the sessions that others beside it tell; of the address that answers."""
    told = Metrics(outcome=Outcome(Result.REFUSED))
    for address in addresses:
        told = _read(address, ports[0])
        if told.status == _OK or told.outcome.result is Result.TIMEOUT:
            break
    sessions = [*told.sessions, *(s for port in ports[1:] for at in addresses for s in _read(at, port).sessions)]
    return Metrics(
        outcome=told.outcome,
        status=told.status,
        loaded=told.loaded,
        stale=told.stale,
        sessions=tuple(dict.fromkeys(sessions)),
        announced=told.announced,
        full=told.full,
    )


def _read(address: str, port: int) -> Metrics:
    fetched = get(address, port, "/metrics", METRICS_TIMEOUT_S, METRICS_BYTES)
    if fetched.status != _OK:
        return Metrics(outcome=fetched.outcome, status=fetched.status)
    found = list(samples(fetched.body, NAMES))
    flags = {sample.name: sample.value == 1 for sample in found}
    return Metrics(
        outcome=fetched.outcome,
        status=fetched.status,
        loaded=flags.get(_LOADED),
        stale=flags.get(_STALE),
        sessions=tuple(Session(s.labels.get("peer", ""), s.value == 1) for s in found if s.name in _SESSIONS),
        announced=tuple(
            Announced(s.labels.get("service", ""), s.labels.get("protocol", ""))
            for s in found
            if s.name == _ANNOUNCED and s.value == 1
        ),
        full=_full(found),
    )


def _full(found: Sequence[Sample]) -> tuple[str, ...]:
    """The pools of which as many addresses are given as there are."""
    total = {s.labels.get("pool", ""): s.value for s in found if s.name == _TOTAL}
    used = {s.labels.get("pool", ""): s.value for s in found if s.name == _IN_USE}
    return tuple(sorted(pool for pool, count in total.items() if count and used.get(pool, 0.0) >= count))


def _knock(peer: Peer, port: int) -> Reached:
    tcp = tcp_connect(peer.address, port, CONNECT_TIMEOUT_S)
    if tcp.result is Result.OK:
        return Reached(node=peer.node, tcp=tcp, udp=_datagram(peer.address, port))
    other = tcp_connect(peer.address, KUBELET, CONNECT_TIMEOUT_S).result
    return Reached(node=peer.node, tcp=tcp, node_answers=other in (Result.OK, Result.REFUSED, Result.PROHIBITED))


def _datagram(address: str, port: int) -> Outcome:
    """Send what no speaker understands, and hear who refuses it: a closed port does, a filter may, a speaker never."""
    begin = time.monotonic()
    try:
        with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams:
            datagrams.connect((address, port))
            datagrams.settimeout(SILENCE_S)
            datagrams.send(b"netcheck")
            datagrams.recv(1)
    except OSError as error:
        return failure(error, begin)
    return Outcome(Result.OK, time.monotonic() - begin)
