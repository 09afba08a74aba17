"""Services that lead astray, from the snapshot and the agents' connections to the verdict, as the field had them."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from checks.cluster.aggregation import APIServiceReference, APIServiceSpec, APIServiceStatus
from checks.cluster.snapshot import (
    APIService,
    Condition,
    Container,
    Endpoint,
    EndpointConditions,
    EndpointPort,
    EnvVar,
    Metadata,
    Pod,
    PodSpec,
    PodTemplate,
    Service,
    ServicePort,
    ServiceSpec,
    Snapshot,
    WorkloadSpec,
)
from checks.diagnosis import diagnose
from checks.diagnosis.model import Diagnosis
from checks.judgement import judge_run
from checks.observation import Network, Observation
from checks.paths.model import Aim, Kind
from checks.probes.outcome import Result
from checks.registry import DIAGNOSED
from tests.checks import objects
from tests.checks.diagnosis import worlds

OWN = (objects.NAMESPACE, objects.SERVICE)
POST = f'failed calling webhook "{objects.HOOK}": failed to call webhook: Post "https://x.svc:443": '
REFUSED = f"{POST}dial tcp 10.96.160.30:443: connect: connection refused"
LATE = f"{POST}context deadline exceeded"
Asks = Callable[[str, Network, Aim], Result]


def changed(snapshot: Snapshot, **spec: Any) -> Snapshot:
    """The cluster with another webhook's Service."""
    services = [
        msgspec.structs.replace(s, spec=msgspec.structs.replace(s.spec, **spec))
        if (s.metadata.namespace, s.metadata.name) == OWN
        else s
        for s in snapshot.services
    ]
    return msgspec.structs.replace(snapshot, services=tuple(services))


def behind(snapshot: Snapshot, *endpoints: Any, port: int = 9443) -> Snapshot:
    """The cluster with other endpoints of that Service."""
    slices = [
        msgspec.structs.replace(s, endpoints=endpoints or s.endpoints, ports=(EndpointPort(port=port),))
        if (s.metadata.namespace, s.service) == OWN
        else s
        for s in snapshot.endpoint_slices
    ]
    return msgspec.structs.replace(snapshot, endpoint_slices=tuple(slices))


def diagnosed(snapshot: Snapshot, asks: Asks, refusing: Mapping[str, Result], error: str) -> Diagnosis:
    """What comes of all checks, where probes of `paths`, connections to these addresses and the dry run end so."""
    made = [_made(o, refusing, error) for o in worlds.observed(snapshot, asks)]
    return diagnose(judge_run(snapshot, DIAGNOSED, {}, made))


def _made(observation: Observation, refusing: Mapping[str, Result], error: str) -> Observation:
    data = observation.data
    if observation.check == "services":
        measured = [m | {"result": refusing.get(m["aim"]["address"], m["result"])} for m in data["measurements"]]
        data = data | {"measurements": measured}
    if error and observation.check == "webhook" and data.get("answer"):
        data = {"answer": {"status": 500, "message": error, "elapsed_s": 10.0 if error == LATE else 0.01}}
    return msgspec.structs.replace(observation, data=data)


def asking(endpoint: Result, service: Result, address: str = "") -> Asks:
    """How greetings to webhooks end; to one endpoint alone where its address is given."""

    def end(_: str, __: Network, aim: Aim) -> Result:
        if aim.kind is Kind.WEBHOOK_ENDPOINT and address in ("", aim.address):
            return endpoint
        return service if aim.kind is Kind.WEBHOOK_SERVICE else Result.OK

    return end


WORLD = worlds.snapshot()
OWNER, STRANGER = (
    objects.endpoint("10.244.1.5", "w1", "controller-6d4f8c9b7-x2x4x"),
    objects.endpoint("172.30.0.12", "w2", "speaker-x2x4x"),
)


def labelled(snapshot: Snapshot) -> Snapshot:
    """MetalLB's workloads make pods of one label, and the webhook's Service selects that."""
    template = PodTemplate(metadata=Metadata(labels={"app": "metallb"}))
    made = [
        msgspec.structs.replace(w, spec=WorkloadSpec(template=template)) if w.metadata.namespace == OWN[0] else w
        for w in snapshot.workloads
    ]
    return changed(msgspec.structs.replace(snapshot, workloads=tuple(made)), selector={"app": "metallb"})


