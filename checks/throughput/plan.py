"""Who sends to whom: one node to one other, because two at once would measure each other. Pure."""

from checks.cluster.snapshot import Snapshot
from checks.judging.topology import pod_agents
from checks.observation import Network, Task
from checks.probes.echo import HOST_PORT, POD_PORT
from checks.throughput.model import Parameters, Request


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """One task, or none where there are not two nodes that could."""
    addresses = _addresses(snapshot, parameters.network)
    names = sorted(addresses)
    source = parameters.source or next((name for name in names if name != parameters.target), "")
    target = parameters.target or next((name for name in names if name != source), "")
    if source == target or not {source, target} <= set(names):
        return []
    address, port = addresses[target]
    request = Request(
        address=address,
        port=port,
        target=target,
        seconds=parameters.seconds,
        tries=parameters.tries,
        rate_mbit=parameters.rate_mbit,
    )
    return [Task(network=Network(parameters.network), node=source, request=request)]


def _addresses(snapshot: Snapshot, network: str) -> dict[str, tuple[str, int]]:
    """Where each node's agent listens."""
    if network == Network.POD:
        return {name: (pod.ips[0], POD_PORT) for name, pod in pod_agents(snapshot).items()}
    return {node.name: (node.internal_ips[0], HOST_PORT) for node in snapshot.nodes if node.internal_ips}
