"""The upstream of CoreDNS is a resolver that asks CoreDNS."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-loop",
    title=say("CoreDNS asks itself (a forwarding loop)"),
    at=(Cluster,),
    shows=(Effect("texts.coredns", ("loop",), Strength.MAY),),
    fix=say(
        "Give CoreDNS an upstream that is not itself: the kubelet's `resolvConf: "
        "/run/systemd/resolve/resolv.conf` where systemd-resolved is, or addresses instead of /etc/resolv.conf in "
        "the Corefile's `forward`. Then restart CoreDNS."
    ),
    rollback=say("Restore the ConfigMap."),
    decide=say("`nameserver` in the resolv.conf of CoreDNS's pod: a loopback address, or the cluster's own DNS."),
    source="CoreDNS plugin/loop; coredns/coredns #2795, #2087",
    example={"texts.coredns": "loop"},
)
