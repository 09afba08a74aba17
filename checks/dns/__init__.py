"""The check `dns`: whether every CoreDNS replica answers, to whom, and how reliably."""

from checks.check import Check
from checks.dns.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="dns",
    title="Whether each CoreDNS replica answers, by UDP and TCP, from its own and other nodes, and what gets lost",
    networks=(Network.HOST, Network.POD),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=13.5,
    follows=True,
)
