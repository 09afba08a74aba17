"""The check `metallb`: is MetalLB there and ready, and does it have addresses to give?"""

from checks.check import Check
from checks.metallb.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="metallb",
    title="MetalLB: controller, speakers, address pools",
    networks=(Network.CLUSTER,),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=1.0,
)
