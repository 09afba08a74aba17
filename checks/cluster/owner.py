"""What made the machine that a node is, as far as the Node object tells: whatever made it may make it anew. Pure."""

from collections.abc import Mapping

import msgspec

from checks.text import Text, say

_MACHINE, _KIND, _NAME, _CLUSTER = (
    f"cluster.x-k8s.io/{what}" for what in ("machine", "owner-kind", "owner-name", "cluster-name")
)
"""Annotations of nodes that Cluster API made (Cluster API book, supported annotations)."""
_RANCHER = "rke.cattle.io/machine"
"""Rancher's label; Rancher provisions through Cluster API, so its nodes have those annotations as well."""
_REGISTERED = "custom-"
"""So Rancher calls the machines that people made and registered with it."""
_OPENSHIFT = "machine.openshift.io/machine"
"""The annotation of OpenShift's Machine API: `NAMESPACE/NAME`."""


class Owner(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What made a machine."""

    product: str
    machine: str
    """The name of its Machine object."""
    by: str = ""
    """What that belongs to: `KubeadmControlPlane prod-control-plane`."""
    cluster: str = ""
    """As the product calls it."""

    @property
    def text(self) -> Text:
        """Who it is, and what that means."""
        machine = f"{self.machine} of {self.by}" if self.by else self.machine
        told = say("{product} made this node (Machine {machine})", product=self.product, machine=machine)
        if self.cluster:
            values = {"product": self.product, "machine": machine, "cluster": self.cluster}
            told = say("{product} made this node (Machine {machine}, cluster {cluster})", **values)
        return say("{told}: change the template, or new machines come as before.", told=told)


def owner_of(labels: Mapping[str, str], annotations: Mapping[str, str]) -> Owner | None:
    """What made a node's machine, by the Node's labels and annotations; None where they do not tell.

    Terraform and people leave no mark there.
    """
    machine = annotations.get(_MACHINE, "")
    rancher = labels.get(_RANCHER, "")
    if rancher and machine.startswith(_REGISTERED):
        return None
    if machine or rancher:
        return Owner(
            product="Rancher" if rancher else "Cluster API",
            machine=machine or rancher,
            by=f"{annotations.get(_KIND, '')} {annotations.get(_NAME, '')}".strip(),
            cluster=annotations.get(_CLUSTER, ""),
        )
    if openshift := annotations.get(_OPENSHIFT, ""):
        return Owner(product="OpenShift's Machine API", machine=openshift)
    return None
