"""In the mode ipvs every node answers ARP for every Service's address, MetalLB's too."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="strict-arp",
    title=say("Nodes answer ARP for MetalLB's addresses: strictARP is off"),
    at=(Node,),
    shows=(Effect("kube-proxy.strict-arp", ("off",), Strength.ALWAYS),),
    spares=("metallb.speaker", "metallb.announced"),
    fix=say("Set `ipvs.strictARP: true` in the ConfigMap of kube-proxy, and restart kube-proxy on {places}."),
    rollback=say("Set it to `false` again."),
    decide=say("`arping` of the address from another machine: more than one MAC address answers."),
    source="MetalLB documentation, Installation: Preparation; k8s.io/kubernetes/pkg/proxy/ipvs, NewProxier",
    example={"kube-proxy.strict-arp": "off"},
)
