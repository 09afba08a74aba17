"""What is said of Services, link by link."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import CustomObject, EndpointPort, Gap, Service, ServicePort, Snapshot
from checks.finding import Severity
from checks.place import Service as Place
from checks.probes.outcome import Result
from checks.services.model import Parameters
from tests.checks import objects
from tests.checks.services.clusters import (
    ASKED,
    LABELS,
    PLACE,
    aggregated,
    cluster,
    endpoint,
    endpoints,
    found,
    service,
    workload,
)
from tests.checks.words import words

REFUSED, TIMEOUT = Result.REFUSED, Result.TIMEOUT
NAMED = service(ports=(ServicePort(name="http", port=80, target_port="web"),))
GONE = endpoints(endpoint(5, ready=False, serving=False))
TWO_PORTS = service(
    ports=(
        ServicePort(name="http", port=80, target_port=8080),
        ServicePort(name="metrics", port=90, target_port="metrics"),
    )
)


@pytest.mark.parametrize(
    ("snapshot", "outcome"),
    [
        pytest.param(cluster(), "pass", id="ready"),
        pytest.param(cluster(GONE), "none", id="not ready"),
        pytest.param(cluster(endpoints()), "none", id="empty slice"),
        pytest.param(cluster(endpoints(), by=(workload(labels={"app": "other"}),)), "unmatched", id="selects nothing"),
        pytest.param(cluster(endpoints(), by=(workload(replicas=0),)), "on-purpose", id="scaled to zero"),
        pytest.param(cluster(endpoints(), of=service(selector={})), "on-purpose", id="no selector"),
        pytest.param(cluster(endpoints(), of=service(cluster_ip="None")), "on-purpose", id="headless"),
        pytest.param(cluster(endpoints(), of=service(type="ExternalName")), "on-purpose", id="ExternalName"),
        pytest.param(
            cluster(endpoints(endpoint(5, ready=False, serving=True, terminating=True))), "leaving", id="leaving"
        ),
        pytest.param(
            cluster(endpoints(endpoint(5, ready=True, serving=False)), of=service(publish_not_ready_addresses=True)),
            "unready-published",
            id="published",
        ),
    ],
)
def test_who_is_behind_it(snapshot: Snapshot, outcome: str) -> None:
    """What nobody has to be behind is no fault; what ends or is not ready and still takes traffic is told apart."""
    assert outcome == found(snapshot)["endpoints"].outcome


def test_a_service_without_a_slice_was_not_looked_at() -> None:
    """Every Service with a selector has a slice, an empty one too; old recordings have those of some namespaces."""
    finding = found(Snapshot(services=(service(),), gaps=(Gap(verb="list endpointslices", reason="forbidden"),)))

    assert Severity.UNKNOWN is finding["endpoints"].severity


def test_nobody_behind_is_a_fault_where_somebody_asked() -> None:
    """In a whole cluster it may be nobody's, so that it is no more than a risk."""
    assert (Severity.DEGRADED, Severity.FAILED) == (
        found(cluster(GONE))["endpoints"].severity,
        found(cluster(GONE), parameters=ASKED)["endpoints"].severity,
    )


def test_the_first_link_says_what_it_selects() -> None:
    """Selector, workloads and endpoints of the Service that was asked for."""
    finding = found(cluster(endpoints(), by=(workload(labels={"app": "other"}),)), parameters=ASKED)["endpoints"]

    assert ["prod/shop selects app=shop, which no workload of its namespace has: 0 ready of 0"] == [
        words(text) for text in finding.evidence
    ]


@pytest.mark.parametrize(
    ("snapshot", "results", "outcome", "severity"),
    [
        pytest.param(cluster(), {}, "pass", Severity.OK, id="well"),
        pytest.param(
            cluster(endpoints(endpoint(5), port=0), of=NAMED), {}, "undeclared", Severity.DEGRADED, id="undeclared"
        ),
        pytest.param(cluster(of=TWO_PORTS), {}, "partly", Severity.ADVICE, id="one of two"),
        pytest.param(cluster(GONE), {}, "not-used", Severity.OK, id="nobody is ready"),
        pytest.param(
            cluster(api_services=(aggregated(status="True"),)),
            {"10.244.1.5": REFUSED},
            "refused",
            Severity.FAILED,
            id="nobody listens",
        ),
        pytest.param(
            cluster(api_services=(aggregated(status="True"),)),
            {"10.244.1.5": TIMEOUT},
            "pass",
            Severity.OK,
            id="silence is no refusal",
        ),
        pytest.param(
            cluster(endpoints(endpoint(5), endpoint(6)), api_services=(aggregated(status="True"),)),
            {"10.244.1.5": REFUSED},
            "some",
            Severity.DEGRADED,
            id="one replica of two",
        ),
    ],
)
def test_whether_somebody_listens(
    snapshot: Snapshot, results: dict[str, Result], outcome: str, severity: Severity
) -> None:
    """A name that no container declares is in the slices; a number is known by the pod's own refusal."""
    finding = found(snapshot, results)["target-port"]

    assert (outcome, severity) == (finding.outcome, finding.severity)


