"""The kubelet of a node is not heard of, or says that the node is not ready; the node itself answers."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import PODS_OF_NODE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="node-not-ready",
    title=say("A node is not ready"),
    at=(Node,),
    shows=(
        *PODS_OF_NODE,
        Effect("node.ready", ("silent", "not-ready"), Strength.ALWAYS),
        Effect("texts.node", ("not-ready", "silent"), Strength.MAY),
        # A kubelet that is stopped refuses; for one that hangs the kernel accepts.
        Effect("paths.kubelet", ("refused",), Strength.MAY, Reach.ENDS_AT),
    ),
    spares=("paths.host-tcp",),
    fix=say(
        "On {places}: `systemctl status kubelet` and `journalctl -u kubelet -n 50` (Talos: `talosctl service kubelet` "
        "and `talosctl logs kubelet`). `kubectl describe node` has the reason that it gave."
    ),
    decide=say("The Ready condition of the Node, with its reason and since when."),
    source="Kubernetes documentation, Node Status: conditions; node-lifecycle controller",
    example={"node.ready": "not-ready"},
)
