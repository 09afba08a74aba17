"""Two machines have one address or one MAC: whoever answered last gets the packets."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="address-conflict",
    title=say("Two machines have the same address"),
    at=(Node,),
    shows=(
        Effect("node.address", ("shared",), Strength.ITSELF),
        Effect("paths.host-tcp", ("lost", "rejected"), Strength.MAY),
        *UNSURE,
    ),
    logged=(Effect("texts.kernel", ("duplicate-address", "duplicate-mac"), Strength.MAY),),
    hides=frozenset({"ipv6-dad", "vmxnet3-lro", "node-unreachable"}),
    fix=say(
        "Find the other holder (`arping -D -I IFACE ADDRESS` from a third machine, or the MAC of the log in the "
        "hypervisor): a cloned machine, a pool of MetalLB that covers node addresses, or a second DHCP server. "
        "Change one of the two."
    ),
    decide=say("Who answers ARP for the address: two MACs are two holders."),
    source="RFC 5227; RFC 4862 section 5.4; Linux net/bridge/br_fdb.c",
    example={"node.address": "shared"},
)
