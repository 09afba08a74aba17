"""A node does not reach the API server's own port, although other traffic between the two passes."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

_FROM = Reach.ASKED_FROM

CAUSE = Declaration(
    slug="api-server-port",
    title=say("A node does not reach the API server's port"),
    at=(Node,),
    shows=(
        Effect("paths.api-server", ("timeout", "refused"), Strength.ALWAYS, _FROM),
        Effect("paths.api-service", ("timeout", "refused"), Strength.MAY, _FROM),
        Effect("node.ready", ("silent",), Strength.MAY),
        Effect("texts.api-service", ("timeout", "refused", "no-route"), Strength.MAY),
        Effect("texts.cni", ("api-service",), Strength.MAY),
    ),
    spares=("paths.host-tcp",),
    hides=frozenset({"node-unreachable", "underlay-loss", "kube-proxy", "node-not-ready"}),
    fix=say(
        "Allow TCP 6443 (or the port of `kubectl get endpointslices -n default`) from {places} to the control plane, "
        "in the firewalls of both and in security groups."
    ),
    rollback=say("Remove the rules that were added."),
    decide=say("A connection from that node to the API server's own address and port."),
    source="Kubernetes documentation, Ports and Protocols",
    example={"paths.api-server": "timeout", "paths.api-service": "timeout"},
)
