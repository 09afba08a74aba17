"""What the nodes' IPv6 configuration and the probes over IPv6 mean. Pure and total."""

from checks.finding import Finding, Severity
from checks.gathered import Gathered
from checks.ipv6.advertisements import ADVERTISEMENTS, judge_advertisements
from checks.ipv6.configuration import DAD, DEFAULT_ROUTE, judge_dad, judge_default_route
from checks.ipv6.families import uses_ipv6
from checks.ipv6.model import Data, Parameters
from checks.ipv6.reach import DNS, HOST_REACH, REACH, judge_dns, judge_host_reach, judge_reach
from checks.ipv6.steadiness import STEADY, judge_steady
from checks.ipv6.usage import (
    IN_USE,
    POD_NETWORKS,
    SERVICE_FAMILIES,
    judge_in_use,
    judge_pod_networks,
    judge_service_families,
)
from checks.text import say

CODES = (IN_USE, POD_NETWORKS, SERVICE_FAMILIES, DAD, DEFAULT_ROUTE, ADVERTISEMENTS, HOST_REACH, REACH, DNS, STEADY)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding for each code of `CODES`, in that order. Duplicate addresses are looked for on every cluster."""
    in_use, dad = judge_in_use(gathered), judge_dad(gathered)
    if in_use.severity is Severity.UNKNOWN:
        text = say("It is not known whether the cluster has IPv6.")
        others = [code.unseen(text) for code in CODES]
    elif not uses_ipv6(gathered.snapshot):
        text = say("Not looked at: the cluster has no IPv6.")
        others = [code.found(text, outcome="not-used") for code in CODES if code is not DAD]
    else:
        others = [
            judge_pod_networks(gathered),
            judge_service_families(gathered),
            judge_default_route(gathered),
            judge_advertisements(gathered),
            judge_host_reach(gathered),
            judge_reach(gathered),
            judge_dns(gathered),
            judge_steady(gathered),
        ]
    found = {finding.code: finding for finding in (*others, in_use, dad)}
    return [found[code.name] for code in CODES]
