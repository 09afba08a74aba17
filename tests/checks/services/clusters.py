"""Small clusters with one Service, for tests of `services`."""

from collections.abc import Mapping
from typing import Any

import msgspec

from checks.cluster.aggregation import APIServiceReference, APIServiceSpec, APIServiceStatus
from checks.cluster.pods import ContainerPort
from checks.cluster.snapshot import (
    APIService,
    Condition,
    Container,
    Endpoint,
    EndpointConditions,
    EndpointPort,
    EndpointSlice,
    Metadata,
    PodSpec,
    PodTemplate,
    Service,
    ServicePort,
    ServiceSpec,
    Snapshot,
    TargetRef,
    Workload,
    WorkloadSpec,
    WorkloadStatus,
)
from checks.finding import Finding
from checks.observation import Observation
from checks.probes.outcome import Result
from checks.services import CHECK
from checks.services.model import Aim, Data, Measurement, Parameters
from tests.checks import objects
from tests.checks.judged import judged

PLACE = ("prod", "shop")
ASKED = Parameters(service="prod/shop")
LABELS = {"app": "shop"}


def service(**changes: Any) -> Service:
    """A Service of the workload `shop`, on port 80 to 8080."""
    spec: dict[str, Any] = {
        "cluster_ip": "10.96.0.80",
        "selector": LABELS,
        "ports": (ServicePort(name="http", port=80, target_port=8080),),
    }
    return Service(metadata=Metadata(name=PLACE[1], namespace=PLACE[0]), spec=ServiceSpec(**(spec | changes)))


def workload(name: str = "shop", *ports: int, replicas: int = 1, labels: Mapping[str, str] = LABELS) -> Workload:
    """A Deployment whose pods have these labels and declare these ports."""
    containers = (Container(ports=tuple(ContainerPort(container_port=port) for port in ports or (8080,))),)
    template = PodTemplate(metadata=Metadata(labels=dict(labels)), spec=PodSpec(containers=containers))
    return Workload(
        kind="Deployment",
        metadata=Metadata(name=name, namespace=PLACE[0]),
        spec=WorkloadSpec(replicas=replicas, template=template),
        status=WorkloadStatus(replicas=replicas, ready_replicas=replicas),
    )


def endpoint(number: int, node: str = "w1", owner: str = "shop", **conditions: bool) -> Endpoint:
    """An endpoint of a pod; ready unless said otherwise."""
    return Endpoint(
        addresses=(f"10.244.1.{number}",),
        node_name=node,
        conditions=EndpointConditions(**conditions),
        target_ref=TargetRef(name=f"{owner}-6d4f8c9b7-{number:05}"),
    )


def endpoints(*found: Endpoint, name: str = "http", port: int = 8080) -> EndpointSlice:
    """A slice of the Service; port 0 leaves it without the port, as where no container declares it."""
    labels = {"kubernetes.io/service-name": PLACE[1]}
    ports = (EndpointPort(name=name, port=port),) if port else ()
    return EndpointSlice(metadata=Metadata(namespace=PLACE[0], labels=labels), endpoints=found, ports=ports)


def cluster(
    *slices: EndpointSlice, of: Service | None = None, by: tuple[Workload, ...] = (), **changes: Any
) -> Snapshot:
    """Three nodes and the Service."""
    base = objects.cluster()
    return Snapshot(
        nodes=base.nodes,
        services=(of or service(),),
        endpoint_slices=slices or (endpoints(endpoint(5)),),
        workloads=by or (workload(),),
        **changes,
    )


def aggregated(reason: str = "Passed", message: str = "all checks passed", status: str = "False") -> APIService:
    """An API that the Service serves."""
    return APIService(
        metadata=Metadata(name="v1.shop.example.org"),
        spec=APIServiceSpec(service=APIServiceReference(namespace=PLACE[0], name=PLACE[1], port=80)),
        status=APIServiceStatus(
            conditions=(Condition(type="Available", status=status, reason=reason, message=message),)
        ),
    )


def found(
    snapshot: Snapshot, results: Mapping[str, Result] | None = None, parameters: Parameters | None = None
) -> dict[str, Finding]:
    """The findings where connections to these addresses end so, and all others are made."""
    asked = parameters or Parameters()
    made = [
        Observation(
            check=CHECK.name,
            network=task.network,
            node=task.node,
            data=msgspec.to_builtins(Data(measurements=tuple(_made(aim, results or {}) for aim in task.request.aims))),
        )
        for task in CHECK.plan(snapshot, asked)
    ]
    return judged(CHECK, snapshot, made, asked)


def _made(aim: Aim, results: Mapping[str, Result]) -> Measurement:
    names = (f"{aim.kind} {aim.address}", f"{aim.address}:{aim.port}", aim.address)
    return Measurement(aim=aim, result=next((results[name] for name in names if name in results), Result.OK))
