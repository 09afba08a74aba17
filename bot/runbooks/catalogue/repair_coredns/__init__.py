"""Put right what CoreDNS is told: its upstream, and what it may read."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.dns_namespace or "kube-system"
    look = Step(
        name="look",
        title=say("Read what CoreDNS logs and what it is told"),
        hand=Hand.PERSON,
        why=(
            say("A loop: its resolv.conf names a stub on the node, or the cluster's own DNS."),
            say("An upstream that is silent: ask the same server from the node and from a pod."),
            say("SERVFAIL for all: the role, and whether CoreDNS's node reaches the API server's Service."),
            say("Names that are not found: the zone behind `kubernetes`, and what answers before that plugin."),
        ),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} logs -l k8s-app=kube-dns --tail=50",
                f"-n {namespace} get configmap coredns -o yaml",
                "get clusterrole system:coredns -o yaml",
                f"auth can-i list endpointslices.discovery.k8s.io --as system:serviceaccount:{namespace}:coredns",
            ),
        ),
    )
    change = Step(
        name="change",
        title=say("Give CoreDNS an upstream that answers, and the role of its release"),
        unit="coredns",
        hand=Hand.PERSON,
        why=(
            say("Save the ConfigMap first. CoreDNS reads it again within two minutes; the restart makes it at once."),
        ),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get configmap coredns -o yaml > coredns-before.yaml",
                f"-n {namespace} edit configmap coredns",
                f"-n {namespace} rollout restart deployment coredns",
            ),
        ),
        verification=(*expected.dns(), Expectation("dns.service", expected.PASS, if_any=True)),
        undo=Undo(
            title=say("Restore the ConfigMap"),
            forms=(by_hand.kubectl("replace --force -f coredns-before.yaml"),),
        ),
        patience_s=120.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Put CoreDNS right"),
        steps=(look, change),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not point to what CoreDNS is told."),
    )


RUNBOOK = Runbook(
    name="repair-coredns",
    title="Put CoreDNS right",
    cures=("coredns-loop", "coredns-upstream", "coredns-permissions", "coredns-zone", "coredns-template"),
    plan=_plan,
)
