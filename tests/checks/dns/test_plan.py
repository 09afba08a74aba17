"""Who asks which replica, and how fast."""

from collections import Counter

import msgspec
import pytest

from checks.cluster.snapshot import Snapshot
from checks.dns import CHECK
from checks.dns.model import SERVICE, Parameters, Request, Target
from checks.dns.plan import cluster_domain
from checks.observation import Task
from tests.checks import objects
from tests.checks.dns.askers import COREFILE, cluster


def plan(snapshot: Snapshot, **parameters: object) -> dict[tuple[str, str], Task]:
    """The tasks by node and network."""
    values = msgspec.convert(parameters, Parameters)
    return {(task.node, task.network.value): task for task in CHECK.plan(snapshot, values)}


def test_everybody_asks_every_replica_and_the_cluster_ip() -> None:
    """Three nodes, two networks; ports are those of the slice and of the Service."""
    tasks = plan(cluster())
    assert {(n, k) for n in ("cp", "w1", "w2") for k in ("host", "pod")} == set(tasks)
    assert (
        Target(name="coredns-w1", address="10.244.0.3", node="w1", udp_port=53, tcp_port=5300),
        Target(name="coredns-w2", address="10.244.1.3", node="w2", udp_port=53, tcp_port=5300),
        Target(name=SERVICE, address="10.96.0.10"),
    ) == tasks["cp", "pod"].request.targets


def test_all_askers_together_keep_below_the_rate() -> None:
    """Six askers share 2000 queries a second."""
    assert pytest.approx(2000 / 6) == plan(cluster())["cp", "pod"].request.rate_qps
    assert 20 == plan(cluster(), rate_qps=60)["cp", "pod"].request.rate_qps


def test_a_large_cluster_does_not_fall_upon_its_dns() -> None:
    """500 nodes: each replica has twelve askers, its own node among them, and the ClusterIP at most 64."""
    names = tuple(f"n{i:03}" for i in range(500))
    tasks = plan(cluster("n007", "n300", nodes=names))
    asked = Counter(t.name for (_, network), task in tasks.items() if network == "pod" for t in task.request.targets)
    assert {"coredns-n007": 12, "coredns-n300": 12, SERVICE: 63} == asked
    assert "coredns-n007" in {t.name for t in tasks["n007", "pod"].request.targets}


def test_replicas_that_are_not_ready_are_left_out() -> None:
    """kube-proxy sends nothing there, and so do we."""
    snapshot = cluster()
    slices = msgspec.json.decode(msgspec.json.encode(snapshot.endpoint_slices[0]))
    slices["endpoints"][0]["conditions"] = {"ready": False}
    one = msgspec.structs.replace(
        snapshot, endpoint_slices=(msgspec.convert(slices, type(snapshot.endpoint_slices[0])),)
    )
    assert ["coredns-w2", SERVICE] == [t.name for t in plan(one)["cp", "pod"].request.targets]


def test_the_other_family_is_left_out() -> None:
    """In a dual-stack cluster the family is that of the ClusterIP."""
    six = objects.endpoint_slice("kube-dns", objects.endpoint("fd00::3", "w1", "coredns-w1"), namespace="kube-system")
    snapshot = cluster()
    dual = msgspec.structs.replace(snapshot, endpoint_slices=(*snapshot.endpoint_slices, six))
    assert plan(snapshot)["cp", "pod"].request.targets == plan(dual)["cp", "pod"].request.targets


def test_a_service_of_another_name_is_found_by_its_label() -> None:
    """Distributions call it as they like."""
    snapshot = cluster()
    service, slices = snapshot.services[0], snapshot.endpoint_slices[0]
    renamed = msgspec.structs.replace(
        snapshot,
        services=(
            msgspec.structs.replace(service, metadata=msgspec.structs.replace(service.metadata, name="rke2-coredns")),
        ),
        endpoint_slices=(
            msgspec.structs.replace(
                slices,
                metadata=msgspec.structs.replace(
                    slices.metadata, labels={"kubernetes.io/service-name": "rke2-coredns"}
                ),
            ),
        ),
    )
    assert plan(snapshot) == plan(renamed)


@pytest.mark.parametrize(
    ("corefile", "expected"),
    [
        (COREFILE, "cluster.local"),
        (COREFILE.replace("cluster.local", "corp.example."), "corp.example"),
        (COREFILE.replace("cluster.local", "{"), "cluster.local"),
        ("# kubernetes none.such\n.:53 {\n kubernetes right.one\n}", "right.one"),
        ("kubernetes in-addr.arpa", "cluster.local"),
        ("kubernetes a..b", "cluster.local"),
        ("kubernetes bücher", "cluster.local"),
        ("", "cluster.local"),
    ],
)
def test_the_domain_is_the_corefiles(corefile: str, expected: str) -> None:
    """Whatever stands there, what comes out is a domain name that a request accepts."""
    domain = cluster_domain(cluster(corefile=corefile))
    assert expected == domain
    assert expected == msgspec.convert({"domain": domain}, Request).domain


@pytest.mark.parametrize("name", ["a b", "a..b", "x" * 64, "bücher", "a;b", "."])
def test_what_is_no_name_is_refused_as_external(name: str) -> None:
    """Before any job is made."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"external": name}, Parameters)


def test_nothing_known_is_nothing_planned() -> None:
    """An empty snapshot has no tasks; a cluster without CoreDNS neither."""
    assert {} == plan(Snapshot())
    assert {} == plan(msgspec.structs.replace(cluster(), services=()))


@pytest.mark.parametrize(
    ("corefile", "asked"),
    [
        (".:53 {\n kubernetes cluster.local\n forward . /etc/resolv.conf\n}", True),
        ("cluster.local:53 {\n kubernetes\n}\n.:53 {\n forward . 192.0.2.1 {\n  max_concurrent 1000\n }\n}", True),
        (".:53 {\n kubernetes cluster.local\n}", False),
        (".:53 {\n kubernetes cluster.local\n forward example.org 192.0.2.1\n}", False),
        ("cluster.local {\n kubernetes\n forward . 192.0.2.1\n}", False),
        (".:53 {", False),
    ],
)
def test_whom_coredns_asks_for_other_names_is_asked_for_one_that_nobody_has(corefile: str, *, asked: bool) -> None:
    """Each time another one, so that no cache knows it; a name that somebody gives goes before."""
    snapshot = cluster(corefile=corefile)
    later = msgspec.structs.replace(snapshot, taken_at=snapshot.taken_at + 1)
    names = [CHECK.plan(each, Parameters())[0].request.external for each in (snapshot, later)]
    assert [asked] * 2 == [name.endswith(".invalid") for name in names]
    assert (1 + asked) == len(set(names))
    assert "example.org" == CHECK.plan(snapshot, Parameters(external="example.org"))[0].request.external
