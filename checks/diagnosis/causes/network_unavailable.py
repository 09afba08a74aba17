"""The network plugin, or the cloud's controller of routes, says that a node's network is not set up."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="network-unavailable",
    title=say("A node's network is not set up, as its own plugin or the cloud says"),
    at=(Node,),
    shows=(Effect("node.network", ("unavailable",), Strength.ITSELF), *UNSURE),
    logged=(Effect("texts.node", ("no-network",), Strength.MAY),),
    spares=("paths.host-tcp",),
    # Lost bulk is explained by lost packets, whoever loses them.
    hides=frozenset({"vmxnet3-lro"}),
    fix=say(
        "`kubectl describe node` has who says so, and why, for {places}: look at the network plugin's pod there, or at "
        "the log of the cloud's controller of routes (`NoRouteCreated`). The condition goes by itself."
    ),
    decide=say("The condition NetworkUnavailable of the Node, with its reason and since when."),
    source="Kubernetes documentation, Node Status: conditions; kubernetes/cloud-provider controllers/route",
    example={"node.network": "unavailable"},
)
