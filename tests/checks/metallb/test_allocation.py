"""Why a Service has no address, as MetalLB's allocator would have it (internal/allocator, controller/service.go)."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import (
    Container,
    CustomObject,
    Metadata,
    Namespace,
    PodSpec,
    PodTemplate,
    Service,
    ServicePort,
    WorkloadSpec,
)
from checks.diagnosis import diagnose
from checks.finding import Severity
from checks.judgement import judge_run
from checks.metallb.model import Data, Metrics
from checks.observation import Task
from tests.checks.diagnosis.worlds import snapshot as whole
from tests.checks.metallb.objects import announced, balanced, item, judged, peer, pool, seen, told
from tests.checks.metallb.sound import OPEN, sound
from tests.checks.objects import cluster
from tests.checks.words import words

FULL = pool("a", "192.0.2.7/32")
HOLDER = balanced("holder", "192.0.2.7")
V6: dict[str, Any] = {"cluster_ips": ("fd00::7",)}
DUAL: dict[str, Any] = {"cluster_ips": ("10.96.7.7", "fd00::7")}
BOTH = pool("a", "192.0.2.0/24", "2001:db8::/120")


def asked(name: str, value: str, prefix: str = "metallb.io", **spec: Any) -> Service:
    """A Service with one of MetalLB's annotations."""
    return balanced("web", annotations={f"{prefix}/{name}": value}, **spec)


CASES: dict[str, tuple[tuple[CustomObject, ...], tuple[Service, ...], str, str]] = {
    "room": ((pool(),), (balanced(),), "waits", "a has a free address"),
    "no pool": ((), (balanced(),), "no-pool", "there is no address pool"),
    "full": ((FULL,), (balanced(), HOLDER), "exhausted", "every address of a is given"),
    "both full": (
        (FULL, pool("b", "192.0.2.8/32")),
        (balanced(), HOLDER, balanced("h", "192.0.2.8")),
        "exhausted",
        "a, b",
    ),
    "one has room": ((FULL, pool("b", "192.0.2.8/32")), (balanced(), HOLDER), "waits", "b has a free address"),
    "buggy alone is left": (
        (pool("a", "192.0.2.0/31", avoidBuggyIPs=True),),
        (balanced(), balanced("h", "192.0.2.1")),
        "exhausted",
        "every address",
    ),
    "autoAssign false": ((pool(autoAssign=False),), (balanced(),), "unsuited", "autoAssign: false"),
    "the named pool gives, though not by itself": (
        (pool(autoAssign=False),),
        (asked("address-pool", "a"),),
        "waits",
        "a has",
    ),
    "no such pool": ((pool(),), (asked("address-pool", "b"),), "requested", "b, and there is no such pool"),
    "no such pool, by the former annotation": (
        (pool(),),
        (asked("address-pool", "b", "metallb.universe.tf"),),
        "requested",
        "no such pool",
    ),
    "outside of all pools": ((pool(),), (balanced(load_balancer_ip="203.0.113.1"),), "requested", "in no pool"),
    "outside, by annotation": ((pool(),), (asked("loadBalancerIPs", "203.0.113.1"),), "requested", "203.0.113.1"),
    "outside, by the former annotation": (
        (pool(),),
        (asked("loadBalancerIPs", "203.0.113.1", "metallb.universe.tf"),),
        "requested",
        "in no pool",
    ),
    "by both ways": (
        (pool(),),
        (asked("loadBalancerIPs", "192.0.2.9", load_balancer_ip="192.0.2.9"),),
        "requested",
        "both by annotation and by loadBalancerIP",
    ),
    "no address": ((pool(),), (asked("loadBalancerIPs", "any"),), "requested", "any, which is no address"),
    "inside": ((pool(),), (asked("loadBalancerIPs", "192.0.2.9"),), "waits", "may give it 192.0.2.9"),
    "an address that is avoided": (
        (pool(avoidBuggyIPs=True),),
        (asked("loadBalancerIPs", "192.0.2.255"),),
        "requested",
        "in no pool",
    ),
    "in another pool than named": (
        (pool(), pool("b", "198.51.100.0/24")),
        (
            balanced(
                annotations={"metallb.io/address-pool": "b", "metallb.io/loadBalancerIPs": "192.0.2.9"},
            ),
        ),
        "requested",
        "192.0.2.9 of b, and that is in a",
    ),
    "IPv6 of IPv4 pools": ((pool(),), (balanced(**V6),), "family", "IPv6, of which a has none"),
    "IPv6 of a pool of both": ((BOTH,), (balanced(**V6),), "waits", "a has"),
    "both required of IPv4": (
        (pool(),),
        (balanced(ip_family_policy="RequireDualStack", **DUAL),),
        "family",
        "no pool of a has both",
    ),
    "both required of two pools": (
        (pool(), pool("b", "2001:db8::/120")),
        (balanced(ip_family_policy="RequireDualStack", **DUAL),),
        "family",
        "has both",
    ),
    "both required with one": ((BOTH,), (balanced(ip_family_policy="RequireDualStack"),), "family", "requires both"),
    "both preferred of IPv4": ((pool(),), (balanced(ip_family_policy="PreferDualStack", **DUAL),), "waits", "a has"),
    "another family than asked for": ((BOTH,), (asked("loadBalancerIPs", "2001:db8::1"),), "family", "not of its own"),
    "for another namespace": (
        (pool(serviceAllocation={"namespaces": ["n"]}),),
        (balanced(),),
        "unsuited",
        "serviceAllocation chooses other Services",
    ),
    "for its namespace": ((pool(serviceAllocation={"namespaces": ["shop"]}),), (balanced(),), "waits", "a has"),
    "for its namespace's labels": (
        (pool(serviceAllocation={"namespaceSelectors": [{"matchLabels": {"team": "shop"}}]}),),
        (balanced(),),
        "waits",
        "a has",
    ),
    "for other namespaces' labels": (
        (pool(serviceAllocation={"namespaceSelectors": [{"matchLabels": {"team": "x"}}]}),),
        (balanced(),),
        "unsuited",
        "serviceAllocation",
    ),
    "named, of a pool for namespaces that nobody has": (
        (pool(serviceAllocation={"namespaceSelectors": [{"matchLabels": {"team": "x"}}]}),),
        (asked("address-pool", "a"),),
        "waits",
        "a has",
    ),
    "for other labels": (
        (pool(serviceAllocation={"serviceSelectors": [{"matchLabels": {"app": "x"}}]}),),
        (balanced(labels={"app": "y"}),),
        "unsuited",
        "serviceAllocation",
    ),
    "priority alone": ((pool(serviceAllocation={"priority": 1}),), (balanced(),), "waits", "a has"),
    "named, and for others": (
        (pool(serviceAllocation={"namespaces": ["n"]}),),
        (asked("address-pool", "a"),),
        "unsuited",
        "an address of a, which is not for it",
    ),
    "address of a pool for others": (
        (pool(serviceAllocation={"namespaces": ["n"]}),),
        (asked("loadBalancerIPs", "192.0.2.9"),),
        "unsuited",
        "192.0.2.9 of a, which is not for it",
    ),
    "another's address": ((FULL,), (asked("loadBalancerIPs", "192.0.2.7"), HOLDER), "shared", "shop/holder's"),
}


