"""What askers measure against real DNS servers."""

import random
import socket
from pathlib import Path

import msgspec
import pytest

from checks.dns import CHECK
from checks.dns.model import SERVICE, Asked, Counted, Data, Request, Target
from checks.judging.statistics import Verdict, sprt
from checks.kernel.resolver import Resolver, read_resolver
from checks.observation import Context, Network
from checks.probes.dns.burst import Burst, Plan
from checks.probes.dns.counted import Pairs
from checks.probes.outcome import Result
from tests.checks.probes.dns_server import Faults, Server, dns_server
from tests.checks.probes.metrics_server import TEXT, served


def target(server: Server, name: str = "coredns-a", host: str = "127.0.0.1") -> Target:
    """The server as a replica."""
    return Target(name=name, node="w1", address=host, udp_port=server.udp_port, tcp_port=server.tcp_port)


def observe(*targets: Target, timeout_s: float = 0.3, rate_qps: float = 2000, external: str = "") -> tuple[Asked, ...]:
    """Ask the targets."""
    request = Request(targets=targets, timeout_s=timeout_s, rate_qps=rate_qps, external=external)
    return told(request).asked


def told(request: Request, network: Network = Network.POD) -> Data:
    """What an agent answers to a job."""
    data = CHECK.observe(request, Context(network=network, node="w1"))
    assert isinstance(data, Data)
    return data


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_sound_server_is_decided_by_one_batch(host: str) -> None:
    """48 answers are enough; both transports, both rcodes, the address and the times are there."""
    with dns_server(host=host) as server:
        (asked,) = observe(target(server, host=host), timeout_s=2)
    assert (48, 48, 0) == (asked.sent, asked.answered, asked.refused)
    assert {"NOERROR": 42} == asked.rcodes
    assert {"NXDOMAIN": 6} == asked.nx_rcodes
    assert ("10.96.0.1",) == asked.addresses
    assert Result.OK is asked.tcp
    assert 0 < asked.p50_s <= asked.p99_s < 2
    assert Verdict.CLEAN is sprt(asked.sent, asked.lost)


def test_no_datagram_is_sent_twice() -> None:
    """Every query that the server saw has an identifier of its own, lost or not."""
    with dns_server(Faults(lose=lambda n: n % 3 == 0)) as server:
        (asked,) = observe(target(server))
        identifiers = [query.id for query in server.seen if query.edns < 0]
    assert asked.sent == len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("share", [0.2, 0.3, 0.5])
def test_a_lossy_server_is_found_out(share: float) -> None:
    """A server that loses a share of the queries is called lossy, and its loss is about that share."""
    dice = random.Random(7)
    with dns_server(Faults(lose=lambda _: dice.random() < share)) as server:
        (asked,) = observe(target(server))
    assert Verdict.LOSSY is sprt(asked.sent, asked.lost)
    assert pytest.approx(share, abs=0.2) == asked.lost / asked.sent


def test_one_lost_datagram_is_asked_further() -> None:
    """A single loss does not decide: more is asked until it does, and the verdict is clean."""
    with dns_server(Faults(lose=lambda n: n == 5)) as server:
        (asked,) = observe(target(server))
    assert (1, 48 + 96) == (asked.lost, asked.sent)
    assert Verdict.CLEAN is sprt(asked.sent, asked.lost)


def test_a_doubtful_server_does_not_hold_the_job_up() -> None:
    """Where the test cannot decide, the questions end all the same."""
    with dns_server(Faults(lose=lambda n: n % 28 == 27)) as server:
        (asked,) = observe(target(server))
    assert asked.sent <= 48 + 96 + 192


def test_late_answers_count_as_lost() -> None:
    """An answer after the time-out helps no resolver."""
    with dns_server(Faults(delay_s=lambda n: 0.5 if n == 47 else 0.0)) as server:
        (asked,) = observe(target(server))
    assert asked.lost >= 1


def test_a_dead_server_and_a_sound_one_side_by_side() -> None:
    """Neither colours the other; the dead one is given up after its first questions."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, dns_server() as server:
        silent.bind(("127.0.0.1", 0))
        dead = Target(name="dead", node="w2", address="127.0.0.1", udp_port=silent.getsockname()[1], tcp_port=1)
        found = {asked.name: asked for asked in observe(dead, target(server, "sound"))}
    assert (48, 0, Result.REFUSED) == (found["dead"].sent, found["dead"].answered, found["dead"].tcp)
    assert (48, 48) == (found["sound"].sent, found["sound"].answered)


def test_a_port_without_a_listener_is_noted() -> None:
    """An ICMP refusal is not taken for silence."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    (asked,) = observe(Target(name="gone", address="127.0.0.1", udp_port=port, tcp_port=port))
    assert 0 == asked.answered
    assert asked.refused > 0


