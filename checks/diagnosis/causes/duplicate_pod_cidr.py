"""Two nodes have one pod subnet: pods on both get the same addresses, and the others reach one of the two nodes."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="duplicate-pod-cidr",
    title=say("Two nodes have the same pod subnet"),
    at=(Node,),
    shows=(Effect("node.pod-cidr-overlap", ("shared",), Strength.ITSELF), *UNSURE),
    spares=("paths.host-tcp",),
    # Lost bulk is explained by lost packets, whoever loses them.
    hides=frozenset({"vmxnet3-lro"}),
    fix=say(
        "`kubectl get nodes -o custom-columns=NAME:.metadata.name,POD_CIDR:.spec.podCIDR` shows {places}. Drain one of "
        "the two, delete its Node object and let it join again: the controller manager (`--allocate-node-cidrs`) gives "
        "it a subnet of its own. Where a person or a template gave the subnets, correct that first."
    ),
    decide=say("The podCIDRs of all Node objects."),
    source="flannel-io/flannel #1549; Kubernetes documentation, kube-controller-manager --allocate-node-cidrs",
    example={"node.pod-cidr-overlap": "shared"},
)
