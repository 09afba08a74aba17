"""The check `services`: is somebody behind each Service, the right ones, on the right port, where they are asked?"""

from checks.check import Check
from checks.observation import Network
from checks.services.model import Data, Parameters, Request

CHECK = Check(
    name="services",
    title="Services: who is behind them, on which port, and whether they are reached",
    networks=(Network.HOST, Network.POD),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=8.0,
)
