"""What is said of kube-proxy, node by node, and where there is none on purpose."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import (
    ConfigMap,
    Container,
    CustomObject,
    Metadata,
    Pod,
    PodSpec,
    PodTemplate,
    Snapshot,
    Workload,
    WorkloadSpec,
    WorkloadStatus,
)
from checks.finding import Finding
from checks.kube_proxy import CHECK
from checks.kube_proxy.model import Data
from checks.observation import Network, Observation
from checks.place import Node
from checks.probes.outcome import Outcome, Result
from tests.checks import objects
from tests.checks.judged import judged
from tests.checks.words import words

WELL: dict[str, Any] = {
    "health": Outcome(Result.OK, 0.001),
    "status": 200,
    "mode": "iptables",
    "arp_ignore": 0,
    "arp_announce": 0,
}
LATE = WELL | {"status": 503}
GONE: dict[str, Any] = {"health": Outcome(Result.REFUSED), "mode": "", "status": 0}
HANGS: dict[str, Any] = {"health": Outcome(Result.TIMEOUT), "mode": "", "status": 0}
BLIND: dict[str, Any] = {"health": Outcome(Result.ERROR), "mode": "", "status": 0}
LAYER_2 = CustomObject(kind="L2Advertisement", metadata=Metadata(name="all"))


def found(of: Mapping[str, Mapping[str, Any]], snapshot: Snapshot | None = None) -> dict[str, Finding]:
    """The findings where nodes say so; all others are well."""
    cluster = snapshot or objects.cluster()
    heard = [
        Observation(
            check=CHECK.name,
            network=Network.HOST,
            node=node.name,
            data=msgspec.to_builtins(Data(**(WELL | dict(of.get(node.name, of.get("*", {})))))),
        )
        for node in cluster.nodes
    ]
    return judged(CHECK, cluster, heard)


def daemon_set(desired: int = 3) -> Workload:
    """kube-proxy's."""
    template = PodTemplate(spec=PodSpec(containers=(Container(image="registry.k8s.io/kube-proxy:v1.34.4"),)))
    return Workload(
        kind="DaemonSet",
        metadata=Metadata(name="kube-proxy", namespace="kube-system"),
        spec=WorkloadSpec(template=template),
        status=WorkloadStatus(desired_number_scheduled=desired),
    )


def static_pod(node: str) -> Pod:
    """kube-proxy's pod where no DaemonSet makes it, as in RKE2."""
    return objects.pod(f"kube-proxy-{node}", node, labels={"component": "kube-proxy"})


CILIUM = ConfigMap(
    metadata=Metadata(name="cilium-config", namespace="kube-system"), data={"kube-proxy-replacement": "true"}
)


@pytest.mark.parametrize(
    ("of", "snapshot", "outcome"),
    [
        pytest.param({}, None, "pass", id="well"),
        pytest.param({"w1": LATE}, None, "late", id="late"),
        pytest.param({"w1": GONE}, None, "down", id="gone on one node"),
        pytest.param({"w1": HANGS}, None, "silent", id="hangs"),
        pytest.param({"w1": BLIND}, None, "pass", id="one could not be asked"),
        pytest.param({"*": BLIND}, objects.cluster(workloads=(daemon_set(),)), "", id="none could be asked"),
        pytest.param({"*": GONE}, None, "not-used", id="nowhere"),
        pytest.param({"*": GONE}, objects.cluster(workloads=(daemon_set(),)), "down", id="gone everywhere"),
        pytest.param(
            {"*": GONE}, objects.cluster(workloads=(daemon_set(0),)), "not-used", id="its DaemonSet has no node"
        ),
        pytest.param({"*": GONE}, objects.cluster(config_maps=(CILIUM,)), "not-used", id="Cilium"),
        pytest.param({"*": GONE}, objects.cluster(pods=(static_pod("cp"),)), "down", id="its pod is there"),
    ],
)
def test_whether_it_follows_changes(of: dict[str, Any], snapshot: Snapshot | None, outcome: str) -> None:
    """One that should be there and is not is down; where none has to be, none is missed."""
    assert outcome == found(of, snapshot)["health"].outcome


def test_the_node_is_named() -> None:
    """And the others are well."""
    finding = found({"w1": GONE})["health"]

    assert ("kube-proxy does not run on w1.", (Node("w1"),)) == (words(finding.text), finding.where)


def test_who_is_there_instead_is_named() -> None:
    """Nobody looks for a kube-proxy that nobody wants."""
    finding = found({"*": GONE}, objects.cluster(config_maps=(CILIUM,)))["health"]

    assert "There is no kube-proxy: Cilium translates Services." == words(finding.text)


IPVS = WELL | {"mode": "ipvs"}
STRICT = IPVS | {"arp_ignore": 1, "arp_announce": 2}


@pytest.mark.parametrize(
    ("of", "metallb", "outcome"),
    [
        ({"*": IPVS}, (LAYER_2,), "off"),
        ({"*": STRICT}, (LAYER_2,), "pass"),
        ({"*": STRICT, "w2": IPVS}, (LAYER_2,), "off"),
        ({"*": IPVS | {"arp_ignore": None}}, (LAYER_2,), ""),
        ({"*": IPVS}, (), "not-used"),
        ({}, (LAYER_2,), "not-used"),
    ],
)
def test_strict_arp(of: dict[str, Any], metallb: tuple[CustomObject, ...], outcome: str) -> None:
    """It matters in the mode ipvs, where MetalLB announces by layer 2, and nowhere else."""
    assert outcome == found(of, objects.cluster(metallb=metallb))["strict-arp"].outcome


@pytest.mark.parametrize(
    ("of", "outcome"),
    [
        ({"*": IPVS | {"has_ipvs_device": True}}, "pass"),
        ({"w1": WELL | {"has_ipvs_device": True}}, "ipvs"),
        ({"w1": GONE | {"has_ipvs_device": True}}, "pass"),
    ],
)
def test_what_is_left_of_ipvs(of: dict[str, Any], outcome: str) -> None:
    """Its interface beside another mode; where the mode is not known it may still be used."""
    assert outcome == found(of)["leftovers"].outcome


def test_modes_are_told_node_by_node() -> None:
    """A circumstance, which accuses nobody."""
    seen = {str(each.place): each.outcome for each in found({"w1": IPVS})["mode"].seen}

    assert {"cp": "iptables", "w1": "ipvs", "w2": "iptables"} == seen
