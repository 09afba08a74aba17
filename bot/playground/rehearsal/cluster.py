"""The API server's objects after what was done. Pure.

From the beginning there is one thing more than in the recording: the Service `shop/web`, which waits for an address.
"""

import ipaddress
from collections.abc import Iterator

import msgspec

from bot.playground.rehearsal.world import Machine, Pool, World
from bot.runbooks.catalogue.create_pool.ranges import parse
from checks.cluster.snapshot import (
    Condition,
    CustomObject,
    Ingress,
    LoadBalancerStatus,
    Metadata,
    Node,
    Service,
    ServicePort,
    ServiceSpec,
    ServiceStatus,
    Snapshot,
)

WAITING = ("shop", "web")
"""Namespace and name of the Service that waits."""
_OFFSET = 80
"""How far its ClusterIP is from the API server's."""


def seen_now(recorded: Snapshot, world: World) -> Snapshot:
    """What the worker would read."""
    return msgspec.structs.replace(
        recorded,
        nodes=tuple(_node(node, world.machine(node.name)) for node in recorded.nodes),
        services=(*recorded.services, *waiting(recorded, world)),
        metallb=(*recorded.metallb, *_metallb(recorded, world)),
    )


def _metallb(recorded: Snapshot, world: World) -> Iterator[CustomObject]:
    for name, pool in world.pools.items():
        yield from _objects(name, pool)
    if world.pools:
        yield _announcement(recorded)


def _node(node: Node, machine: Machine) -> Node:
    spec = msgspec.structs.replace(node.spec, unschedulable=node.spec.unschedulable or machine.cordoned)
    conditions = tuple(_silent(c) if machine.off and c.type == "Ready" else c for c in node.status.conditions)
    status = msgspec.structs.replace(node.status, conditions=conditions)
    return msgspec.structs.replace(node, spec=spec, status=status)


def _silent(condition: Condition) -> Condition:
    """What the API server says of a kubelet that it does not hear of."""
    words = "Kubelet stopped posting node status."
    return msgspec.structs.replace(condition, status="Unknown", reason="NodeStatusUnknown", message=words)


def waiting(recorded: Snapshot, world: World) -> Iterator[Service]:
    """The Service that waits for an address until there is a pool.

    None where nothing tells the network of Services, and none where there was a pool: that one would have served it.
    """
    api = next((s for s in recorded.services if s.metadata.name == "kubernetes" and s.spec.cluster_ip), None)
    if api is None or any(each.kind == "IPAddressPool" for each in recorded.metallb):
        return
    namespace, name = WAITING
    given = _first_address(world)
    yield Service(
        metadata=Metadata(name=name, namespace=namespace),
        spec=ServiceSpec(
            type="LoadBalancer",
            cluster_ip=str(ipaddress.ip_address(api.spec.cluster_ip) + _OFFSET),
            ip_families=api.spec.ip_families,
            ports=(ServicePort(name="http", port=80),),
            selector={"app": name},
        ),
        status=ServiceStatus(load_balancer=LoadBalancerStatus(ingress=(Ingress(ip=given),) if given else ())),
    )


def _first_address(world: World) -> str:
    """What MetalLB would give the only Service that waits; empty without a pool."""
    for name in sorted(world.pools):
        return str(parse(",".join(world.pools[name].addresses))[0][0])
    return ""


def _objects(name: str, pool: Pool) -> Iterator[CustomObject]:
    metadata = Metadata(name=name, namespace=pool.namespace)
    yield CustomObject(kind="IPAddressPool", metadata=metadata, spec={"addresses": list(pool.addresses)})
    yield CustomObject(kind="L2Advertisement", metadata=metadata, spec={"ipAddressPools": [name]})


def _announcement(recorded: Snapshot) -> CustomObject:
    """What a speaker tells of the Service's address: MetalLB lets one node announce it; here the last by name."""
    namespace, name = WAITING
    node = max((node.name for node in recorded.nodes), default="")
    return CustomObject(
        kind="ServiceL2Status", status={"node": node, "serviceName": name, "serviceNamespace": namespace}
    )
