"""`run metallb service=NAMESPACE/NAME` says link by link why an address does not answer."""

from typing import Any

import msgspec
import pytest

from bot.commands.parameters import parameters_of
from bot.errors import UsageError
from checks.cluster.snapshot import ConfigMap, Gap, Metadata, PodStatus, Service, ServiceSpec, Snapshot
from checks.finding import Severity
from checks.metallb import CHECK
from tests.checks import objects
from tests.checks.metallb.objects import announced, balanced, item, judged, pool, told
from tests.checks.metallb.sound import sound
from tests.checks.metallb.test_announced import BGP, L2, NOBODY, WEB, nodes, world
from tests.checks.words import words

PROXY = objects.pod("kube-proxy-w1", "w1", labels={"k8s-app": "kube-proxy"})
QUIET = msgspec.structs.replace(PROXY, status=PodStatus(phase="Running"))
IPVS = ConfigMap(
    metadata=Metadata(name="kube-proxy", namespace="kube-system"),
    data={"config.conf": 'ipvs:\n  strictARP: false\nmode: "ipvs"\n'},
)


def proxied(*told_of: Any, **changes: Any) -> Snapshot:
    """With kube-proxy on the node that announces."""
    return world(*told_of, pods=(*objects.cluster().pods, PROXY), **changes)


def test_every_link_of_an_address_that_is_well() -> None:
    """From the Service to whom asks; what nobody can see from here says so."""
    finding = judged(proxied(L2, announced()), service="shop/web")["service"]
    assert ("pass", Severity.OK) == (finding.outcome, finding.severity)
    assert "Nothing that can be seen from here keeps the address of shop/web from answering." == words(finding.text)
    assert [
        "✓ Service: its type is LoadBalancer",
        "✓ Class: it is MetalLB's to serve",
        "✓ Address: it has 192.0.2.10",
        "✓ Pool: a",
        "✓ Advertisement: L2Advertisement l2",
        "✓ Endpoints: 1 ready, on w1",
        "✓ Nodes: cp, w1, w2 may announce it",
        "✓ Announced: by w1",
        "✓ Interfaces: all of the node's",
        "✓ kube-proxy: ready; externalTrafficPolicy is Cluster",
    ] == told(finding)[:-1]
    assert told(finding)[-1].startswith(
        "? From outside: ask from a machine of the same LAN, `arping 192.0.2.10` and then port 80; a ping is never "
    )


PLAIN = Service(metadata=Metadata(name="web", namespace="shop"), spec=ServiceSpec(type="ClusterIP"))
DOWN = tuple(objects.pod(f"speaker-{n}", n, namespace=objects.NAMESPACE) for n in ("cp", "w2"))
BROKEN: dict[str, tuple[Snapshot, str]] = {
    "type": (world(L2, services=(PLAIN,)), "its type is ClusterIP"),
    "class": (world(L2, services=(balanced("web", load_balancer_class="x/y"),)), "it asks for x/y, and MetalLB serves"),
    "address": (world(L2, services=(balanced("web", load_balancer_ip="10.9.9.9"),)), "10.9.9.9, which is in no pool"),
    "pool": (world(L2, services=(balanced("web", "10.9.9.9"),)), "10.9.9.9 is of no pool of MetalLB"),
    "advertisement": (world(), "Advertisement: none is for its pool"),
    "endpoints": (world(L2, slices=(NOBODY,)), "Endpoints: none is ready"),
    "nodes": (world(L2, nodes=nodes("cp", "w1", "w2")), "Nodes: none may announce it: not cp: the label"),
    "peers": (world(BGP), "no BGPPeer is for it"),
    "announced": (world(L2), "no speaker says that it does"),
    "announced by the silent": (world(L2, announced(), pods=DOWN), "by w1, whose speaker is not ready"),
    "kube-proxy": (world(L2, announced(), pods=(*objects.cluster().pods, QUIET)), "kube-proxy: it is not ready on w1"),
    "strictARP": (proxied(L2, announced(), config_maps=(IPVS,)), "set strictARP: true"),
}


@pytest.mark.parametrize("link", BROKEN)
def test_the_first_link_that_is_broken_is_named(link: str) -> None:
    """It is the sentence, and the last line: what stands on it is not looked at."""
    snapshot, why = BROKEN[link]
    finding = judged(snapshot, service="shop/web")["service"]
    assert ("broken", Severity.DEGRADED) == (finding.outcome, finding.severity)
    assert why in words(finding.text)
    assert ["✗"] == [line[0] for line in told(finding) if line[0] == "✗"] == [told(finding)[-1][0]]


@pytest.mark.parametrize(
    ("there", "line"),
    [
        (("eth7",), "✓ Interfaces: eth7, eth8 alone, and the node has one"),
        (None, "? Interfaces: eth7, eth8 alone; see that the node has one (`ip -br link`)"),
    ],
)
def test_interfaces_of_an_advertisement(there: tuple[str, ...] | None, line: str) -> None:
    """The agent on the node that announces tells which of them it has; where none was heard, a person looks."""
    made = proxied(item("L2Advertisement", interfaces=["eth8", "eth7"]), announced())
    found = judged(made, lambda task: msgspec.structs.replace(sound(task), interfaces=there), service="shop/web")
    assert line in told(found["service"])


@pytest.mark.parametrize(
    ("asked", "services", "said"),
    [
        ("shop/wev", (WEB,), "There is no Service shop/wev. Did you mean shop/web?"),
        ("web", (WEB,), "There is no Service web. Did you mean shop/web?"),
        ("x/y", (WEB,), "There is no Service x/y. Of the type LoadBalancer are shop/web."),
        ("x/y", (PLAIN,), "There is no Service x/y, and none of the type LoadBalancer."),
    ],
)
def test_a_service_that_is_not_there_is_told_with_the_nearest(asked: str, services: Any, said: str) -> None:
    """Nothing is concluded about it."""
    finding = judged(world(L2, services=services), service=asked)["service"]
    assert (Severity.UNKNOWN, said) == (finding.severity, words(finding.text))


def test_services_that_nobody_may_read() -> None:
    """The permission is named."""
    gap = Gap(verb="list services", reason="forbidden")
    finding = judged(world(L2, services=(), gaps=(gap,)), service="shop/web")["service"]
    assert "Services could not be read: list services, forbidden." == words(finding.text)


@pytest.mark.parametrize("typed", ["Shop/web", "shop/web/x", "shop/", "../x", "a b"])
def test_what_is_no_name_of_a_service_is_refused_where_it_is_typed(typed: str) -> None:
    """Before anything runs."""
    with pytest.raises(UsageError, match="service of metallb cannot be"):
        parameters_of(CHECK, {"service": typed})


def test_nobody_asked() -> None:
    """A diagnosis asks for no Service."""
    assert "not-asked" == judged(objects.cluster(metallb=(pool(),)))["service"].outcome
