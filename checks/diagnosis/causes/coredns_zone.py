"""CoreDNS serves another zone than the one that kubelets tell pods to search."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-zone",
    title=say("CoreDNS serves another zone than pods search"),
    at=(Cluster,),
    shows=(
        Effect("dns.zone", ("other",), Strength.ALWAYS),
        # Where no Corefile can be read, the zone that is asked for is a guess.
        Effect("dns.answers", ("no-such-name", "refused"), Strength.MAY),
        Effect("dns.replica-local", ("wrong-answer",), Strength.MAY),
        Effect("dns.replica-remote", ("wrong-answer",), Strength.MAY),
        Effect("dns.service", ("wrong-answer",), Strength.MAY),
        Effect("texts.pod-dns", ("no-such-name",), Strength.MAY),
    ),
    fix=say(
        "Give the plugin `kubernetes` in the Corefile the zone that pods search (`clusterDomain` of the kubelets, "
        "`cluster.local` as a rule), and restart CoreDNS. The API server's certificates and pods that are there "
        "already know that zone."
    ),
    rollback=say("Restore the ConfigMap."),
    decide=say("`search` in the resolv.conf of any pod, and the zone behind `kubernetes` in the Corefile."),
    source="Kubernetes documentation, DNS for Services and Pods; CoreDNS plugin/kubernetes",
    example={"dns.zone": "other"},
)
