"""The runtime has found no CNI configuration, so that the node is not ready and no pod starts there."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import PODS_OF_NODE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="cni-not-ready",
    title=say("A node has no network plugin that is ready (CNI)"),
    at=(Node,),
    shows=(
        *PODS_OF_NODE,
        Effect("node.ready", ("no-network",), Strength.ALWAYS),
        Effect("texts.cni", ("not-ready",), Strength.MAY),
    ),
    hides=frozenset({"node-not-ready"}),
    fix=say(
        "On {places}: look at the network plugin's pod of the node (`kubectl -n kube-system get pods -o wide`, or "
        "its own namespace) and at its log; when /etc/cni/net.d has its file and the node is still not ready, "
        "restart containerd."
    ),
    decide=say("Files in /etc/cni/net.d on that node, and the log of the network plugin there."),
    source="kubernetes kubelet and containerd, NetworkPluginNotReady; projectcalico/calico #1628",
    example={"node.ready": "no-network"},
)
