"""A bridge of a former installation keeps its address, and the plugin refuses to use it."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="stale-bridge",
    title=say("A former network plugin's bridge is still on a node"),
    at=(Cluster,),
    shows=(Effect("texts.cni", ("stale-bridge",), Strength.MAY),),
    fix=say(
        "Drain the node of the text, `ip link delete cni0` (the bridge that the text names) there, and uncordon "
        "it: the plugin makes the bridge again."
    ),
    decide=say("`ip addr show cni0` against the node's podCIDR."),
    source="containernetworking/plugins bridge",
    example={"texts.cni": "stale-bridge"},
)
