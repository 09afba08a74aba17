"""The check `nodes`: are the nodes ready, and may pods be scheduled on them?"""

from checks.check import Check
from checks.nodes.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="nodes",
    title="Nodes: ready, and open for pods",
    networks=(Network.CLUSTER,),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=1.0,
)
