"""A label keeps every node that could announce a pool from it."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Pool
from checks.text import say

CAUSE = Declaration(
    slug="excluded-nodes",
    title=say("A label excludes every node from load balancers"),
    at=(Pool,),
    shows=(
        Effect("metallb.announcers", ("excluded",), Strength.ALWAYS),
        Effect("metallb.announced", ("excluded",), Strength.MAY, Reach.EVERYWHERE),
    ),
    hides=frozenset({"bgp-no-peer", "no-announcer"}),
    fix=say(
        "Take the label from the nodes that are to announce {places}: `kubectl label node NODE "
        "node.kubernetes.io/exclude-from-external-load-balancers-`; or start the speakers with "
        "`--ignore-exclude-lb`. What sets the label (kubeadm, Talos, an operator) sets it again if it is not told."
    ),
    rollback=say("Set the label again."),
    decide=say("The labels of the nodes, and the arguments of the speakers."),
    source="metallb-operator #490, metallb/metallb #2676, siderolabs/talos #8506; speaker/layer2_controller.go",
    example={"metallb.announcers": "excluded"},
)
