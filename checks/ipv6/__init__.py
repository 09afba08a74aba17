"""The check `ipv6`: is IPv6 used, and does it work where it is?"""

from checks.check import Check
from checks.ipv6.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="ipv6",
    title="IPv6: in use or not, duplicate addresses, default routes, reachability, CoreDNS",
    networks=(Network.HOST, Network.POD),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=8.0,
)