def test_a_port_for_figures_that_nobody_serves_is_no_fault() -> None:
    """Of a Service that the cluster depends on the port that it is asked on counts, and no other."""
    both = service(
        ports=(
            ServicePort(name="http", port=80, target_port=8080),
            ServicePort(name="metrics", port=90, target_port=9090),
        )
    )
    slices = endpoints(endpoint(5))
    slices = msgspec.structs.replace(slices, ports=(*(slices.ports or ()), EndpointPort(name="metrics", port=9090)))
    snapshot = cluster(slices, of=both, api_services=(aggregated(status="True"),))

    assert "partly" == found(snapshot, {"10.244.1.5:9090": REFUSED})["target-port"].outcome
    assert "refused" == found(snapshot, {"10.244.1.5:8080": REFUSED})["target-port"].outcome


def test_of_the_service_that_was_asked_for_every_port_counts() -> None:
    """Somebody may have asked because of just that one."""
    assert "undeclared" == found(cluster(of=TWO_PORTS), parameters=ASKED)["target-port"].outcome


STRANGER = workload("report", 9000)
BOTH = endpoints(endpoint(5), endpoint(6, owner="report"))


@pytest.mark.parametrize(
    ("snapshot", "results", "outcome"),
    [
        pytest.param(cluster(by=(workload(), workload("canary"))), {}, "pass", id="alike"),
        pytest.param(cluster(by=(workload(), STRANGER)), {}, "mixed", id="declares another port"),
        pytest.param(cluster(by=(workload(), workload("report", 9000, replicas=0))), {}, "pass", id="scaled to zero"),
        pytest.param(
            cluster(
                endpoints(endpoint(5)),
                endpoints(endpoint(6, owner="report"), port=0),
                of=NAMED,
                by=(workload(), STRANGER),
            ),
            {},
            "strangers",
            id="without the named port",
        ),
        pytest.param(
            cluster(BOTH, by=(workload(), STRANGER), api_services=(aggregated(status="True"),)),
            {"10.244.1.6": REFUSED},
            "strangers",
            id="refuses",
        ),
        pytest.param(
            cluster(BOTH, by=(workload(),), api_services=(aggregated(status="True"),)),
            {"10.244.1.6": REFUSED},
            "strangers",
            id="a pod of no workload refuses",
        ),
    ],
)
def test_strangers_are_told_from_a_second_version(snapshot: Snapshot, results: dict[str, Result], outcome: str) -> None:
    """Several workloads behind one Service are usual; pods that do not have its port do not belong there."""
    finding = found(snapshot, results)

    assert (outcome, "pass") == (finding["selector"].outcome, finding["target-port"].outcome)


def test_a_stranger_is_named() -> None:
    """Whose labels to look at."""
    snapshot = cluster(BOTH, by=(workload(), STRANGER), api_services=(aggregated(status="True"),))
    finding = found(snapshot, {"10.244.1.6": REFUSED})["selector"]

    assert ["prod/shop also selects report-6d4f8c9b7-00006"] == [words(text) for text in finding.evidence]


INSIDE = {"internal_traffic_policy": "Local"}
OUTSIDE = {"type": "LoadBalancer", "external_traffic_policy": "Local"}


def announced(node: str) -> tuple[CustomObject, ...]:
    """What a speaker tells."""
    told = {"serviceNamespace": PLACE[0], "serviceName": PLACE[1], "node": node}
    return (CustomObject(kind="ServiceL2Status", status=dict(told)),)


@pytest.mark.parametrize(
    ("spec", "changes", "parameters", "outcome"),
    [
        pytest.param({}, {}, None, "pass", id="cluster"),
        pytest.param(INSIDE, {}, None, "some-nodes", id="some nodes"),
        pytest.param(INSIDE, {}, ASKED, "dropped", id="asked for"),
        pytest.param(INSIDE, {"api_services": (aggregated(status="True"),)}, None, "dropped", id="the API server asks"),
        pytest.param(OUTSIDE, {}, ASKED, "some-nodes", id="outside"),
        pytest.param(OUTSIDE, {"metallb": announced("w1")}, None, "some-nodes", id="announced where somebody is"),
        pytest.param(OUTSIDE, {"metallb": announced("w2")}, None, "dropped", id="announced where nobody is"),
        pytest.param({"external_traffic_policy": "Local"}, {}, ASKED, "pass", id="no outside"),
    ],
)
def test_local_traffic_finds_somebody(
    spec: dict[str, Any], changes: dict[str, Any], parameters: Parameters | None, outcome: str
) -> None:
    """Nodes without a backend are usual under Local; it is a fault where the Service is known to be asked."""
    assert outcome == found(cluster(of=service(**spec), **changes), parameters=parameters)["local"].outcome


