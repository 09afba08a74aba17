"""The check `nic`: which network adapter the nodes have, what it offloads, and whether it counts errors."""

from checks.check import Check
from checks.nic.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="nic",
    title="Network adapters: type, driver, tunnel offload, MTU, errors",
    networks=(Network.HOST,),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=8.0,
)
