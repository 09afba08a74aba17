"""What made the machine that a node is, told by the node alone."""

import pytest

from checks.cluster.owner import Owner, owner_of
from tests.checks.words import words

CAPI = {
    "cluster.x-k8s.io/machine": "prod-cp-6qbt4",
    "cluster.x-k8s.io/owner-kind": "KubeadmControlPlane",
    "cluster.x-k8s.io/owner-name": "prod-cp",
    "cluster.x-k8s.io/cluster-name": "prod",
}
RANCHER = {"rke.cattle.io/machine": "4f1c9f9e"}
BY = Owner(product="Cluster API", machine="prod-cp-6qbt4", by="KubeadmControlPlane prod-cp", cluster="prod")


@pytest.mark.parametrize(
    ("labels", "annotations", "owner"),
    [
        ({}, CAPI, BY),
        ({}, {"cluster.x-k8s.io/machine": "m"}, Owner(product="Cluster API", machine="m")),
        (RANCHER, {"cluster.x-k8s.io/machine": "pool-x"}, Owner(product="Rancher", machine="pool-x")),
        (RANCHER, {}, Owner(product="Rancher", machine="4f1c9f9e")),
        (RANCHER, {"cluster.x-k8s.io/machine": "custom-926c73f36662"}, None),
        (
            {},
            {"machine.openshift.io/machine": "openshift-machine-api/w-a"},
            Owner(product="OpenShift's Machine API", machine="openshift-machine-api/w-a"),
        ),
        ({"node-role.kubernetes.io/control-plane": ""}, {"kubeadm.alpha.kubernetes.io/cri-socket": "x"}, None),
    ],
    ids=["cluster-api", "cluster-api-alone", "rancher", "rancher-label", "rancher-registered", "openshift", "nobody"],
)
def test_the_node_tells_what_made_it(labels: dict[str, str], annotations: dict[str, str], owner: Owner | None) -> None:
    """A machine that people made and registered with Rancher is theirs."""
    assert owner == owner_of(labels, annotations)


def test_it_is_said_with_what_it_means() -> None:
    """By name, so that people find the template."""
    assert (
        "Cluster API made this node (Machine prod-cp-6qbt4 of KubeadmControlPlane prod-cp, cluster prod): "
        "change the template, or new machines come as before."
    ) == words(BY.text)
