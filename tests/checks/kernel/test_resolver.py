"""Files like `/etc/resolv.conf`."""

from pathlib import Path

import pytest

from checks.kernel.resolver import Resolver, read_resolver

POD = """search shop.svc.cluster.local svc.cluster.local cluster.local example.org
nameserver 10.96.0.10
options ndots:5
"""


@pytest.mark.parametrize(
    ("text", "expected", "zone"),
    [
        (
            POD,
            Resolver(
                nameservers=("10.96.0.10",),
                search=("shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.org"),
                ndots=5,
            ),
            "cluster.local",
        ),
        (
            "# stub\nnameserver 127.0.0.53\nnameserver fd00::53\noptions edns0 trust-ad\nsearch .\n",
            Resolver(nameservers=("127.0.0.53", "fd00::53")),
            "",
        ),
        (
            "domain old.example\nsearch SVC.Corp.Example. b\noptions ndots:99 ndots:x\nnameserver\n",
            Resolver(search=("svc.corp.example", "b"), ndots=15),
            "corp.example",
        ),
    ],
    ids=["pod", "node", "odd"],
)
def test_what_a_resolver_is_told(text: str, expected: Resolver, zone: str, tmp_path: Path) -> None:
    """Servers, search list and ndots, and the cluster's zone where a kubelet wrote it."""
    (tmp_path / "resolv.conf").write_text(text)

    resolver = read_resolver(tmp_path / "resolv.conf")

    assert expected == resolver
    assert zone == expected.zone


def test_domains_that_are_none_of_the_clusters() -> None:
    """Only a pod's: a node's own domains are all its own."""
    search = ("shop.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.org", "other.cluster.local")

    assert ("example.org",) == Resolver(search=search).strange
    assert () == Resolver(search=("example.org",)).strange


def test_no_file_is_no_resolver(tmp_path: Path) -> None:
    """Which is not the same as one without servers."""
    assert read_resolver(tmp_path / "resolv.conf") is None
