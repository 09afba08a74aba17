"""Nobody gave a node a pod subnet, and its network plugin waits for one."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="pod-cidr-missing",
    title=say("A node has no pod subnet"),
    at=(Node,),
    shows=(
        Effect("node.pod-cidr", ("missing",), Strength.ITSELF),
        Effect("node.ready", ("no-network",), Strength.MAY),
        Effect("parts.cni", ("not-ready",), Strength.MAY),
        Effect("texts.cni", ("no-pod-network", "not-ready", "agent-down"), Strength.MAY),
    ),
    hides=frozenset({"cni-not-ready", "cni-agent-down"}),
    fix=say(
        "The controller manager has to give {places} one: `--allocate-node-cidrs=true` and a `--cluster-cidr` that has "
        "room (kubeadm: `podSubnet`); its log says `CIDRNotAvailable` where the range is used up. For one node: "
        "`kubectl patch node NODE -p` with a `podCIDR` that no other node has."
    ),
    decide=say("`kubectl get node -o jsonpath={.spec.podCIDR}`, and the controller manager's log."),
    source="flannel-io/flannel Documentation/troubleshooting.md (podCIDR is not assigned); kube-controller-manager",
    example={"node.pod-cidr": "missing"},
)
