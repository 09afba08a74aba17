"""Something in the Corefile answers for the cluster's names before the plugin `kubernetes` does."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-template",
    title=say("The Corefile answers for names of the cluster itself"),
    at=(Cluster,),
    shows=(
        Effect("dns.corefile", ("caught",), Strength.ALWAYS),
        Effect(
            "dns.answers", ("wrong", "invented", "refused", "no-such-name", "server-failure", "differ"), Strength.ALWAYS
        ),
        Effect("dns.replica-local", ("wrong-answer",), Strength.MAY),
        Effect("dns.replica-remote", ("wrong-answer",), Strength.MAY),
        Effect("dns.service", ("wrong-answer",), Strength.MAY),
        Effect("dns.zone", ("no-such-name",), Strength.MAY),
        Effect("dns.counters", ("server-failures",), Strength.MAY),
        Effect("texts.pod-dns", ("no-such-name", "server-failure"), Strength.MAY),
    ),
    hides=frozenset({"coredns-permissions", "coredns-zone"}),
    fix=say(
        "Take out of the Corefile what answers for the cluster's zone, or name its own zone in it; give `hosts` "
        "a `fallthrough`. CoreDNS asks `rewrite`, `template` and `hosts` before `kubernetes`, wherever they stand."
    ),
    rollback=say("Restore the ConfigMap."),
    decide=say("The Corefile: `kubectl -n kube-system get configmap coredns -o yaml`."),
    source="CoreDNS plugin.cfg, plugin/template, plugin/hosts (NXDOMAIN without fallthrough), plugin/rewrite",
    example={
        "dns.corefile": "caught",
        "dns.answers": "no-such-name",
        "dns.replica-local": "wrong-answer",
        "dns.replica-remote": "wrong-answer",
        "dns.service": "wrong-answer",
        "dns.zone": "no-such-name",
    },
)
