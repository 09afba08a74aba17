"""The check `throughput`: how much does the way from one node to another carry, and what does it cost?"""

from checks.check import Check
from checks.observation import Network
from checks.throughput.model import Data, Parameters, Request

CHECK = Check(
    name="throughput",
    title="Throughput from one node to another, on request",
    networks=(Network.HOST, Network.POD),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=20.0,
    on_request=True,
)
