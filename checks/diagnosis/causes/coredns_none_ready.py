"""Cluster DNS has no ready replica: scaled to zero, crashing, or not scheduled."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-none-ready",
    title=say("No CoreDNS replica is ready"),
    at=(Cluster,),
    shows=(
        Effect("dns.replica-local", ("none-ready",), Strength.ALWAYS),
        Effect("dns.service", ("unanswered", "tcp-unanswered"), Strength.ALWAYS),
        Effect("dns.replicas", ("none", "not-running", "crashing", "not-ready", "node-not-ready"), Strength.ALWAYS),
        Effect("ipv6.dns", ("unanswered",), Strength.MAY),
        # A replica that is just being started again is met in whatever state it is.
        Effect("dns.replica-local", ("unanswered", "tcp-unanswered"), Strength.MAY),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), Strength.MAY),
        Effect("services.target-port", ("refused",), Strength.MAY),
    ),
    hides=frozenset({"coredns-replica", "coredns-zone", "coredns-template", "vxlan-tx-checksum", "node-egress"}),
    fix=say(
        "`kubectl -n kube-system get deployment,pods -l k8s-app=kube-dns`: scaled to zero (`kubectl -n kube-system "
        "scale deployment coredns --replicas=2`), pending (`describe` says why), or crashing (`logs --previous`)."
    ),
    decide=say("The pods of CoreDNS and their last words."),
    source="Kubernetes documentation, Debugging DNS Resolution; coredns/coredns #2795",
    example={
        "dns.replica-local": "none-ready",
        "dns.service": "unanswered",
        "dns.replica-remote": "unseen",
        "dns.replica-loss": "unseen",
        "dns.path-loss": "unseen",
        "dns.transport": "unseen",
        "dns.answers": "unseen",
        "dns.external": "unseen",
        "dns.zone": "unseen",
        "dns.one-socket": "unseen",
        "dns.counters": "unseen",
        "dns.replicas": "not-running",
        "dns.spread": "unseen",
    },
)
