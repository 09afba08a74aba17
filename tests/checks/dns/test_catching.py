"""What in a Corefile answers in the place of Kubernetes."""

import pytest

from checks.cluster.catching import Caught, caught
from checks.cluster.corefile import blocks

AROUND = ".:53 {{\n errors\n {}\n kubernetes cluster.local in-addr.arpa\n forward . /etc/resolv.conf\n}}\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("cache 30", None),
        ("template ANY ANY svc.cluster.local {\n rcode NXDOMAIN\n }", "template"),
        ('template IN A {\n match ^kubernetes\\.default\n answer "{{ .Name }} 60 IN A 192.0.2.1"\n }', "template"),
        ("template IN A {\n match ^other\\.default\n rcode NXDOMAIN\n }", None),
        ("template IN A {\n match (?<bad\n rcode NXDOMAIN\n }", None),
        ("template IN A example.org {\n rcode NXDOMAIN\n }", None),
        ("template IN MX {\n rcode NXDOMAIN\n }", None),
        ("template IN AAAA", None),
        ("template IN", None),
        ("hosts {\n 192.0.2.1 nas.example.org\n }", "hosts"),
        ("hosts {\n 192.0.2.1 nas.example.org\n fallthrough\n }", None),
        ("hosts /etc/hosts example.org {\n 192.0.2.1 nas.example.org\n }", None),
        ("hosts /etc/hosts {\n fallthrough example.org\n }", "hosts"),
        ("rewrite name suffix .cluster.local .example.org", "rewrite"),
        ("rewrite stop name regex (.*)\\.svc\\.cluster\\.local {1}.example.org", "rewrite"),
        ("rewrite name api.example.org kubernetes.default.svc.cluster.local", None),
        ("rewrite name kubernetes.default.svc.cluster.local api.example.org", "rewrite"),
        ("rewrite name prefix kube x", "rewrite"),
        ("rewrite name substring .default. .shop.", "rewrite"),
        ("rewrite ttl example.org 30", None),
        ("rewrite name", None),
    ],
)
def test_plugins_before_kubernetes(lines: str, expected: str | None) -> None:
    """By what each would do to a name that every cluster has."""
    found = caught(blocks({"/C": AROUND.format(lines)}, "/C"), "cluster.local")

    assert [expected] * (expected is not None) == [each.plugin for each in found]


def test_no_such_name_for_ipv6_alone_is_told_apart() -> None:
    """The name has other addresses, and NXDOMAIN denies them all."""
    text = AROUND.format("template IN AAAA . {\n rcode NXDOMAIN\n }")

    assert [Caught("template", "template IN AAAA .", aaaa_alone=True)] == caught(
        blocks({"/C": text}, "/C"), "cluster.local"
    )


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("svc.cluster.local:53 {\n forward . 192.0.2.1\n}\n", [Caught("server block", "svc.cluster.local:53")]),
        ("svc.cluster.local:5353 {\n forward . 192.0.2.1\n}\n", []),
        ("example.org {\n forward . 192.0.2.1\n}\n", []),
    ],
    ids=["closer", "other-port", "other-zone"],
)
def test_a_closer_server_block(block: str, expected: list[Caught]) -> None:
    """CoreDNS asks the block of the longest zone, on the port on which it is asked."""
    assert expected == caught(blocks({"/C": AROUND.format("cache") + block}, "/C"), "cluster.local")


def test_a_corefile_without_the_zone_catches_nothing() -> None:
    """There is nothing to be caught."""
    assert [] == caught(blocks({"/C": "example.org {\n whoami\n}"}, "/C"), "cluster.local")
