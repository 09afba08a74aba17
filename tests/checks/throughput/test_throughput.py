"""One stream from node to node: planned, sent to a real echo, judged."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot.language import ENGLISH
from checks.finding import Severity
from checks.gathered import Gathered, Heard
from checks.observation import Context, Network, Task
from checks.place import Pair
from checks.probes.echo import HOST_PORT, POD_PORT, Server
from checks.probes.stream import stream
from checks.throughput import CHECK
from checks.throughput.model import Data, Parameters, Request, Try
from tests.checks import objects
from tests.checks.paths.matrix import agent


@pytest.fixture
def echo() -> Iterator[Server]:
    """A real one on the loopback interface."""
    server, stop = Server(["127.0.0.1"], 0), threading.Event()
    thread = threading.Thread(target=lambda: _serve(server, stop))
    thread.start()
    yield server
    stop.set()
    thread.join()
    server.close()


def _serve(server: Server, stop: threading.Event) -> None:
    while not stop.is_set():
        server.turn()


def tasks(**parameters: Any) -> list[Task]:
    """The plan over three nodes with agents."""
    pods = tuple(agent(name, f"10.244.{number}.2") for number, name in enumerate(("cp", "w1", "w2")))
    return CHECK.plan(objects.cluster(pods=pods), Parameters(**parameters))


@pytest.mark.parametrize(
    ("asked", "source", "address", "port"),
    [
        ({}, "cp", "10.244.1.2", POD_PORT),
        ({"source": "w2"}, "w2", "10.244.0.2", POD_PORT),
        ({"target": "cp"}, "w1", "10.244.0.2", POD_PORT),
        ({"source": "w1", "target": "w2", "network": "host"}, "w1", "172.30.0.12", HOST_PORT),
    ],
)
def test_one_node_sends_to_one_other(asked: dict[str, str], source: str, address: str, port: int) -> None:
    """Whoever is not named is the first that fits."""
    (task,) = tasks(**asked)
    assert isinstance(task.request, Request)
    assert (source, address, port) == (task.node, task.request.address, task.request.port)


@pytest.mark.parametrize("asked", [{"source": "w1", "target": "w1"}, {"source": "w9"}, {"target": "w9"}])
def test_without_two_nodes_nothing_is_sent(asked: dict[str, str]) -> None:
    """And that is told."""
    assert [] == tasks(**asked)
    (finding,) = CHECK.judge(CHECK.gather(objects.cluster(), {}, ()))
    assert Severity.UNKNOWN == finding.severity


def test_the_receiver_counts_what_arrives(echo: Server) -> None:
    """All that was sent, and no more than the rate lets through."""
    request = Request(address="127.0.0.1", port=echo.port, target="w2", seconds=0.3, tries=2, rate_mbit=80)
    data = CHECK.observe(request, Context(Network.POD, "w1"))
    assert isinstance(data, Data)
    rates = [each.received * 8 / each.elapsed_s for each in data.tries]
    assert ["", ""] == [each.error for each in data.tries]
    # The kernel lets a first burst through before it paces.
    assert all(10e6 < each < 200e6 for each in rates)


def test_the_echo_still_gives_back_what_does_not_ask_to_be_counted(echo: Server) -> None:
    """One connection's count is no other's."""
    counted = stream("127.0.0.1", echo.port, 0.05, 0, 2.0)
    assert counted.received > 4
    with socket.create_connection(("127.0.0.1", echo.port), timeout=2.0) as connection:
        connection.sendall(b"as it is")
        assert b"as it is" == connection.recv(8)


def test_a_way_that_is_cut_is_told() -> None:
    """With the kernel's own words, as often as it was tried."""
    request = Request(address="127.0.0.1", port=1, target="w2", seconds=0.2, tries=2, rate_mbit=0)
    data = CHECK.observe(request, Context(Network.POD, "w1"))
    assert isinstance(data, Data)
    assert [True, True] == ["refused" in each.error for each in data.tries]
    (finding,) = CHECK.judge(_gathered(data))
    assert ("stalled", Severity.DEGRADED) == (finding.outcome, finding.severity)


def test_the_median_and_its_cost_are_measures() -> None:
    """In bits a second, and seconds of soft interrupts a gigabyte."""
    tries = tuple(
        Try(received=size, elapsed_s=1.0, softirq_s=0.5, idle=0.25) for size in (125_000_000, 250_000_000, 375_000_000)
    )
    (finding,) = CHECK.judge(_gathered(Data(target="w2", tries=tries)))
    (seen,) = finding.seen
    assert (Pair("w1", "w2"), "pass", {"rate": 2e9, "softirq": 2.0, "idle": 0.25}) == (
        seen.place,
        seen.outcome,
        seen.measures,
    )
    assert "2 Gbit/s from w1 to w2." == ENGLISH.words(finding.text)
    assert "3 tries, 1 Gbit/s to 3 Gbit/s" in ENGLISH.words(finding.evidence[0])


def _gathered(data: Data) -> Gathered[Parameters, Data]:
    heard = Heard(node="w1", network=Network.POD, data=data)
    return Gathered(snapshot=objects.cluster(), parameters=Parameters(), heard=(heard,))
