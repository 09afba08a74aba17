"""What a sound cluster answers to the jobs of `ipv6`."""

from checks.ipv6.model import Address, Data, Probe
from checks.observation import Task
from checks.probes.outcome import Result


def sound(task: Task) -> Data:
    """The answer to one job."""
    probes = [
        Probe(target=aim.target, name=aim.name, protocol=protocol, result=Result.OK)
        for aim in task.request.aims
        for protocol in ("udp", "tcp")
    ]
    address = Address(interface="eth0", address="fd30::10")
    return Data(addresses=(address,), default_routes=("eth0",), probes=tuple(probes))
