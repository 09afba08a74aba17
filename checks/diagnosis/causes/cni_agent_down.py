"""The plugin is called for each pod and needs its agent, which does not run on that node, or was never installed."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="cni-agent-down",
    title=say("The network plugin's agent does not run on a node (CNI)"),
    at=(Cluster,),
    shows=(
        Effect("texts.cni", ("agent-down", "plugin-missing"), Strength.MAY),
        Effect("texts.node", ("no-agent", "no-network"), Strength.MAY),
    ),
    fix=say(
        "Look at the network plugin's DaemonSet and its pod on the node of the text (`kubectl get pods -A -o "
        "wide`): bring it to Ready, or install it again where its programs are missing in /opt/cni/bin."
    ),
    decide=say("The log of the network plugin's pod on that node."),
    source="flannel-io/flannel #2253; cilium/cilium #40312; projectcalico/calico cni-plugin",
    example={"texts.cni": "agent-down"},
)