@pytest.mark.parametrize(
    ("cause", "snapshot", "asks", "refusing", "error"),
    [
        (
            "wrong-target-port",
            behind(WORLD, port=9444),
            asking(Result.REFUSED, Result.REFUSED),
            {"10.244.1.5": Result.REFUSED},
            REFUSED,
        ),
        (
            "service-selector",
            behind(labelled(WORLD), OWNER, STRANGER),
            asking(Result.REFUSED, Result.REFUSED, "172.30.0.12"),
            {"172.30.0.12": Result.REFUSED},
            REFUSED,
        ),
        (
            "no-local-endpoint",
            changed(WORLD, internal_traffic_policy="Local"),
            asking(Result.OK, Result.TIMEOUT),
            {},
            LATE,
        ),
    ],
)
def test_a_service_that_leads_astray_is_named(
    cause: str, snapshot: Snapshot, asks: Asks, refusing: dict[str, Result], error: str
) -> None:
    """And neither its pods, nor kube-proxy, nor the network; at that Service."""
    diagnosis = diagnosed(snapshot, asks, refusing, error)

    assert (cause, (), ["/".join(OWN)]) == (
        diagnosis.verdict,
        diagnosis.also,
        [str(place) for place in diagnosis.causes[0].at],
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Result.TIMEOUT, LATE),
        (Result.REFUSED, REFUSED),
        (Result.PROHIBITED, f"{POST}dial tcp 10.96.160.30:443: connect: no route to host"),
    ],
)
def test_what_blocks_a_webhook_may_also_answer(answer: Result, error: str) -> None:
    """A policy drops, resets or rejects, each in the place of a pod that answers its own node."""
    diagnosis = diagnosed(WORLD, asking(answer, answer), {}, error)

    assert ("webhook-blocked", ["/".join(OWN)]) == (diagnosis.verdict, [str(place) for place in diagnosis.causes[0].at])


def test_endpoints_that_a_node_took_along() -> None:
    """Whose node is not ready is not ready either: the node is named, and not that nobody is behind the Service."""
    gone = msgspec.structs.replace(OWNER, conditions=EndpointConditions(ready=False))
    snapshot = objects.lose(behind(WORLD, gone), "w1")

    diagnosis = diagnosed(snapshot, asking(Result.OK, Result.REFUSED), {}, REFUSED)

    assert ("node-not-ready", (), ["w1"]) == (
        diagnosis.verdict,
        diagnosis.also,
        [str(place) for place in diagnosis.causes[0].at],
    )


METRICS = ("kube-system", "metrics-server")
PROXY = (
    EnvVar(name="HTTPS_PROXY", value="http://proxy.example.org:3128"),
    EnvVar(name="NO_PROXY", value=".svc,172.30.0.0/16"),
)


def with_metrics_server(snapshot: Snapshot, reason: str, message: str, *endpoints: Endpoint) -> Snapshot:
    """The cluster with an API that another server serves, of which the API server says so."""
    spec = ServiceSpec(
        cluster_ip="10.96.0.99", ports=(ServicePort(port=443, target_port=10250),), selector={"k8s-app": METRICS[1]}
    )
    condition = Condition(type="Available", status="False", reason=reason, message=message)
    api = APIService(
        metadata=Metadata(name="v1beta1.metrics.k8s.io"),
        spec=APIServiceSpec(service=APIServiceReference(namespace=METRICS[0], name=METRICS[1])),
        status=APIServiceStatus(conditions=(condition,)),
    )
    return msgspec.structs.replace(
        snapshot,
        services=(*snapshot.services, Service(metadata=Metadata(name=METRICS[1], namespace=METRICS[0]), spec=spec)),
        endpoint_slices=(
            *snapshot.endpoint_slices,
            objects.endpoint_slice(METRICS[1], *endpoints, namespace=METRICS[0], port=10250),
        ),
        api_services=(api,),
    )


def test_another_api_server_without_endpoints_is_named() -> None:
    """Its pods are down; nothing is said against the network."""
    snapshot = with_metrics_server(WORLD, "MissingEndpoints", "endpoints for service/metrics-server have no addresses")
    diagnosis = diagnosed(snapshot, asking(Result.OK, Result.OK), {}, "")

    assert ("no-endpoints", ["/".join(METRICS)]) == (diagnosis.verdict, [str(p) for p in diagnosis.causes[0].at])


def test_a_proxy_between_the_api_server_and_another_one_is_named() -> None:
    """Webhooks are called by a name that NO_PROXY excepts, and other API servers by an address that it does not."""
    message = (
        'failing or missing response from https://10.96.0.99:443/apis: Get "https://10.96.0.99:443/apis": Forbidden'
    )
    snapshot = with_metrics_server(WORLD, "FailedDiscoveryCheck", message, objects.endpoint("10.244.2.9", "w2", "m"))
    container = Container(name="kube-apiserver", command=("kube-apiserver",), env=PROXY)
    pod = Pod(
        metadata=Metadata(name="kube-apiserver-cp", namespace="kube-system", labels={"component": "kube-apiserver"}),
        spec=PodSpec(node_name="cp", containers=(container,)),
    )
    diagnosis = diagnosed(
        msgspec.structs.replace(snapshot, pods=(*snapshot.pods, pod)), asking(Result.OK, Result.OK), {}, ""
    )

    assert "apiserver-proxy" == diagnosis.verdict
