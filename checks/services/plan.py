"""Which connections tell whether somebody listens behind a Service, and whether it is reached. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from checks.cluster.snapshot import Endpoint, EndpointSlice, Node, Snapshot
from checks.judging.topology import pod_agents, webhook_askers
from checks.observation import Network, Task
from checks.services.behind import Behind, aggregated, all_behind, port_of
from checks.services.model import Aim, Kind, Parameters, Request

ENDPOINTS = 8
"""Endpoints of one Service that are connected to."""
ASKERS = 16
"""Nodes from which a Service that was asked for is connected to."""
AIMS = 256
"""Connections of one agent."""
Where = tuple[Network, str]
"""A network and a node."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """Jobs for the agents that have something to connect to."""
    aims: dict[Where, dict[Aim, None]] = defaultdict(dict)
    others = set(aggregated(snapshot))
    planes = [(Network.HOST, node.name) for node in webhook_askers(snapshot)]
    pods = [(Network.POD, node) for node in sorted(pod_agents(snapshot))[:ASKERS]]
    for behind in all_behind(snapshot, parameters.service):
        if not behind.matters:
            continue
        for where, aim in _own(behind, snapshot.nodes):
            aims[where][aim] = None
        # Whoever asks for one Service is answered from where its clients are; the API server asks from its own node.
        askers = [*planes, *pods] if parameters.service else planes if behind.name in others else []
        asked = [*(_endpoints(behind) if parameters.service else ()), *_address(behind)]
        for where in askers:
            aims[where] |= dict.fromkeys(asked)
    return [
        Task(
            network=network,
            node=node,
            request=Request(aims=tuple(found)[:AIMS], timeout_s=parameters.timeout_s),
        )
        for (network, node), found in sorted(aims.items())
        if found
    ]


def _own(behind: Behind, nodes: Sequence[Node]) -> Iterator[tuple[Where, Aim]]:
    """Each endpoint from its own node: a refusal there is the pod's own word, and no network's."""
    known = {node.name for node in nodes}
    for aim, node in _targets(behind, Kind.OWN):
        if node in known:
            yield (Network.HOST, node), aim


def _endpoints(behind: Behind) -> Iterator[Aim]:
    yield from (aim for aim, _ in _targets(behind, Kind.ENDPOINT))


def _targets(behind: Behind, kind: Kind) -> Iterator[tuple[Aim, str]]:
    """The TCP ports of some ready endpoints, of each workload some, with the endpoint's node."""
    namespace, name = behind.name
    for endpoint, endpoint_slice in _some_of_each(behind):
        for port in behind.service.spec.ports:
            target = port_of(endpoint_slice, port)
            if target and port.protocol == "TCP":
                address = endpoint.addresses[0]
                aim = Aim(
                    kind=kind, namespace=namespace, service=name, name=port.name, address=address, port=target.port
                )
                yield aim, endpoint.node_name


def _some_of_each(behind: Behind) -> list[tuple[Endpoint, EndpointSlice]]:
    """Endpoints of all owners in turns: a stranger among hundreds is looked at too."""
    turns: dict[str, int] = defaultdict(int)
    ranked: list[tuple[int, int, tuple[Endpoint, EndpointSlice]]] = []
    for pair in behind.ready:
        owner = behind.owner(pair[0])
        ranked.append((turns[owner], len(ranked), pair))
        turns[owner] += 1
    return [pair for _, _, pair in sorted(ranked, key=lambda r: r[:2])[:ENDPOINTS]]


def _address(behind: Behind) -> Iterator[Aim]:
    spec = behind.service.spec
    if not behind.ready or spec.cluster_ip in ("", "None"):
        return
    for port in spec.ports:
        if port.protocol == "TCP":
            namespace, name = behind.name
            yield Aim(
                kind=Kind.ADDRESS,
                namespace=namespace,
                service=name,
                name=port.name,
                address=spec.cluster_ip,
                port=port.port,
            )
