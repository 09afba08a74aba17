"""Packets between pods of one node pass by iptables, so that a Service's answer keeps the pod's address."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="bridge-filter-off",
    title=say("Answers of Services from pods of the same node are lost"),
    at=(Node,),
    shows=(
        Effect("node.bridge-filter", ("off",), Strength.ALWAYS),
        # Who asks a Service and gets an answer over the bridge sees the pod's address, and not the Service's.
        Effect("dns.service", ("unanswered", "tcp-unanswered", "loses"), Strength.MAY, Reach.ASKED_FROM),
        Effect("texts.pod-dns", ("wrong-source", "timeout", "no-answer"), Strength.MAY),
        Effect("texts.connection", ("timeout",), Strength.MAY),
    ),
    spares=("paths.api-service", "dns.replica-local", "dns.replica-remote"),
    fix=say(
        "On {places}: `modprobe br_netfilter; sysctl -w net.bridge.bridge-nf-call-iptables=1`, and both in "
        "/etc/modules-load.d and /etc/sysctl.d, so that they last."
    ),
    rollback=say("Set the former value again."),
    decide=say("A look-up by the Service's address from a pod, while CoreDNS on the same node answers by its own."),
    source="Kubernetes documentation, Network Plugins: bridge-nf-call-iptables; kubernetes/kubernetes #21613",
    example={"node.bridge-filter": "off", "dns.service": "loses"},
)
