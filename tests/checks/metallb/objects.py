"""Builders of what MetalLB is told, and of Services that ask for an address."""

from collections.abc import Callable
from typing import Any

import msgspec

from checks.cluster.snapshot import (
    CustomObject,
    Ingress,
    LoadBalancerStatus,
    Metadata,
    Service,
    ServicePort,
    ServiceSpec,
    ServiceStatus,
    Snapshot,
)
from checks.finding import Finding
from checks.metallb import CHECK
from checks.metallb.model import Data, Parameters
from checks.observation import Observation, Task
from tests.checks.metallb.sound import sound
from tests.checks.objects import NAMESPACE
from tests.checks.words import words


def item(kind: str, name: str = "x", *, labels: dict[str, str] | None = None, **spec: Any) -> CustomObject:
    """An object of MetalLB."""
    return CustomObject(kind=kind, metadata=Metadata(name=name, namespace=NAMESPACE, labels=labels or {}), spec=spec)


def pool(name: str = "a", *addresses: str, labels: dict[str, str] | None = None, **spec: Any) -> CustomObject:
    """An address pool; of 256 addresses where none are given."""
    return item("IPAddressPool", name, labels=labels, addresses=list(addresses) or ["192.0.2.0/24"], **spec)


def peer(name: str = "router", **spec: Any) -> CustomObject:
    """A BGPPeer that MetalLB takes."""
    usual: dict[str, Any] = {"myASN": 64512, "peerASN": 64513, "peerAddress": "198.51.100.1"}
    return item("BGPPeer", name, **(usual | spec))


def announced(service: str = "web", node: str = "w1", kind: str = "ServiceL2Status") -> CustomObject:
    """What a speaker writes about a Service in `shop` that it announces."""
    status: dict[str, object] = {"node": node, "serviceName": service, "serviceNamespace": "shop"}
    return CustomObject(kind=kind, metadata=Metadata(name=f"l2-{service}-{node}", namespace=NAMESPACE), status=status)


def balanced(
    name: str = "web",
    *given: str,
    annotations: dict[str, str] | None = None,
    labels: dict[str, str] | None = None,
    created: str = "",
    **spec: Any,
) -> Service:
    """A Service in `shop` that asks for an address, and what it has."""
    own: dict[str, Any] = {"cluster_ips": ("10.96.7.7",), "ports": (ServicePort(port=80),)} | spec
    return Service(
        metadata=Metadata(
            name=name,
            namespace="shop",
            annotations=annotations or {},
            labels=labels or {},
            creation_timestamp=created,
        ),
        spec=ServiceSpec(type="LoadBalancer", **own),
        status=ServiceStatus(load_balancer=LoadBalancerStatus(ingress=tuple(Ingress(ip=ip) for ip in given))),
    )


def judged(snapshot: Snapshot, answer: Callable[[Task], Data] = sound, **parameters: str) -> dict[str, Finding]:
    """The findings by code without the check's name, all of them, each once; agents answer as of a sound cluster."""
    tasks = CHECK.plan(snapshot, msgspec.convert(parameters, Parameters))
    observations = [
        Observation(check=CHECK.name, network=task.network, node=task.node, data=msgspec.to_builtins(answer(task)))
        for task in tasks
    ]
    found = CHECK.judge(CHECK.gather(snapshot, parameters, observations))
    assert [code.name for code in CHECK.codes] == [f.code for f in found]
    return {f.code.removeprefix("metallb."): f for f in found}


def seen(finding: Finding) -> dict[str, str]:
    """The outcome at each place."""
    return {str(s.place): s.outcome for s in finding.seen}


def told(finding: Finding) -> list[str]:
    """The lines of evidence."""
    return [words(line) for line in finding.evidence]
