"""The adapter takes packets and does not send them: the watchdog resets it."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="transmit-timeout",
    title=say("A node's network adapter stops sending"),
    at=(Node,),
    shows=(
        Effect("nic.hangs", ("hangs",), Strength.ITSELF),
        Effect("paths.host-tcp", ("lost", "rejected"), Strength.MAY),
        *UNSURE,
    ),
    logged=(Effect("texts.kernel", ("transmit-timeout",), Strength.MAY),),
    # Lost bulk is explained by lost packets, whoever loses them; and nobody answers from a node that is cut off.
    hides=frozenset({"vmxnet3-lro", "node-unreachable"}),
    fix=say(
        "Look at the node's and the host's logs around that time: a newer kernel or driver, the host's own "
        "adapter and firmware, and on e1000e `ethtool -K IFACE tso off gso off` with IFACE the adapter of the "
        "log."
    ),
    rollback=say("Switch the offloads on again."),
    decide=say("Whether the reset comes with load, on which adapter, and what the host logs at that moment."),
    source="Linux net/sched/sch_generic.c; drivers/net/ethernet/intel/e1000e/netdev.c",
    example={"nic.hangs": "hangs"},
)
