"""What the nodes' IPv6 configuration and the probes over IPv6 mean. Pure and total."""

from checks.finding import Finding, Severity
from checks.gathered import Gathered
from checks.ipv6.configuration import DAD, DEFAULT_ROUTE, judge_dad, judge_default_route
from checks.ipv6.families import uses_ipv6
from checks.ipv6.model import Data, Parameters
from checks.ipv6.reach import DNS, REACH, judge_dns, judge_reach
from checks.ipv6.usage import IN_USE, POD_NETWORKS, judge_in_use, judge_pod_networks
from checks.text import say

CODES = (IN_USE, POD_NETWORKS, DAD, DEFAULT_ROUTE, REACH, DNS)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding for each code of `CODES`, in that order. Duplicate addresses are looked for on every cluster."""
    in_use, dad = judge_in_use(gathered), judge_dad(gathered)
    if in_use.severity is Severity.UNKNOWN:
        text = say("It is not known whether the cluster has IPv6.")
        unseen = [code.unseen(text) for code in (POD_NETWORKS, DEFAULT_ROUTE, REACH, DNS)]
        return [in_use, unseen[0], dad, *unseen[1:]]
    if not uses_ipv6(gathered.snapshot):
        return [
            in_use,
            POD_NETWORKS.found(say("No pod network is of IPv6."), outcome="not-used"),
            dad,
            DEFAULT_ROUTE.found(say("Not needed: the cluster has no IPv6."), outcome="not-used"),
            REACH.found(say("Not probed: the cluster has no IPv6."), outcome="not-used"),
            DNS.found(say("Not asked: the cluster has no IPv6."), outcome="not-used"),
        ]
    return [
        in_use,
        judge_pod_networks(gathered),
        dad,
        judge_default_route(gathered),
        judge_reach(gathered),
        judge_dns(gathered),
    ]
