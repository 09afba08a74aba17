"""What is said of API servers and of their ways into the cluster."""

from typing import Any

import msgspec
import pytest

from checks.apiserver import CHECK
from checks.apiserver.model import Calls, Data
from checks.cluster.pods import EnvVar
from checks.cluster.snapshot import Container, Gap, Metadata, Pod, PodSpec, Snapshot, Workload, WorkloadStatus
from checks.finding import Finding, Severity
from checks.observation import Answer, Network, Observation
from checks.place import Node, ServicePath
from tests.checks import objects
from tests.checks.apiserver.sound import READY
from tests.checks.judged import judged
from tests.checks.services.clusters import aggregated, service
from tests.checks.words import words

PROXY = "http://user:hunter2@proxy.example.org:3128"
NOT_READY = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\nreadyz check failed"
INSIDE = ".svc,10.96.0.0/12,172.30.0.0/24"
TOLD = Answer(status=200, message="", elapsed_s=0.1)


def found(snapshot: Snapshot | None = None, **data: Any) -> dict[str, Finding]:
    """The findings where the one API server says so; ready unless said otherwise."""
    ready = Answer(status=200, message=READY, elapsed_s=0.01)
    well: dict[str, Any] = {"address": "172.30.0.10", "node": "cp", "ready": ready, "figures": TOLD}
    told = Data(**(well | data))
    heard = Observation(check=CHECK.name, network=Network.CLUSTER, data=msgspec.to_builtins(told))
    return judged(CHECK, snapshot or objects.cluster(), [heard])


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(status=200, message=READY, elapsed_s=0.1), "pass"),
        (Answer(status=500, message=NOT_READY, elapsed_s=0.1), "failing"),
        (Answer(status=403, message="forbidden", elapsed_s=0.1), ""),
        (Answer(status=0, message="timed out", elapsed_s=6.0), ""),
    ],
)
def test_whether_it_is_ready(answer: Answer, outcome: str) -> None:
    """Its own word; where it may not be asked, or does not answer, nothing is known of that."""
    assert outcome == found(ready=answer)["ready"].outcome


def test_what_fails_is_named() -> None:
    """One item of many, and nothing of the others."""
    finding = found(ready=Answer(status=500, message=NOT_READY, elapsed_s=0.1))["ready"]

    assert ["cp: HTTP 500: etcd failed: reason withheld"] == [words(text) for text in finding.evidence]
    assert (Node("cp"),) == finding.where


def api_server(*, args: tuple[str, ...] = (), **environment: str) -> Pod:
    """An API server's pod with this environment."""
    env = tuple(EnvVar(name=name, value=value) for name, value in environment.items())
    container = Container(name="kube-apiserver", command=("kube-apiserver", *args), env=env)
    return Pod(
        metadata=Metadata(name="kube-apiserver-cp", namespace="kube-system", labels={"component": "kube-apiserver"}),
        spec=PodSpec(node_name="cp", containers=(container,)),
    )


@pytest.mark.parametrize(
    ("exceptions", "outcome"),
    [
        (INSIDE, "pass"),
        ("*", "pass"),
        ("10.96.0.0/12,172.30.0.0/24", "webhooks"),
        (".svc,172.30.0.0/24", "unused"),
        (".svc,10.96.0.0/12", "kubelets"),
        (".svc,10.96.0.0/12,172.30.0.11", "kubelets"),
        ("", "webhooks"),
    ],
)
def test_what_its_proxy_takes(exceptions: str, outcome: str) -> None:
    """Webhooks are asked by name, other API servers by their Service's address, kubelets by the node's."""
    pods = (api_server(HTTPS_PROXY=PROXY, NO_PROXY=exceptions),)

    assert outcome == found(objects.cluster(pods=pods))["proxy"].outcome


def test_other_api_servers_are_asked_by_the_address_of_their_service() -> None:
    """That is where a network in NO_PROXY counts."""
    snapshot = objects.cluster(
        pods=(api_server(HTTPS_PROXY=PROXY, NO_PROXY=".svc,172.30.0.0/24"),),
        services=(service(),),
        api_services=(aggregated(),),
    )
    finding = found(snapshot)["proxy"]

    assert "addresses" == finding.outcome
    line = "kube-apiserver-cp: NO_PROXY lacks the Services' network; the proxy is http://proxy.example.org:3128"
    assert [line] == [words(text) for text in finding.evidence]


def test_without_a_proxy_or_without_a_pod() -> None:
    """No proxy is well; of an environment that no pod shows nothing is said; pods that may not be read are missed."""
    assert "pass" == found(objects.cluster(pods=(api_server(NO_PROXY="x"),)))["proxy"].outcome
    assert "not-told" == found()["proxy"].outcome
    blind = objects.cluster(pods=(), gaps=(Gap(verb="list pods", reason="forbidden"),))
    assert Severity.UNKNOWN is found(blind)["proxy"].severity


def agents(ready: int, wanted: int) -> Workload:
    """The agents of a tunnel."""
    return Workload(
        kind="DaemonSet",
        metadata=Metadata(name="konnectivity-agent", namespace="kube-system"),
        status=WorkloadStatus(desired_number_scheduled=wanted, number_ready=ready),
    )


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "not-used"),
        ({"workloads": (agents(3, 3),)}, "pass"),
        ({"workloads": (agents(2, 3),)}, "some"),
        ({"workloads": (agents(0, 3),)}, "none"),
        ({"pods": (api_server(args=("--egress-selector-config-file=/etc/egress.yaml",)),)}, ""),
    ],
)
def test_agents_of_the_tunnel(changes: dict[str, Any], outcome: str) -> None:
    """Without any ready agent nothing gets through; a tunnel whose agents are elsewhere is not seen."""
    assert outcome == found(objects.cluster(**changes))["tunnel"].outcome


def calls(**counted: Any) -> tuple[Calls, ...]:
    """Calls of MetalLB's webhook."""
    return (Calls(webhook=objects.HOOK, sort="validating", **counted),)


@pytest.mark.parametrize(
    ("counted", "outcome"),
    [
        ((), "idle"),
        (calls(count=4, seconds=0.1), "pass"),
        (calls(count=4, seconds=9.0), "slow"),
        (calls(count=4, seconds=0.1, passed_over=1), "fails-open"),
        (calls(count=4, seconds=0.1, failed=1), "failing"),
        ((Calls(webhook="gone.example.org", sort="validating", failed=3),), "idle"),
        ((Calls(webhook=objects.HOOK, sort="admit", failed=3),), "idle"),
    ],
)
def test_how_calls_of_webhooks_end(counted: tuple[Calls, ...], outcome: str) -> None:
    """What a webhook that is not there any more, or a namesake of another sort, did, is nobody's now."""
    assert outcome == found(calls=counted)["admission"].outcome


def test_the_way_of_a_call_is_known() -> None:
    """From the API server's node to the Service, with the pods that may have answered."""
    finding = found(calls=calls(count=2, seconds=5.0))["admission"]

    way = ServicePath("cp", objects.NAMESPACE, objects.SERVICE, ends=("w1",), pods=("controller",))
    assert (way,) == finding.where
    assert ["ipaddresspoolvalidationwebhook.metallb.io: 2 calls, 2.5 s each on average"] == [
        words(text) for text in finding.evidence
    ]


def test_figures_that_may_not_be_read_are_unknown() -> None:
    """And never that all is well."""
    finding = found(figures=Answer(status=403, message="forbidden", elapsed_s=0.1))["admission"]

    assert Severity.UNKNOWN is finding.severity
    assert ["cannot get /metrics of cp: HTTP 403: forbidden"] == [words(text) for text in finding.evidence]
