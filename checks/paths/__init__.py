"""The check `paths`: what gets through between nodes and pods, and whether it is damaged."""

from checks.check import Check
from checks.observation import Network
from checks.paths.model import Data, Parameters, Request

CHECK = Check(
    name="paths",
    title="What gets through between nodes and pods: ping, TCP, loss, damaged packets",
    networks=(Network.HOST, Network.POD),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=10.0,
    follows=True,
)
