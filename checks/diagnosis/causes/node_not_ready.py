"""The kubelet of a node is not heard of, or says that the node is not ready; the node itself answers."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="node-not-ready",
    title=say("A node is not ready"),
    at=(Node,),
    shows=(Effect("nodes.ready", ("silent", "not-ready"), Strength.ALWAYS),),
    spares=("paths.host-tcp",),
    fix=say(
        "On {places}: `systemctl status kubelet` and `journalctl -u kubelet -n 50` (Talos: `talosctl service kubelet` "
        "and `talosctl logs kubelet`). `kubectl describe node` has the reason that it gave."
    ),
    decide=say("The Ready condition of the Node, with its reason and since when."),
    source="Kubernetes documentation, Node Status: conditions; node-lifecycle controller",
    example={"nodes.ready": "not-ready"},
)
