"""Pairs of questions against a real server."""

import pytest

from checks.probes.dns.counted import Pairs
from checks.probes.dns.pairs import ask_pairs
from tests.checks.probes.dns_server import Faults, dns_server

NAME = "kubernetes.default.svc.cluster.local"


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(), Pairs(sent=6, answered=12)),
        (Faults(race=True), Pairs(sent=6, one_lost=6, answered=6)),
        (Faults(lose=lambda n: n == 3), Pairs(sent=6, two_lost=1, answered=11)),
        (Faults(lose=lambda _: True), Pairs(sent=6)),
    ],
    ids=["well", "race", "loss", "silent"],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_one_socket_loses_is_told_from_what_two_lose(host: str, faults: Faults, expected: Pairs) -> None:
    """Only pairs of which exactly one answer is missing count: a dead server is no race."""
    with dns_server(faults, host) as server:
        assert expected == ask_pairs((host, server.udp_port), NAME, 6, 2000, 0.1)


def test_every_pair_asks_for_both_families() -> None:
    """In turns from one socket and from two, each with an identifier of its own."""
    with dns_server() as server:
        ask_pairs(("127.0.0.1", server.udp_port), NAME, 2, 2000, 1)
        asked = [query.question[0].rdtype.name for query in server.seen]

    assert ["A", "AAAA"] * 4 == asked
