"""The check `parts`: what the cluster's network is made of, and whether it is ready."""

from checks.check import Check, NoParameters
from checks.observation import Network
from checks.parts.model import Data, Request

CHECK = Check(
    name="parts",
    title="What the network is made of: CNI, kube-proxy, cluster DNS, node-local DNS cache",
    networks=(Network.CLUSTER,),
    parameters=NoParameters,
    request=Request,
    data=Data,
    deadline_s=1.0,
)
