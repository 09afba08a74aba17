"""A node's clock is wrong: certificates and tokens look expired, or not yet valid."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="clock-skew",
    title=say("A node's clock is wrong"),
    at=(Node,),
    shows=(
        Effect("node.clock", ("astray",), Strength.ITSELF),
        Effect("webhook.dry-run", ("x509",), Strength.MAY),
        Effect("texts.webhook", ("x509",), Strength.MAY),
        Effect("texts.api-service", ("x509",), Strength.MAY),
        Effect("texts.api-server", ("x509",), Strength.MAY),
        Effect("texts.kubelet", ("x509", "permission"), Strength.MAY),
        Effect("texts.image-pull", ("x509",), Strength.MAY),
        Effect("texts.connection", ("x509",), Strength.MAY),
    ),
    fix=say(
        "On {places}: `timedatectl` and `chronyc tracking` (Talos: `talosctl time`). Start the time service, let it "
        "reach a server (UDP 123), and step the clock once: `chronyc makestep`. On VMware see that the host's own "
        "clock is right."
    ),
    decide=say("`date -u` on all nodes at the same moment."),
    source="go-jose jwt/validation.go (one minute); etcd rafthttp (warns from one second on); etcd documentation, FAQ",
    example={"node.clock": "astray"},
)
