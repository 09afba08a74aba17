"""An agent asks real listeners for figures, and knocks at real ports."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from checks.metallb import observe as observing
from checks.metallb.exposition import samples
from checks.metallb.model import Announced, Data, Parameters, Peer, Request, Session
from checks.metallb.observe import observe
from checks.metallb.plan import plan
from checks.observation import Context, Network
from checks.probes.outcome import Result
from tests.checks.objects import cluster

CONTEXT = Context(Network.HOST, "w1")
FIGURES = b"""# HELP metallb_k8s_client_config_stale_bool 1 if running on a stale configuration
# TYPE metallb_k8s_client_config_stale_bool gauge
metallb_k8s_client_config_stale_bool 1
metallb_k8s_client_config_loaded_bool 1
metallb_bgp_session_up{peer="198.51.100.1:179"} 0
metallb_bgp_session_up{peer="198.51.100.2:179",vrf="a\\"},b"} 1
metallb_speaker_announced{ip="192.0.2.10",node="w1",protocol="layer2",service="shop/web"} 1
metallb_speaker_announced{ip="192.0.2.11",node="w1",protocol="layer2",service="shop/gone"} 0
metallb_allocator_addresses_in_use_total{pool="a"} 4
metallb_allocator_addresses_total{pool="a"} 4
metallb_allocator_addresses_in_use_total{pool="b"} 1
metallb_allocator_addresses_total{pool="b"} 9.223372036854776e+18
go_goroutines 77
"""


@contextmanager
def speaker(figures: bytes = FIGURES, port: int = 0) -> Iterator[int]:
    """A speaker that tells these figures; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/metrics" else 404)
            self.end_headers()
            self.wfile.write(figures)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def listener(address: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Somebody who takes connections and says nothing, as a process that was stopped; its port."""
    with socket.create_server((address, port)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port on which nobody listens."""
    with listener() as port:
        return port


def asked(port: int, *more: int) -> Data:
    """What an agent sees that asks these ports for figures."""
    return observe(Request(addresses=("127.0.0.1",), metrics_ports=(port, *more)), CONTEXT)


def test_a_speaker_tells_what_it_does() -> None:
    """Of each figure what is asked for, and nothing else."""
    with speaker() as port:
        told = asked(port).metrics
    assert told
    assert (200, True, True) == (told.status, told.loaded, told.stale)
    assert (Session(peer="198.51.100.1:179", up=False), Session(peer="198.51.100.2:179", up=True)) == told.sessions
    assert ((Announced("shop/web", "layer2"),), ("a",)) == (told.announced, told.full)


def test_sessions_of_frr_are_told_beside_the_speaker() -> None:
    """By FRR's own exporter, on another port of the node."""
    with (
        speaker(b"metallb_k8s_client_config_stale_bool 0\n") as own,
        speaker(b'frrk8s_bgp_session_up{peer="r"} 1\n') as frr,
    ):
        told = asked(own, frr).metrics
    assert told
    assert (False, (Session(peer="r", up=True),)) == (told.stale, told.sessions)


def test_who_takes_a_connection_and_says_nothing_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is told from a port that is closed."""
    monkeypatch.setattr(observing, "METRICS_TIMEOUT_S", 0.1)
    with listener() as port:
        told = asked(port).metrics
    assert told
    assert (0, Result.TIMEOUT) == (told.status, told.outcome.result)


def test_figures_behind_a_proxy_are_found_on_loopback(closed: int) -> None:
    """The node's own address refuses; the next one is asked."""
    with speaker() as port:
        told = observe(Request(addresses=("127.0.0.2", "127.0.0.1"), metrics_ports=(port,)), CONTEXT).metrics
    nobody = asked(closed).metrics
    assert told
    assert nobody
    assert (200, Result.REFUSED) == (told.status, nobody.outcome.result)


def test_a_speaker_that_starts_is_waited_for(monkeypatch: pytest.MonkeyPatch, closed: int) -> None:
    """It has its memberlist before its figures; who never has any is told as it is."""
    with listener() as port, ExitStack() as stack:
        request = Request(addresses=("127.0.0.1",), metrics_ports=(closed,), memberlist_port=port)
        monkeypatch.setattr(observing, "_PAUSE_S", 0.0)
        monkeypatch.setattr(observing, "STARTS_S", 0.05)
        never = observe(request, CONTEXT).metrics
        monkeypatch.setattr(observing, "STARTS_S", 5.0)
        monkeypatch.setattr(time, "sleep", lambda _: stack.enter_context(speaker(port=closed)))
        late = observe(request, CONTEXT).metrics
    assert never
    assert late
    assert (Result.REFUSED, 200) == (never.outcome.result, late.status)


def test_the_memberlist_of_others_is_tried(closed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open over TCP, refused over UDP; closed on a node that answers elsewhere; on this node too."""
    monkeypatch.setattr(observing, "STARTS_S", 0.0)
    with ExitStack() as stack:
        port = stack.enter_context(listener())
        monkeypatch.setattr(observing, "KUBELET", port)
        there = observe(
            Request(
                addresses=("127.0.0.1",),
                metrics_ports=(closed,),
                memberlist_port=port,
                peers=(Peer("w2", "127.0.0.1"),),
            ),
            CONTEXT,
        )
        other = observe(
            Request(
                addresses=("127.0.0.1",),
                metrics_ports=(closed,),
                memberlist_port=closed,
                peers=(Peer("w2", "127.0.0.1"),),
            ),
            CONTEXT,
        )
    assert there.memberlist
    assert other.memberlist
    assert (Result.OK, Result.REFUSED) == (there.memberlist.result, other.memberlist.result)
    assert there.reached[0].udp
    assert (Result.OK, Result.REFUSED) == (there.reached[0].tcp.result, there.reached[0].udp.result)
    assert (Result.REFUSED, True) == (other.reached[0].tcp.result, other.reached[0].node_answers)


def test_a_speaker_that_takes_datagrams_answers_no_stranger(monkeypatch: pytest.MonkeyPatch, closed: int) -> None:
    """Its silence is no refusal."""
    monkeypatch.setattr(observing, "STARTS_S", 0.0)
    monkeypatch.setattr(observing, "SILENCE_S", 0.05)
    with listener() as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", port))
        told = observe(
            Request(
                addresses=("127.0.0.1",),
                metrics_ports=(closed,),
                memberlist_port=port,
                peers=(Peer("w2", "127.0.0.1"),),
            ),
            CONTEXT,
        )
    assert told.reached[0].udp
    assert Result.TIMEOUT is told.reached[0].udp.result


@pytest.mark.parametrize("broken", [b"\xff\xfe{", b'a{b="c', b"metallb_bgp_session_up nothing", b""])
def test_what_is_no_figure_is_left_out(broken: bytes) -> None:
    """Whatever answers on that port."""
    assert [] == list(samples(broken, {"metallb_bgp_session_up"}))


def test_every_node_with_a_speaker_looks_at_its_own_and_at_others() -> None:
    """Ports are the usual ones where a template tells none."""
    tasks = {task.node: task.request for task in plan(cluster(), Parameters())}
    assert ["cp", "w1", "w2"] == sorted(tasks)
    assert (("172.30.0.11", "127.0.0.1"), (7472,), 7946) == (
        tasks["w1"].addresses,
        tasks["w1"].metrics_ports,
        tasks["w1"].memberlist_port,
    )
    assert {"cp", "w2"} == {peer.node for peer in tasks["w1"].peers}
    assert [] == plan(cluster(workloads=()), Parameters())
