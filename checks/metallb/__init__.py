"""The check `metallb`: does MetalLB give addresses, and does it announce them?"""

from checks.check import Check
from checks.metallb.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="metallb",
    title="MetalLB: addresses, who announces them, speakers, configuration",
    networks=(Network.HOST,),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=12.0,
)
