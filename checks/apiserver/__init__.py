"""The check `apiserver`: is each API server ready, and does it get to webhooks, nodes and pods?"""

from checks.apiserver.model import Data, Parameters, Request
from checks.check import Check
from checks.observation import Network

CHECK = Check(
    name="apiserver",
    title="API servers: ready, and their ways to webhooks, nodes and pods",
    networks=(Network.CLUSTER,),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=14.0,
)