@pytest.mark.parametrize("case", CASES)
def test_why_a_service_has_no_address(case: str) -> None:
    """The answer names what is in the way."""
    objects, services, outcome, why = CASES[case]
    namespaces = (Namespace(metadata=Metadata(name="shop", labels={"team": "shop"})),)
    found = judged(cluster(metallb=objects, services=services, namespaces=namespaces))["addresses"]
    assert outcome == seen(found)["shop/web"]
    assert why in words(found.text)


SHARE = {"metallb.io/allow-shared-ip": "key"}
OTHER = {"metallb.universe.tf/allow-shared-ip": "other"}
TWO: dict[str, Any] = {"ports": (ServicePort(port=81),)}
LOCAL: dict[str, Any] = {"external_traffic_policy": "Local"}


@pytest.mark.parametrize(
    ("one", "two", "outcome"),
    [
        (balanced(annotations=SHARE, **TWO), balanced("h", "192.0.2.7", annotations=SHARE), "waits"),
        (balanced(annotations=SHARE), balanced("h", "192.0.2.7", annotations=SHARE), "exhausted"),
        (balanced(annotations=OTHER, **TWO), balanced("h", "192.0.2.7", annotations=SHARE), "exhausted"),
        (balanced(**TWO), balanced("h", "192.0.2.7", annotations=SHARE), "exhausted"),
        (balanced(annotations=SHARE, **TWO, **LOCAL), balanced("h", "192.0.2.7", annotations=SHARE), "waits"),
        (
            balanced(annotations=SHARE, selector={"app": "x"}, **TWO, **LOCAL),
            balanced("h", "192.0.2.7", annotations=SHARE),
            "exhausted",
        ),
    ],
    ids=["other ports", "same port", "other key", "no key", "same backends", "other backends"],
)
def test_services_share_an_address_by_key_port_and_backends(one: Service, two: Service, outcome: str) -> None:
    """MetalLB's `sharingOK`, and no port twice."""
    assert outcome == seen(judged(cluster(metallb=(FULL,), services=(one, two)))["addresses"])["shop/web"]


