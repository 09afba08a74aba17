"""The API server reaches nodes and pods through a tunnel: it has no agent there, or is refused at its far end."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="egress-tunnel",
    title=say("The API server's tunnel into the cluster does not get through"),
    at=(Cluster,),
    shows=(
        Effect("apiserver.tunnel", ("none",), Strength.MAY),
        Effect("services.aggregated", ("tunnel", "timeout"), Strength.MAY),
        Effect("apiserver.admission", ("failing", "fails-open"), Strength.MAY),
        Effect("texts.kubelet", ("tunnel",), Strength.MAY),
        Effect("texts.aggregated-api", ("tunnel",), Strength.MAY),
        Effect("texts.webhook", ("tunnel",), Strength.MAY),
    ),
    fix=say(
        "k3s and RKE2: look at the log of the agent on the node of the text (its connection to the server's port "
        "6443 or 9345, `--bind-address`, NO_PROXY), and for a NetworkPolicy that keeps nodes from the pod. "
        "Otherwise: the konnectivity agents' pods and logs."
    ),
    decide=say(
        "The agent's log on that node, and a connection from that node itself to the address and port of the text."
    ),
    source="k3s-io/k3s #10474, #11418, #6698; kubernetes-sigs/apiserver-network-proxy",
    example={"texts.kubelet": "tunnel"},
)
