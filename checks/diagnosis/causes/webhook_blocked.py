"""A NetworkPolicy or a filter on its node keeps the control plane from the webhook alone."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import WEBHOOK_ENDPOINT
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="webhook-blocked",
    title=say("Something blocks the control plane's way to the webhook alone"),
    at=(Service,),
    stops=(WEBHOOK_ENDPOINT,),
    shows=(
        # What blocks may also answer, as a policy that rejects does.
        Effect("paths.webhook-endpoint", ("refused",), Strength.MAY),
        Effect("paths.webhook-service", ("refused",), Strength.MAY),
        Effect("webhook.dry-run", ("refused", "no-route"), Strength.MAY),
        Effect("services.aggregated", ("refused",), Strength.MAY),
        Effect("services.address", ("refused",), Strength.MAY),
        Effect("services.endpoint", ("refused",), Strength.MAY),
        Effect("texts.webhook", ("refused", "no-route"), Strength.MAY),
        # A policy lets the webhook's own node through, as a rule: its kubelet probes from there.
        Effect("paths.webhook-local", ("timeout", "refused"), Strength.MAY),
    ),
    spares=("paths.cross-tcp", "paths.host-pod"),
    hides=frozenset({"ca-bundle", "apiserver-proxy", "no-endpoints", "kube-proxy", "vxlan-tx-checksum"}),
    fix=say(
        "Look for a NetworkPolicy in the namespace of {product} (`netcheck run webhook` names those that let no node "
        "in; `kubectl -n {namespace} get networkpolicy`, and those of the whole cluster) or a host firewall on its "
        "node, and allow the nodes to the port of {workload}."
    ),
    rollback=say("Remove the rule that was added."),
    decide=say("A connection from the control-plane host to another pod on the webhook's node."),
    source="Kubernetes documentation, Network Policies",
    example={
        "paths.webhook-endpoint": "timeout",
        "paths.webhook-service": "timeout",
        "webhook.dry-run": "timeout",
    },
)
