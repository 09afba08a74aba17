"""The webhook takes the request and needs longer than it is given."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="webhook-slow",
    title=say("The webhook itself answers too late"),
    at=(Cluster,),
    shows=(
        Effect("texts.webhook", ("hangs",), Strength.MAY),
        Effect("webhook.dry-run", ("hangs",), Strength.MAY),
        Effect("apiserver.admission", ("slow", "failing", "fails-open"), Strength.MAY),
    ),
    # A webhook that is not reached is not seen to be slow.
    hides=frozenset(
        {
            "vmxnet3-tunnel-offload",
            "vmxnet3-lro",
            "firewall-vxlan",
            "vxlan-port-conflict",
            "mtu-mismatch",
            "webhook-blocked",
            "apiserver-proxy",
            "kube-proxy",
            "no-endpoints",
            "vxlan-tx-checksum",
        }
    ),
    fix=say(
        "Look at the webhook's pod: its log, `kubectl top pod`, CPU limits, restarts, and what it waits for "
        "itself. Then give it more CPU or replicas, or a longer `timeoutSeconds` (30 at most)."
    ),
    rollback=say("Set the former limits again."),
    decide=say("How long the webhook's own pod takes, asked from its own node."),
    source="golang net/http, Client.Timeout; kubernetes/ingress-nginx #11255",
    example={"texts.webhook": "hangs"},
)
