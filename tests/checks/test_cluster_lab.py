"""The transport on a real API server: the lab's, or the one that KUBECONFIG names."""

import base64
from pathlib import Path

import pytest
import yaml

from checks import metallb, webhook
from checks.cluster.api import Cluster, ClusterUnavailable
from checks.cluster.resources import CONFIG, ENDPOINT_SLICES, PODS, RESOURCES
from checks.cluster.snapshot import Snapshot
from checks.observation import Context, Network, Observation
from checks.reading.read import read_answer
from tests.checks.certificates import issue
from tests.lab.fixtures import Cluster as RealCluster
from tests.lab.fixtures import cluster as real
from tests.lab.fixtures import lab

__all__ = ["lab", "real"]
pytestmark = pytest.mark.lab
POOLS = "/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools"


@pytest.fixture
def connected(real: RealCluster) -> Cluster:
    """The transport, with an administrator's kubeconfig."""
    return Cluster.connect("lab", kubeconfig=str(real.kubeconfig))


@pytest.fixture
def snapshot(connected: Cluster) -> Snapshot:
    """What it reads."""
    return connected.snapshot()


def changed_kubeconfig(real: RealCluster, folder: Path, cluster: dict[str, str], user: dict[str, str]) -> str:
    """The kubeconfig with another cluster entry or user."""
    config = yaml.safe_load(real.kubeconfig.read_text())
    config["clusters"][0]["cluster"] |= cluster
    config["users"][0]["user"] = user or config["users"][0]["user"]
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_snapshot_is_whole(snapshot: Snapshot) -> None:
    """Everything is read that is there: what MetalLB has only with FRR-K8s, or will have, is not."""
    missing = ("list configurationstates.metallb.io", "list bgpsessionstates.frrk8s.metallb.io")
    assert dict.fromkeys(missing, "not-installed") == {gap.verb: gap.reason for gap in snapshot.gaps}
    assert snapshot.server_version.startswith("v1.")
    assert any(node.control_plane for node in snapshot.nodes)
    assert all(node.internal_ips for node in snapshot.nodes)
    assert {"coredns"} <= {config_map.metadata.name for config_map in snapshot.config_maps}
    assert snapshot.endpoints("kube-system", "kube-dns")


def test_pages_join_seamlessly(connected: Cluster, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one object a page the snapshot is the same."""
    monkeypatch.setattr("checks.cluster.api.PAGE", 1)
    paged = connected.snapshot()
    assert [node.name for node in snapshot.nodes] == [node.name for node in paged.nodes]
    assert [pod.metadata.name for pod in snapshot.pods] == [pod.metadata.name for pod in paged.pods]


def test_missing_permissions_are_named(real: RealCluster, tmp_path: Path) -> None:
    """A service account that may do nothing gives a gap for every list, each with the verb that a role lacks."""
    token = real.read("create", "token", "default", "--namespace", "default").strip()
    path = changed_kubeconfig(real, tmp_path, {}, {"token": token})
    snapshot = Cluster.connect(kubeconfig=path).snapshot()
    named = (*RESOURCES, PODS, ENDPOINT_SLICES, CONFIG)
    assert {resource.verb for resource in named} == {gap.verb for gap in snapshot.gaps}
    assert {"forbidden"} == {gap.reason for gap in snapshot.gaps}
    answer = Cluster.connect(kubeconfig=path).dry_run_create(POOLS, {"kind": "IPAddressPool"}, 5)
    assert (403, True) == (answer.status, "cannot create resource" in answer.message)


def test_wrong_credentials_and_wrong_authority(real: RealCluster, tmp_path: Path) -> None:
    """A token that the API server does not know, and a certificate authority that is not its own, are told apart."""
    unknown = changed_kubeconfig(real, tmp_path, {}, {"token": "unknown"})
    with pytest.raises(ClusterUnavailable, match="does not accept the credentials"):
        Cluster.connect(kubeconfig=unknown).snapshot()
    other = base64.b64encode(issue("another authority").pem).decode()
    with pytest.raises(ClusterUnavailable, match=r"(?i)certificate verify failed.*certificate authority"):
        Cluster.connect(
            kubeconfig=changed_kubeconfig(real, tmp_path, {"certificate-authority-data": other}, {})
        ).snapshot()


def test_dry_run_passes_and_leaves_nothing(connected: Cluster, snapshot: Snapshot, real: RealCluster) -> None:
    """The webhook check's dry run passes on a healthy cluster in a moment, and no pool comes of it."""
    tasks = webhook.CHECK.plan(snapshot, webhook.CHECK.parameters())
    (dry_run,) = (task for task in tasks if task.network is Network.CLUSTER)
    data = webhook.CHECK.observe(dry_run.request, Context(network=Network.CLUSTER, cluster=connected))
    observation = Observation(check="webhook", network=Network.CLUSTER, data=data)
    found = webhook.CHECK.judge(webhook.CHECK.gather(snapshot, {}, [observation]))
    outcomes = {finding.code: finding.outcome for finding in found}
    assert outcomes["webhook.dry-run"] in ("pass", "pass-local")
    assert "pass" == outcomes["webhook.endpoints"]
    assert "netcheck-dry-run" not in real.read("-n", "metallb-system", "get", "ipaddresspools.metallb.io", "-o", "name")


def test_webhook_that_says_no_is_heard(connected: Cluster) -> None:
    """A pool that makes no sense is denied in the webhook's own words."""
    body = {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": "netcheck-dry-run", "namespace": "metallb-system"},
        "spec": {"addresses": ["192.0.2.20-192.0.2.10"]},
    }
    answer = connected.dry_run_create(POOLS, body, 12)
    assert (403, "denied") == (answer.status, read_answer(answer.message).outcome), answer.message


def test_metallb_is_seen(snapshot: Snapshot) -> None:
    """MetalLB's own manifest is recognised: installed, controller and speakers ready."""
    found = metallb.CHECK.judge(metallb.CHECK.gather(snapshot, {}, ()))
    assert {
        "metallb.installed": "pass",
        "metallb.controller": "pass",
        "metallb.speaker": "pass",
    }.items() <= {finding.code: finding.outcome for finding in found}.items()
