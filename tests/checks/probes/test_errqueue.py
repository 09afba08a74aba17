"""The kernel tells who objected to a packet, and why."""

import errno
import select
import socket

import pytest

from checks.probes import errqueue
from checks.probes.errqueue import ICMP, ICMP6, LOCAL, Report
from tests.checks.requirements import need_linux

UNREACHABLE, UNREACHABLE6 = 3, 1
"""ICMP's and ICMPv6's types of "destination unreachable"."""


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", Report(errno.ECONNREFUSED, ICMP, UNREACHABLE, 3, 0, "127.0.0.1")),
        ("::1", Report(errno.ECONNREFUSED, ICMP6, UNREACHABLE6, 4, 0, "::1")),
    ],
)
def test_a_port_without_a_listener_is_reported(host: str, expected: Report) -> None:
    """Once, over both families; and not any more when nobody asks."""
    need_linux()
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind, socket.SOCK_DGRAM) as unheard, socket.socket(kind, socket.SOCK_DGRAM) as asker:
        unheard.bind((host, 0))
        asker.settimeout(0)
        asker.connect((host, unheard.getsockname()[1]))
        unheard.close()
        errqueue.watch(asker, host)
        asker.send(b"?")
        poll = select.poll()
        poll.register(asker, 0)  # an error is always reported
        assert poll.poll(5000)
        assert [expected] == list(errqueue.reports(asker))
        assert [] == list(errqueue.reports(asker))
        errqueue.forget(asker, host)
        asker.send(b"?")
        assert [] == list(errqueue.reports(asker))


@pytest.mark.parametrize(
    ("origin", "kind", "code", "expected"),
    [
        (ICMP, UNREACHABLE, 10, True),
        (ICMP, UNREACHABLE, 13, True),
        (ICMP, UNREACHABLE, 1, False),
        (ICMP6, UNREACHABLE6, 1, True),
        (ICMP6, UNREACHABLE6, 6, True),
        (ICMP6, UNREACHABLE6, 3, False),
        (ICMP, 11, 10, False),
        (LOCAL, 0, 0, False),
    ],
)
def test_what_may_not_pass_is_told_from_what_finds_no_way(origin: int, kind: int, code: int, expected: bool) -> None:  # noqa: FBT001 - the expected answer
    """By the codes of the two protocols."""
    assert expected is Report(errno.EHOSTUNREACH, origin, kind, code, 0).prohibited
