"""The range of a node is used up, by pods or by what was left of them."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="pod-addresses-exhausted",
    title=say("A node has no address left for another pod"),
    at=(Cluster,),
    shows=(Effect("texts.cni", ("no-addresses",), Strength.MAY),),
    fix=say(
        "Compare the pods of the node with its podCIDR (`kubectl get node -o yaml`). Files in "
        "/var/lib/cni/networks of pods that are gone hold addresses: drain the node, remove them, restart it. "
        "Otherwise fewer pods on a node, or a larger range."
    ),
    decide=say("Files in /var/lib/cni/networks against the pods that run on that node."),
    source="containernetworking/plugins host-local; cloudnativelabs/kube-router #383",
    example={"texts.cni": "no-addresses"},
)
