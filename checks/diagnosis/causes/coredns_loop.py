"""The upstream of CoreDNS is a resolver that asks CoreDNS."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-loop",
    title=say("CoreDNS asks itself (a forwarding loop)"),
    at=(Cluster,),
    shows=(
        Effect("dns.upstreams", ("itself",), Strength.ALWAYS),
        # With the plugin `loop` it ends itself soon after each start; without, only other names suffer.
        Effect("dns.replicas", ("crashing", "not-ready"), Strength.MAY),
        Effect("dns.replica-local", ("none-ready",), Strength.MAY),
        Effect("dns.service", ("unanswered", "tcp-unanswered"), Strength.MAY),
        Effect("dns.external", ("asks-itself",), Strength.MAY),
        Effect("dns.counters", ("server-failures", "upstream"), Strength.MAY),
        Effect("ipv6.dns", ("unanswered",), Strength.MAY),
        # A replica that is just being started again is met in whatever state it is.
        Effect("dns.replica-local", ("unanswered", "tcp-unanswered"), Strength.MAY),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), Strength.MAY),
        Effect("dns.replica-loss", ("loses",), Strength.MAY),
        Effect("dns.path-loss", ("loses",), Strength.MAY),
        Effect("services.target-port", ("refused",), Strength.MAY),
        Effect("texts.coredns", ("loop",), Strength.MAY),
        Effect("texts.pod-dns", ("timeout", "refused", "no-answer", "server-failure"), Strength.MAY),
    ),
    hides=frozenset(
        {
            "coredns-none-ready",
            "coredns-upstream",
            "coredns-replica",
            "coredns-zone",
            "coredns-template",
            "vxlan-tx-checksum",
            "node-egress",
        }
    ),
    fix=say(
        "Give CoreDNS an upstream that is not itself: the kubelet's `resolvConf: "
        "/run/systemd/resolve/resolv.conf` where systemd-resolved is, or addresses instead of /etc/resolv.conf in "
        "the Corefile's `forward`. Then restart CoreDNS."
    ),
    rollback=say("Restore the ConfigMap."),
    decide=say("`nameserver` in the resolv.conf of CoreDNS's pod: a loopback address, or the cluster's own DNS."),
    source="CoreDNS plugin/loop; coredns/coredns #2795, #2087",
    example={
        "dns.upstreams": "itself",
        "dns.replicas": "crashing",
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
        "dns.spread": "unseen",
        "texts.coredns": "loop",
    },
)
