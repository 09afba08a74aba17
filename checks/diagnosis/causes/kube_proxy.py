"""The node has no rules, or stale ones, for Service addresses."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.diagnosis.mechanisms import SERVICE_ADDRESS
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="kube-proxy",
    title=say("kube-proxy does not translate the Service's address"),
    at=(Node,),
    stops=(SERVICE_ADDRESS,),
    shows=(
        Effect("dns.service", ("unanswered", "tcp-unanswered", "loses"), Strength.ALWAYS, Reach.ASKED_FROM),
        # Rules that somebody flushed are missing while it is well, until it makes all of them anew.
        Effect("kube-proxy.health", ("late", "silent", "down"), Strength.MAY),
    ),
    spares=("paths.webhook-endpoint", "dns.replica-remote", "services.endpoint"),
    hides=frozenset({"vxlan-tx-checksum", "kube-proxy-stale"}),
    fix=say("Restart kube-proxy's pod on {places} and look at its log."),
    decide=say("`nft list ruleset` or `iptables-save -t nat` on that node: is there a rule for the Service's address?"),
    source="Kubernetes documentation, Debug Services",
    example={
        "paths.webhook-service": "refused",
        "webhook.dry-run": "refused",
        "dns.service": "unanswered",
        "paths.api-service": "timeout",
    },
)
