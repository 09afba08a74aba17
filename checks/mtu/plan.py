"""Who measures to whom: the same peers as the check `paths` has, in every family that both have. Pure."""

from collections.abc import Iterator

from checks.cluster.snapshot import Node, Pod, Snapshot
from checks.judging.topology import ROTATION_S, neighbours, pod_agents
from checks.mtu.model import Aim, Parameters, Request
from checks.observation import Network, Task
from checks.probes.echo import HOST_PORT, POD_PORT
from checks.probes.outcome import family


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """Two tasks a node, one in its own network and one in a pod."""
    names = sorted(node.name for node in snapshot.nodes)
    turn = int(snapshot.taken_at // ROTATION_S)
    at_node = {node.name: tuple(_at_node(node)) for node in snapshot.nodes}
    at_pod = {name: tuple(_at_pod(agent)) for name, agent in pod_agents(snapshot).items()}
    tasks = []
    for name in names:
        peers = neighbours(names, name, parameters.neighbours, turn)
        nodes = tuple(aim for peer in peers for aim in at_node[peer])
        pods = tuple(aim for peer in peers for aim in at_pod.get(peer, ()))
        for network, aims in ((Network.HOST, nodes + pods), (Network.POD, pods)):
            request = Request(aims=aims, timeout_s=parameters.timeout_s)
            tasks.append(Task(network=network, node=name, request=request))
    return tasks


def _at_node(node: Node) -> Iterator[Aim]:
    for address in _one_a_family(node.internal_ips):
        yield Aim(peer=node.name, network=Network.HOST, address=address, port=HOST_PORT)


def _at_pod(agent: Pod) -> Iterator[Aim]:
    for address in _one_a_family(agent.ips):
        yield Aim(peer=agent.spec.node_name, network=Network.POD, address=address, port=POD_PORT)


def _one_a_family(addresses: tuple[str, ...]) -> list[str]:
    """The first address of each family."""
    return list({family(address): address for address in reversed(addresses)}.values())[::-1]
