"""What a sound cluster answers to the jobs of `node`."""

from checks.node.model import Adapter, Connections, Data, Device, Neighbours, Request, Way
from checks.observation import Task


def sound(task: Task) -> Data:
    """The answer to one job. Flannel's annotations are not in the healthy world, so nothing is asked of an overlay."""
    request = task.request
    assert isinstance(request, Request)
    return Data(
        clock_s=1.0,
        adapters=(Adapter(name="eth0", mac=mac_of(task.node)),),
        forwards={"4": True, "6": True},
        strict=("eth0",),
        strict_drops=0,
        connections=Connections(count=900, limit=262_144, dropped=0),
        neighbours=(Neighbours(family=4, count=20, limit=1024, overflows=0),),
        devices=tuple(Device(name=name, mac="7a:00:00:00:00:01") for name in request.devices),
        ways=tuple(Way(subnet=wanted.subnet) for wanted in request.ways),
        window_s=2.0,
    )


def mac_of(node: str) -> str:
    """A MAC of the node's own."""
    return "00:50:56:" + node.encode().ljust(3, b"\0")[:3].hex(":")
