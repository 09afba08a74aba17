"""Masquerading meets the checksum offload of the VXLAN device: connections to ClusterIPs from the host break."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="vxlan-tx-checksum",
    title=say("Checksum offload on the VXLAN device breaks translated connections"),
    at=(Node,),
    shows=(
        Effect("paths.webhook-service", ("timeout",), Strength.ALWAYS, Reach.ASKED_FROM),
        Effect("webhook.dry-run", ("timeout",), Strength.ALWAYS, Reach.ASKED_FROM),
        Effect("services.aggregated", ("timeout",), Strength.MAY),
        Effect("services.address", ("timeout",), Strength.MAY, Reach.ASKED_FROM),
        Effect("apiserver.admission", ("slow", "failing", "fails-open"), Strength.MAY),
        Effect("texts.webhook", ("timeout",), Strength.MAY),
        Effect("texts.api-service", ("timeout",), Strength.MAY),
        Effect("texts.kernel", ("bad-checksum",), Strength.MAY),
    ),
    spares=("paths.webhook-endpoint", "dns.service"),
    # Where CoreDNS fails besides, nobody can see that its Service address is translated.
    hides=frozenset({"coredns-replica"}),
    fix=say(
        "`ethtool -K flannel.1 tx-checksum-ip-generic off` on {places}; it is lost when the device is created again."
    ),
    rollback=say("`ethtool -K flannel.1 tx-checksum-ip-generic on`."),
    decide=say("The kernel log of the webhook's node: `UDP: bad checksum` speaks for it."),
    source="kubernetes/kubernetes #88986, projectcalico/calico #3145",
    example={"paths.webhook-service": "timeout", "webhook.dry-run": "timeout"},
)