def test_tcp_that_closes_is_told_from_tcp_that_answers() -> None:
    """UDP is fine, TCP accepts and closes."""
    with dns_server(Faults(tcp=False)) as server:
        (asked,) = observe(target(server))
    assert (48, Result.CLOSED) == (asked.answered, asked.tcp)


def test_rcodes_are_kept() -> None:
    """A server that answers with an error has answered: nothing is lost, and the rcode is there."""
    with dns_server(Faults(rcode="SERVFAIL")) as server:
        (asked,) = observe(target(server))
    assert (0, {"SERVFAIL": 42}, ()) == (asked.lost, asked.rcodes, asked.addresses)


def test_the_cluster_ip_is_asked_through_several_flows() -> None:
    """Every flow may be balanced to another replica."""
    with dns_server() as server:
        (asked,) = observe(target(server, SERVICE), timeout_s=2)
    assert (16, 16) == (asked.sent, asked.answered)


def test_the_rate_is_kept() -> None:
    """At 100 queries a second one is due every hundredth, however fast the server is: the clock is moved by hand."""
    with dns_server() as server:
        plan = Plan(
            address="127.0.0.1",
            port=server.udp_port,
            exists="kubernetes.default.svc.cluster.local",
            domain="cluster.local",
            timeout_s=1,
            rate_qps=100,
        )
        burst = Burst(plan)
        sent = []
        for now in (0.0, 0.005, 0.0101, 0.0102, 0.5):
            burst.turn(now)
            sent.append(burst.sent)
        burst.close()
    assert [1, 1, 2, 2, 3] == sent


def test_a_pod_asks_as_its_own_resolver_would(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The ClusterIP for the zone that it is told, and pairs from one socket and from two; the host does neither."""
    file = tmp_path / "resolv.conf"
    file.write_text("nameserver 10.96.0.10\nsearch default.svc.corp.example svc.corp.example\noptions ndots:5\n")
    resolver = Resolver(nameservers=("10.96.0.10",), search=("default.svc.corp.example", "svc.corp.example"), ndots=5)
    monkeypatch.setattr("checks.dns.observe.read_resolver", lambda: read_resolver(file))
    with dns_server() as server:
        request = Request(targets=(target(server, SERVICE),), timeout_s=0.5, rate_qps=4000)
        pod, host = told(request), told(request, Network.HOST)

    assert (resolver, "NXDOMAIN", Pairs(sent=32, answered=64)) == (pod.resolver, pod.own_rcode, pod.pairs)
    assert (resolver, "", None) == (host.resolver, host.own_rcode, host.pairs)


def test_a_domain_that_catches_everything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that are searched besides the cluster's; one that is no domain is passed over."""
    search = (
        "default.svc.cluster.local",
        "svc.cluster.local",
        "cluster.local",
        "corp.example",
        "a..b",
        "third.example",
    )
    monkeypatch.setattr("checks.dns.observe.read_resolver", lambda: Resolver(search=search))
    with dns_server(Faults(catches="corp.example")) as server:
        data = told(Request(targets=(target(server, SERVICE),), timeout_s=0.5, rate_qps=4000))

    assert (("corp.example",), "NOERROR", ("10.96.0.1",)) == (data.wildcards, data.own_rcode, data.own_addresses)


def test_counters_are_told_by_how_much_they_rose() -> None:
    """Of the replicas that this agent is to read; those that cannot be read say why."""
    with dns_server() as server, served(TEXT, grow=("SERVFAIL", 5)) as port:
        read = msgspec.structs.replace(target(server), metrics_port=port)
        gone = msgspec.structs.replace(target(server, "gone"), metrics_port=1)
        data = told(Request(targets=(read, gone, target(server, "other")), timeout_s=0.5))

    assert (
        Counted(name="coredns-a", node="w1", read=True, rcodes={"SERVFAIL": 5}),
        Counted(name="gone", node="w1", detail="refused"),
    ) == data.counted


def test_an_external_name_is_asked_only_when_given() -> None:
    """Its rcode is kept apart from the rest."""
    with dns_server() as server:
        (without,) = observe(target(server))
        (with_name,) = observe(target(server), external="example.org")
    assert ("", "NXDOMAIN") == (without.external, with_name.external)
    assert 48 == with_name.sent
