"""The API server does not reach port 10250 of a node: logs, exec and metrics fail, pods do not."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="kubelet-port",
    title=say("The API server does not reach a kubelet (port 10250)"),
    at=(Node,),
    shows=(
        Effect("paths.kubelet", ("timeout", "refused"), Strength.ALWAYS, Reach.ENDS_AT),
        Effect("texts.kubelet", ("timeout", "refused", "no-route"), Strength.MAY),
    ),
    spares=("paths.host-tcp", "node.ready"),
    hides=frozenset({"node-unreachable", "underlay-loss"}),
    fix=say(
        "Allow TCP 10250 from the control plane to {places}, in firewalls and security groups; when it is refused, "
        "look at the kubelet there (`systemctl status kubelet`). Compare the address with the node's InternalIP."
    ),
    rollback=say("Remove the rules that were added."),
    decide=say("A connection to TCP 10250 of that node from a control-plane node."),
    source="Kubernetes documentation, Ports and Protocols; kubernetes/kubernetes #62511, #107186",
    example={"paths.kubelet": "timeout"},
)
