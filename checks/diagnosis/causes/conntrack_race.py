"""Two packets from one socket race for one entry in conntrack; the loser is dropped and asked again after 5 s."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="conntrack-race",
    title=say("Look-ups lose one of two packets to a race in conntrack"),
    at=(Cluster,),
    shows=(
        Effect("dns.one-socket", ("loses",), Strength.ALWAYS),
        Effect("texts.pod-dns", ("slow",), Strength.MAY),
    ),
    fix=say(
        "Install NodeLocal DNSCache. For one workload: `dnsConfig.options` `single-request-reopen` (glibc), or "
        "`use-vc`."
    ),
    rollback=say("Remove it again."),
    decide=say("`conntrack -S` on the node while look-ups are slow: `insert_failed` rises."),
    source="kubernetes/kubernetes #56903; Kubernetes documentation, NodeLocal DNSCache",
    example={"dns.one-socket": "loses", "texts.pod-dns": "slow"},
)
