"""The check `dns`: whether every CoreDNS replica answers, to whom, and how reliably."""

from checks.dns.judge import FINDINGS, judge
from checks.dns.model import Data, Parameters, Request
from checks.dns.plan import plan
from checks.model import Check, Network

CHECK = Check(
    name="dns",
    title="Whether each CoreDNS replica answers, by UDP and TCP, from its own and other nodes, and what gets lost",
    networks=(Network.HOST, Network.POD),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=12.0,
    findings=FINDINGS,
    plan=plan,
    judge=judge,
)
