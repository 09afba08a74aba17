"""The check `node`: are the nodes ready, told apart, and are their kernels set to carry pods' packets?"""

from checks.check import Check
from checks.node.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="node",
    title="Nodes: ready, told apart, kernel settings and tables, overlay entries, clocks",
    networks=(Network.HOST,),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=8.0,
)
