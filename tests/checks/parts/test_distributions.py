"""In every distribution CNI, kube-proxy, cluster DNS, its caches and its domain are found, whatever they are called."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks.cluster import dns
from checks.cluster.parts import Part
from checks.cluster.snapshot import Snapshot
from checks.dns.plan import find_replicas
from checks.inventory import take_inventory
from checks.parts.judge import find
from tests.checks.distributions.sets import NAMES, load, snapshot_of


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    """What is read of a cluster of each distribution."""
    return {name: snapshot_of(load(name), tmp_path_factory.mktemp(name)) for name in NAMES}


def test_there_are_many() -> None:
    """The families that are in use, each with its source."""
    assert {"kubeadm", "k3s", "rke2", "openshift", "talos"} <= set(NAMES)
    assert {"calico", "cilium", "antrea", "ovn-kubernetes", "weave", "kube-ovn"} <= set(NAMES)
    assert [] == [name for name in NAMES if not load(name)["source"]]


@pytest.mark.parametrize("name", NAMES)
def test_parts_are_found(name: str, read: dict[str, Snapshot]) -> None:
    """One CNI and no other, kube-proxy where there is one, the Service that pods ask, the domain, the cache."""
    snapshot, expected = read[name], load(name)["expected"]
    service = dns.find_service(snapshot)
    assert service
    meta = service.metadata

    assert () == snapshot.gaps
    assert [expected["cni"]] * bool(expected["cni"]) == [
        [f.product, f.namespace, f.name] for f in find(snapshot, Part.CNI)
    ]
    assert bool(expected["kube-proxy"]) == bool(find(snapshot, Part.KUBE_PROXY))
    assert expected["dns"] == [meta.namespace, meta.name, service.spec.cluster_ip]
    assert expected["domain"] == dns.domain_of(snapshot)
    assert [expected["cache"]] * bool(expected["cache"]) == [
        [f.namespace, f.name] for f in find(snapshot, Part.DNS_CACHE)
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if load(name)["endpointslices"]])
def test_replicas_are_asked_on_the_port_of_their_slice(name: str, read: dict[str, Snapshot]) -> None:
    """53, or 5353 on OpenShift; never the one of the metrics."""
    port = 5353 if name == "openshift" else 53
    assert [("dns-a", "w1", port, port)] == [
        (t.name, t.node, t.udp_port, t.tcp_port) for t in find_replicas(read[name])
    ]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_renamed_and_moved_is_found_all_the_same(name: str, tmp_path: Path) -> None:
    """Neither the names of workloads and Services nor their namespaces tell anything."""
    objects, expected = load(name), load(name)["expected"]
    moved = msgspec.json.encode(objects).replace(b'"kube-system"', b'"elsewhere"').replace(b"openshift-dns", b"moved")
    found: dict[str, Any] = msgspec.json.decode(moved)
    for number, item in enumerate((*found["deployments"], *found["daemonsets"])):
        item["metadata"]["name"] = f"renamed-{number}"
    snapshot = snapshot_of(found, tmp_path)
    service = dns.find_service(snapshot)

    assert service
    assert expected["dns"][2] == service.spec.cluster_ip
    assert (expected["cni"] or [])[:1] == [f.product for f in find(snapshot, Part.CNI)]
    assert expected["domain"] == dns.domain_of(snapshot)


def test_plans_name_what_is_there(read: dict[str, Snapshot]) -> None:
    """The workload behind the cluster's DNS, its namespace, and kube-proxy's pods."""
    found = {name: take_inventory(snapshot, ()) for name, snapshot in read.items()}
    assert ("kube-system", "deployment rke2-coredns-rke2-coredns") == (
        found["rke2"].dns_namespace,
        found["rke2"].dns_workload,
    )
    assert ("openshift-dns", "daemonset dns-default") == (
        found["openshift"].dns_namespace,
        found["openshift"].dns_workload,
    )
    assert [("kube-system", "component=kube-proxy"), ("", "")] == [found[n].kube_proxy for n in ("rke2", "k3s")]


def test_nothing_of_other_namespaces_is_read(read: dict[str, Snapshot]) -> None:
    """Of the kubelet's configuration the lines about DNS alone are kept."""
    (kubelet,) = [c for c in read["kubeadm"].config_maps if c.metadata.name == "kubelet-config"]
    assert {"kubelet": "clusterDNS:\n- 10.96.0.10\nclusterDomain: cluster.local\n"} == kubelet.data
