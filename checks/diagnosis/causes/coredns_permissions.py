"""CoreDNS reads Services and EndpointSlices from the API server, and its ClusterRole lacks one of them."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-permissions",
    title=say("CoreDNS may not read what it answers from"),
    at=(Cluster,),
    shows=(
        # Until it has read all of them once it answers SERVFAIL, and is not ready where it has the plugin `ready`.
        Effect("dns.answers", ("server-failure",), Strength.ALWAYS),
        Effect("dns.replicas", ("not-ready",), Strength.MOSTLY),
        Effect("dns.replica-local", ("none-ready", "wrong-answer"), Strength.MAY),
        Effect("dns.replica-remote", ("wrong-answer",), Strength.MAY),
        Effect("dns.service", ("unanswered", "tcp-unanswered", "wrong-answer"), Strength.MAY),
        Effect("dns.counters", ("server-failures",), Strength.MAY),
        Effect("ipv6.dns", ("unanswered",), Strength.MAY),
        Effect("texts.coredns", ("permission",), Strength.MAY),
        Effect("texts.pod-dns", ("server-failure", "refused", "no-answer", "timeout"), Strength.MAY),
    ),
    spares=("paths.api-service",),
    hides=frozenset({"coredns-none-ready", "coredns-replica", "coredns-zone", "vxlan-tx-checksum", "node-egress"}),
    fix=say(
        "Give the ClusterRole `system:coredns` what its release has: list and watch on `endpointslices` of "
        "`discovery.k8s.io`, `services`, `pods` and `namespaces`, and bind it to CoreDNS's service account. Then "
        "restart CoreDNS."
    ),
    rollback=say("Restore the ClusterRole."),
    decide=say(
        "`kubectl auth can-i list endpointslices.discovery.k8s.io --as system:serviceaccount:kube-system:coredns`."
    ),
    source="CoreDNS plugin/kubernetes handler.go and ready.go; coredns/helm #135; coredns/deployment coredns.yaml.sed",
    example={
        "dns.answers": "server-failure",
        "dns.replicas": "not-ready",
        "dns.replica-local": "none-ready",
        "dns.service": "unanswered",
        "dns.replica-remote": "unseen",
        "dns.replica-loss": "unseen",
        "dns.path-loss": "unseen",
        "dns.transport": "unseen",
        "dns.external": "unseen",
        "dns.zone": "unseen",
        "dns.one-socket": "unseen",
        "dns.spread": "unseen",
        "texts.coredns": "permission",
    },
)
