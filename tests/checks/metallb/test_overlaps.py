"""Pools that cover addresses of somebody else are named, with whose they are."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Container, Gap, PodSpec
from checks.finding import Severity
from tests.checks.metallb.objects import judged, pool, seen, told
from tests.checks.objects import cluster, pod
from tests.checks.words import words


def api_server(*arguments: str) -> Any:
    """Its pod, as kubeadm starts it."""
    container = Container(name="kube-apiserver", command=("kube-apiserver", *arguments))
    made = pod("kube-apiserver-cp", "cp", labels={"component": "kube-apiserver"})
    return msgspec.structs.replace(made, spec=PodSpec(node_name="cp", containers=(container,)))


@pytest.mark.parametrize(
    ("addresses", "outcome", "why"),
    [
        ("192.0.2.0/24", "pass", ""),
        ("172.30.0.0/24", "nodes", "172.30.0.10, the address of the node cp"),
        ("172.30.0.12-172.30.0.20", "nodes", "the node w2"),
        ("172.30.0.13-172.30.0.20", "pass", ""),
        ("10.244.2.128/25", "pods", "10.244.2.0/24, for pods on w2"),
        ("10.96.160.0/24", "services", "10.96.160.30, the cluster IP of metallb-system/metallb-webhook-service"),
        ("10.0.0.0/8", "pods", "10.244.0.0/24, for pods on cp"),
        ("2001:db8::/64", "pass", ""),
    ],
)
def test_what_a_pool_covers(addresses: str, outcome: str, why: str) -> None:
    """Nodes' own addresses weigh most."""
    finding = judged(cluster(metallb=(pool("a", addresses), pool("b", "198.51.100.0/24"))))["overlap"]
    assert {"a": outcome, "b": "pass"} == seen(finding)
    assert why in words(finding.text)


@pytest.mark.parametrize(
    ("addresses", "outcome"), [("10.96.9.0/24", "services"), ("10.112.0.0/24", "pass"), ("fd00:96::7/128", "services")]
)
def test_the_range_of_cluster_ips_is_what_the_api_server_was_told(addresses: str, outcome: str) -> None:
    """Also where no Service has an address of the pool yet; both families."""
    pods = (*cluster().pods, api_server("--v=2", "--service-cluster-ip-range=10.96.0.0/12,fd00:96::/112"))
    assert outcome == judged(cluster(metallb=(pool("a", addresses),), pods=pods))["overlap"].outcome


def test_whose_addresses_nobody_could_read_are_not_free() -> None:
    """Nothing is called well then; what was seen is said all the same."""
    gap = (Gap(verb="list services", reason="forbidden"),)
    assert Severity.UNKNOWN is judged(cluster(metallb=(pool(),), gaps=gap))["overlap"].severity
    assert "nodes" == judged(cluster(metallb=(pool("a", "172.30.0.0/24"),), gaps=gap))["overlap"].outcome


def test_each_owner_is_a_line() -> None:
    """Three nodes in one range."""
    finding = judged(cluster(metallb=(pool("a", "172.30.0.0/24"),)))["overlap"]
    assert [
        f"a covers 172.30.0.{10 + i}, the address of the node {n}" for i, n in enumerate(("cp", "w1", "w2"))
    ] == told(finding)
