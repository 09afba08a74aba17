"""A healthy cluster, the lab or the one that KUBECONFIG names: what all diagnoses are compared with."""

import json

import pytest

from tests.lab.fixtures import Cluster
from tests.lab.plain_tools import dry_run

pytestmark = pytest.mark.lab


def test_nodes_are_ready(cluster: Cluster) -> None:
    """Every node is Ready."""
    nodes = json.loads(cluster.read("get", "nodes", "-o", "json"))["items"]
    ready = {
        node["metadata"]["name"]: next(
            each["status"] for each in node["status"]["conditions"] if each["type"] == "Ready"
        )
        for node in nodes
    }
    assert ready == dict.fromkeys(ready, "True")


def test_coredns_replicas_are_spread(cluster: Cluster) -> None:
    """CoreDNS has two replicas or more, not all on one node."""
    pods = json.loads(cluster.read("-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns", "-o", "json"))["items"]
    assert len({pod["spec"]["nodeName"] for pod in pods}) >= 2


def test_webhook_answers_a_dry_run(cluster: Cluster) -> None:
    """A dry-run create of an IPAddressPool is accepted at once."""
    error, seconds = dry_run(cluster)
    assert error == ""
    assert seconds < 2


def test_webhook_really_judges(cluster: Cluster) -> None:
    """An impossible address range is refused by MetalLB's webhook, so it is the webhook that answers."""
    pool = {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": "lab-dry-run", "namespace": "metallb-system"},
        "spec": {"addresses": ["192.0.2.20-192.0.2.10"]},
    }
    refused = cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pool))
    assert "denied the request" in refused.stderr
