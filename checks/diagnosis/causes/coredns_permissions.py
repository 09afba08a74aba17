"""CoreDNS reads Services and EndpointSlices from the API server, and its ClusterRole lacks one of them."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-permissions",
    title=say("CoreDNS may not read what it answers from"),
    at=(Cluster,),
    shows=(Effect("texts.coredns", ("permission",), Strength.MAY),),
    fix=say(
        "Add the resource of the text to the ClusterRole `system:coredns` (`endpointslices` of `discovery.k8s.io` "
        "since CoreDNS 1.8.4), with list and watch."
    ),
    rollback=say("Restore the ClusterRole."),
    decide=say(
        "`kubectl auth can-i list endpointslices.discovery.k8s.io --as system:serviceaccount:kube- system:coredns`."
    ),
    source="coredns/helm #135; coredns/deployment kubernetes/coredns.yaml.sed",
    example={"texts.coredns": "permission"},
)
