"""A link carries less than its ends believe, and nobody tells the sender."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import LARGE_PACKETS
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="mtu-mismatch",
    title=say("Large packets are lost between nodes (MTU)"),
    at=(Node,),
    stops=(LARGE_PACKETS,),
    shows=(
        Effect("mtu.path", ("black-hole",), Strength.ALWAYS, Reach.BETWEEN_NODES),
        Effect("nic.mtu", ("differs", "no-room"), Strength.MAY),
        Effect("mtu.pods", ("differs", "no-room"), Strength.MAY),
        Effect("texts.connection", ("too-large",), Strength.MAY),
    ),
    spares=("paths.cross-ping", "paths.cross-tcp"),
    hides=frozenset({"vmxnet3-lro"}),
    fix=say(
        "Lower the MTU of the CNI's backend to what the path to {places} carries less 50 bytes for VXLAN (70 over "
        "IPv6), or repair the link that is smaller than its neighbours; the evidence names the size and the nodes."
    ),
    rollback=say("Set the former MTU again."),
    decide=say("Path MTU: sizes that the route allows and the path swallows."),
    source="RFC 7348 section 4.3; RFC 2923",
    example={"paths.cross-tcp-bulk": "lost", "mtu.path": "black-hole"},
)
