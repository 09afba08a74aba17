"""The plugin asks the API server with a token that has ended, or with a role that lacks something."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="cni-permissions",
    title=say("The network plugin may not ask the API server (CNI)"),
    at=(Cluster,),
    shows=(Effect("texts.cni", ("permission",), Strength.MAY),),
    fix=say(
        "Restart the network plugin's pod on the node of the text: it writes its token into /etc/cni/net.d again. "
        "If that does not help, compare its ClusterRole with that of its release."
    ),
    decide=say("The token in /etc/cni/net.d on that node: does the API server accept it?"),
    source="projectcalico/calico #5712, #3538",
    example={"texts.cni": "permission"},
)
