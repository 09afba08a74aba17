"""The check `mtu`: how large a packet may be between nodes and between pods."""

from checks.check import Check
from checks.mtu.model import Data, Parameters, Request
from checks.observation import Network

CHECK = Check(
    name="mtu",
    title="How large a packet may be between nodes and between pods, over IPv4 and IPv6",
    networks=(Network.HOST, Network.POD),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=9.0,
)