def test_a_full_pool_is_named_where_somebody_waits() -> None:
    """A pool of one address that has its Service is well."""
    assert "pass" == judged(cluster(metallb=(FULL,), services=(HOLDER,)))["room"].outcome
    room = judged(cluster(metallb=(FULL,), services=(HOLDER, balanced())))["room"]
    assert ({"a": "exhausted"}, Severity.FAILED) == (seen(room), room.severity)
    assert "The pool a has no address left for shop/web." == words(room.text)
    assert ["a: 1 given, 0 left"] == told(room)


def test_the_allocator_knows_best_what_is_given() -> None:
    """Where MetalLB itself says that a pool is full, our own count of free addresses does not stand against it."""

    def full(task: Task) -> Data:
        return msgspec.structs.replace(sound(task), controller=Metrics(outcome=OPEN, status=200, full=("a",)))

    found = judged(cluster(metallb=(pool(),), services=(balanced(),)), full)
    assert ("exhausted", "exhausted") == (found["addresses"].outcome, found["room"].outcome)


@pytest.mark.parametrize(
    ("at", "outcome"),
    [("2026-01-01T00:00:00Z", "waits"), ("2026-01-01T00:00:50Z", "young"), ("", "waits"), ("yesterday", "waits")],
)
def test_what_was_made_just_now_is_not_called_wrong(at: str, outcome: str) -> None:
    """MetalLB has not looked at it yet; whose age nobody knows is old."""
    made = cluster(metallb=(pool(),), services=(balanced(created=at),), taken_at=1767225660.0)
    assert outcome == judged(made)["addresses"].outcome


@pytest.mark.parametrize(
    ("own", "asks", "outcome"),
    [("", "", "waits"), ("", "other/lb", "none"), ("mine/lb", "", "none"), ("mine/lb", "mine/lb", "waits")],
)
def test_services_of_another_class_are_not_its_affair(own: str, asks: str, outcome: str) -> None:
    """As `--lb-class` says; without it those of no class are."""
    base = cluster()
    arguments = (f"--lb-class={own}",) if own else ()
    template = PodTemplate(spec=PodSpec(containers=(Container(name="controller", args=arguments),)))
    controller = msgspec.structs.replace(base.workloads[0], spec=WorkloadSpec(template=template))
    asking = balanced(load_balancer_class=asks)
    made = cluster(metallb=(pool(),), services=(asking,), workloads=(controller, base.workloads[1]))
    assert outcome == judged(made)["addresses"].outcome


def test_nobody_gives_addresses_without_a_controller() -> None:
    """That is said, and no pool is blamed; nor where MetalLB does not take its configuration."""
    base = cluster()
    stopped = msgspec.structs.replace(
        base.workloads[0], status=msgspec.structs.replace(base.workloads[0].status, ready_replicas=0)
    )
    services = (balanced(), HOLDER)
    down = judged(cluster(metallb=(FULL,), services=services, workloads=(stopped, base.workloads[1])))
    refused = judged(cluster(metallb=(FULL, peer(myASN=0)), services=services))
    assert ("controller", "pass") == (down["addresses"].outcome, down["room"].outcome)
    assert ("configuration", "pass") == (refused["addresses"].outcome, refused["room"].outcome)


def test_the_causes_name_the_pool_and_the_service() -> None:
    """What a person reads at night: which pool, which Service."""
    for services, objects, slug, place in (
        ((balanced(), HOLDER), (FULL, item("L2Advertisement"), announced("holder")), "pool-exhausted", "a"),
        ((asked("address-pool", "b"),), (pool(), item("L2Advertisement")), "address-request", "shop/web"),
    ):
        made = msgspec.structs.replace(whole(), metallb=objects, services=services)
        diagnosis = diagnose(judge_run(made, ("metallb",), {}, ()))
        assert (slug, [place]) == (diagnosis.causes[0].slug, [str(at) for at in diagnosis.causes[0].at])