def test_somebody_on_every_node_is_well() -> None:
    """Whoever asks is answered there."""
    every = endpoints(*(endpoint(number, node) for number, node in enumerate(("cp", "w1", "w2"))))

    assert "pass" == found(cluster(every, of=service(**INSIDE)), parameters=ASKED)["local"].outcome


@pytest.mark.parametrize(
    ("results", "outcomes"),
    [
        ({}, ("pass", "pass")),
        ({"10.96.0.80": REFUSED}, ("pass", "refused")),
        ({"10.96.0.80": TIMEOUT}, ("pass", "timeout")),
        ({"endpoint 10.244.1.5": TIMEOUT, "10.96.0.80": TIMEOUT}, ("timeout", "timeout")),
    ],
)
def test_the_one_that_was_asked_for_is_connected_to(results: dict[str, Result], outcomes: tuple[str, str]) -> None:
    """Its endpoints apart from its address: what fails first is where the way ends."""
    finding = found(cluster(), results, ASKED)

    assert outcomes == (finding["endpoint"].outcome, finding["address"].outcome)


def test_nobody_connects_where_nothing_depends_on_it() -> None:
    """A diagnosis makes no connection to other people's Services."""
    finding = found(cluster())

    assert ("not-asked", "not-asked") == (finding["endpoint"].outcome, finding["address"].outcome)


URL = "https://10.96.0.80:443/apis/shop.example.org/v1"
FAILING = f"failing or missing response from {URL}"


@pytest.mark.parametrize(
    ("reason", "message", "outcome"),
    [
        ("ServiceNotFound", 'service/shop in "prod" is not present', "no-service"),
        ("MissingEndpoints", 'endpoints for service/shop in "prod" have no addresses with port name "http"', "no-port"),
        (
            "FailedDiscoveryCheck",
            f'{FAILING}: Get "{URL}": dial tcp 10.96.0.80:443: connect: connection refused',
            "refused",
        ),
        (
            "FailedDiscoveryCheck",
            f'{FAILING}: Get "{URL}": context deadline exceeded',
            "timeout",
        ),
        (
            "FailedDiscoveryCheck",
            f"{FAILING}: bad status from {URL}: 403",
            "other",
        ),
    ],
)
def test_what_the_api_server_says_of_other_api_servers(reason: str, message: str, outcome: str) -> None:
    """The words of its availability controller (kube-aggregator, pkg/controllers/status/remote)."""
    assert outcome == found(cluster(api_services=(aggregated(reason, message),)))["aggregated"].outcome


def test_another_api_server_on_a_node_that_is_not_ready() -> None:
    """The node is named, and not the Service; where one of several nodes is well, the Service is."""
    message = 'endpoints for service/shop in "prod" have no addresses with port name "http"'
    snapshot = cluster(
        endpoints(endpoint(5, ready=False), endpoint(6, "w2", ready=False)),
        api_services=(aggregated("MissingEndpoints", message),),
    )

    outcomes = [found(objects.lose(snapshot, *lost))["aggregated"].outcome for lost in (("w1", "w2"), ("w1",))]

    assert ["node-not-ready", "none"] == outcomes


def test_a_service_that_is_not_there_has_a_near_name() -> None:
    """A slip is put right, in the name as in the namespace."""
    for asked in ("prod/shp", "dev/shop"):
        finding = found(cluster(), parameters=Parameters(service=asked))["endpoints"]
        assert f"There is no Service {asked}. Did you mean prod/shop?" == words(finding.text)


def test_places_are_services() -> None:
    """Each that was looked at is there, so that history and digests know it."""
    assert [Place(*PLACE)] == [seen.place for seen in found(cluster())["endpoints"].seen]
    assert LABELS == service().spec.selector


def test_an_api_whose_service_is_gone_is_missed_all_the_same() -> None:
    """Its APIService is left, and every look at all APIs stumbles over it."""
    snapshot = cluster(api_services=(aggregated("ServiceNotFound", 'service/shop in "prod" is not present'),))
    finding = found(msgspec.structs.replace(snapshot, services=(service(), *_others())))["aggregated"]
    gone = found(msgspec.structs.replace(snapshot, services=_others()))["aggregated"]

    assert ("no-service", "no-service") == (finding.outcome, gone.outcome)


def _others() -> tuple[Service, ...]:
    """A cluster is never without any Service."""
    return (objects.api_service(),)
