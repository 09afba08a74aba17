"""Configurations are judged as MetalLB judges them.

Each case names the test of MetalLB 0.15.3 that shows the rule: `config` is internal/config/config_test.go, `validation`
is internal/config/validation_test.go.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import (
    Container,
    CustomObject,
    EnvVar,
    Gap,
    PodSpec,
    PodTemplate,
    Snapshot,
    WorkloadSpec,
)
from checks.finding import Severity
from checks.metallb.model import Data, Metrics
from checks.observation import Task
from tests.checks.metallb.objects import item, judged, peer, pool, told
from tests.checks.metallb.sound import OPEN, sound
from tests.checks.objects import cluster
from tests.checks.words import words


@dataclass(frozen=True)
class Case:
    """What MetalLB is told, and a word of why it would refuse that."""

    shown_by: str
    objects: tuple[CustomObject, ...]
    why: str = ""
    mode: str = "frr"
    outcome: str = "rejected"


def l2(**spec: Any) -> CustomObject:
    """An L2Advertisement."""
    return item("L2Advertisement", "l2", **spec)


def bgp(name: str = "bgp", **spec: Any) -> CustomObject:
    """A BGPAdvertisement."""
    return item("BGPAdvertisement", name, **spec)


def bfd(name: str = "fast", **spec: Any) -> CustomObject:
    """A BFDProfile."""
    return item("BFDProfile", name, **spec)


def community(*pairs: tuple[str, str], name: str = "c") -> CustomObject:
    """A Community object."""
    return item("Community", name, communities=[{"name": n, "value": v} for n, v in pairs])


def one_of(key: str = "zone", operator: str = "In", *values: str) -> dict[str, Any]:
    """A selector of one expression."""
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


ZONE = {"matchLabels": {"zone": "x"}}
TWO_TIMES = one_of("zone", "In", "x", "x")
FRR_ONLY: dict[str, dict[str, Any]] = {
    "enableGracefulRestart": {"enableGracefulRestart": True},
    "disableMP": {"disableMP": True},
    "dualStackAddressFamily": {"dualStackAddressFamily": True},
    "dynamicASN": {"dynamicASN": "internal", "peerASN": 0},
    "interface": {"interface": "eth0", "peerAddress": ""},
    "keepaliveTime": {"keepaliveTime": "10s", "holdTime": "30s"},
    "connectTime": {"connectTime": "10s"},
    "vrf": {"vrf": "red"},
}
REJECTED = (
    # Pools.
    Case("config: address pool with no address", (item("IPAddressPool", "a"),), "no addresses"),
    Case("config: invalid pool CIDR", (pool("a", "192.0.2.0/33"),), "192.0.2.0/33"),
    Case("config: invalid pool CIDR prefix length", (pool("a", "192.0.2.0/-1"),), "192.0.2.0"),
    Case("config: invalid pool CIDR (no length)", (pool("a", "192.0.2.7"),), "no prefix length"),
    Case("config: first address after the second", (pool("a", "192.0.2.9-192.0.2.1"),), "ends before"),
    Case("config: first address after the second, IPv6", (pool("a", "2001:db8::9-2001:db8::1"),), "ends before"),
    Case("config: invalid range end", (pool("a", "192.0.2.1-192.0.2"),), "192.0.2"),
    Case("config: invalid range start", (pool("a", "first-192.0.2.9"),), "first"),
    Case("config: duplicate CIDRs", (pool("a"), pool("b")), "overlap"),
    Case("config: overlapping CIDRs", (pool("a", "192.0.2.0/24"), pool("b", "192.0.2.128-192.0.2.140")), "overlap"),
    Case("config: overlapping CIDRs of one pool", (pool("a", "192.0.2.0/24", "192.0.2.7/32"),), "overlap"),
    Case(
        "config: overlapping, one inside of the other", (pool("a", "10.0.0.0/8"), pool("b", "10.1.0.0/30")), "overlap"
    ),
    Case("config: duplicate namespace selection", (pool(serviceAllocation={"namespaces": ["n", "n"]}),), "twice"),
    Case(
        "config: duplicate namespace selectors",
        (pool(serviceAllocation={"namespaceSelectors": [ZONE, ZONE]}),),
        "namespaceSelectors: a selector is there twice",
    ),
    Case(
        "config: duplicate service selection",
        (pool(serviceAllocation={"serviceSelectors": [ZONE, ZONE]}),),
        "serviceSelectors: a selector is there twice",
    ),
    Case(
        "config: invalid label selector of a pool",
        (pool(serviceAllocation={"serviceSelectors": [one_of("zone", "Like", "x")]}),),
        "no operator",
    ),
    # Advertisements.
    Case("config: duplicate ip address pools - in L2 adv", (pool(), l2(ipAddressPools=["a", "a"])), "twice"),
    Case("config: duplicate ip address pools - in BGP adv", (pool(), bgp(ipAddressPools=["a", "a"])), "twice"),
    Case("config: duplicate peers - in BGP adv", (pool(), peer(), bgp(peers=["router", "router"])), "twice"),
    Case("config: duplicate ip pool selectors - in L2 adv", (pool(), l2(ipAddressPoolSelectors=[ZONE, ZONE])), "twice"),
    Case("config: duplicate match labels - in BGP adv", (pool(), bgp(ipAddressPoolSelectors=[ZONE, ZONE])), "twice"),
    Case("config: duplicate match expression", (pool(), bgp(ipAddressPoolSelectors=[TWO_TIMES])), "twice"),
    Case("config: duplicate match labels in node selectors", (pool(), l2(nodeSelectors=[ZONE, ZONE])), "twice"),
    Case("config: duplicate match expression values", (pool(), l2(nodeSelectors=[TWO_TIMES])), "twice"),
    Case(
        "config: duplicate expressions whatever their order",
        (pool(), l2(nodeSelectors=[one_of("z", "In", "x", "y"), one_of("z", "In", "y", "x")])),
        "twice",
    ),
    Case(
        "config: one expression twice in a selector",
        (pool(), l2(nodeSelectors=[{"matchExpressions": 2 * one_of("z", "In", "x")["matchExpressions"]}])),
        "twice",
    ),
    Case("config: bad aggregation length (too long)", (pool(), bgp(aggregationLength=34)), "more than an address"),
    Case("config: bad aggregation length of IPv6", (pool(), bgp(aggregationLengthV6=130)), "more than an address"),
    Case(
        "config: bad aggregation length (incompatible)", (pool("a", "192.0.2.0/27"), bgp(aggregationLength=26)), "wider"
    ),
    Case(
        "config: aggregation length by range, too wide",
        (pool("a", "192.0.2.10-192.0.2.20"), bgp(aggregationLength=28)),
        "wider than a range of IPAddressPool a",
    ),
    Case(
        "config: different local pref - same peers and nodes",
        (pool(), bgp("one", localPref=100), bgp("two", localPref=200)),
        "localPref is another one than that of BGPAdvertisement one",
    ),
    Case(
        "config: different local pref, one peer in common",
        (pool(), bgp("one", localPref=1, peers=["p", "q"]), bgp("two", localPref=2, peers=["q", "r"])),
        "localPref",
    ),
    Case(
        "config: different local pref, only the other family's length differs",
        (pool(), bgp("one", localPref=1, aggregationLengthV6=64), bgp("two", localPref=2)),
        "localPref",
    ),
    # Communities.
    Case("config: bad community literal (wrong format) - in BGP adv", (pool(), bgp(communities=["1:2:3"])), "1:2:3"),
    Case("config: asn part doesn't fit - in BGP adv", (pool(), bgp(communities=["99999999:1"])), "99999999:1"),
    Case("config: community# part doesn't fit - in BGP adv", (pool(), bgp(communities=["1:99999999"])), "no community"),
    Case("config: duplicate community literal", (pool(), bgp(communities=["1:2", "1:2"])), "twice"),
    Case("config: large community with another marker", (pool(), bgp(communities=["huge:1:2:3"])), "huge:1:2:3"),
    Case("config: wrong format - in the community CR", (community(("x", "1234")),), "'1234' is no community"),
    Case("config: asn part doesn't fit - in the CR", (community(("x", "99999999:1")),), "no community"),
    Case("config: community# part doesn't fit - in the CR", (community(("x", "1:99999999")),), "no community"),
    Case(
        "config: duplicate communities (in 2 different crs)",
        (community(("x", "1:2")), community(("x", "1:3"), name="d")),
        "x is defined twice",
    ),
    Case("config: duplicate communities (in the same cr)", (community(("x", "1:2"), ("x", "1:2")),), "defined twice"),
    # Peers.
    Case("config: invalid peer-address", (peer(peerAddress="192.0.2"),), "peerAddress '192.0.2' is no address"),
    Case("config: invalid my-asn", (peer(myASN=0),), "myASN"),
    Case("config: invalid peer-asn", (peer(peerASN=0),), "peerASN"),
    Case("config: peer with both asn and dynamic asn", (peer(dynamicASN="internal"),), "both peerASN and dynamicASN"),
    Case("config: another dynamic asn", (peer(peerASN=0, dynamicASN="any"),), "not internal or external"),
    Case("config: invalid ebgp-multihop", (peer(peerASN=64512, ebgpMultiHop=True),), "ebgpMultiHop"),
    Case("config: keepalivetime larger than holdtime", (peer(keepaliveTime="90s", holdTime="1m"),), "longer"),
    Case("config: invalid hold time (too short)", (peer(holdTime="1s"),), "hold time"),
    Case("config: hold time follows from keepalive", (peer(keepaliveTime="500ms"),), "hold time"),
    Case("config: invalid RouterID", (peer(routerID="oops"),), "routerID 'oops'"),
    Case("config: invalid source", (peer(sourceAddress="192.0.2.1.1"),), "sourceAddress"),
    Case("config: node selector (missing key)", (peer(nodeSelectors=[one_of("", "In", "x")]),), "no key"),
    Case("config: node selector (missing operator)", (peer(nodeSelectors=[one_of("zone", "", "x")]),), "no operator"),
    Case(
        "config: node selector (invalid operator)", (peer(nodeSelectors=[one_of("zone", "Like", "x")]),), "no operator"
    ),
    Case("config: node selector (no values)", (peer(nodeSelectors=[one_of("zone", "In")]),), "has no values"),
    Case("config: node selector (values)", (peer(nodeSelectors=[one_of("zone", "Exists", "x")]),), "takes no values"),
    Case("config: duplicate values node selector", (peer(nodeSelectors=[TWO_TIMES]),), "twice"),
    Case("config: both password and secret ref", (peer(password="(set)", passwordSecret={"name": "s"}),), "Secret"),
    Case("config: unnumbered peer without interface", (peer(peerAddress=""),), "neither an address nor an interface"),
    Case("config: unnumbered peer with address", (peer(interface="eth0"),), "both an address and an interface"),
    # BFD.
    Case(
        "config: BFD Profile with too low receive interval", (bfd(receiveInterval=2),), "receiveInterval is 2, not 10"
    ),
    Case("config: BFD Profile with too high receive interval", (bfd(receiveInterval=90000),), "10 to 60000"),
    Case("config: BFD Profile, transmit interval", (bfd(transmitInterval=9),), "transmitInterval"),
    Case("config: BFD Profile, detect multiplier", (bfd(detectMultiplier=1),), "detectMultiplier"),
    Case("config: BFD Profile, echo interval", (bfd(echoInterval=60001),), "echoInterval"),
    Case("config: BFD Profile, TTL", (bfd(minimumTtl=255),), "minimumTtl"),
    Case(
        "config: Session with ipv6 and bfd echo mode",
        (pool("a", "2001:db8::/120"), bfd(echoMode=True), peer(bfdProfile="fast"), bgp()),
        "uses BFD echo",
    ),
    # What only FRR has.
    Case("validation: peer with bfd profile", (peer(bfdProfile="fast"),), "no bfdProfile", "native"),
    Case("validation: bfd profile set", (bfd(),), "no BFD", "native"),
    Case("validation: v6 address", (pool("a", "2001:db8::/120"), bgp()), "IPv6", "native"),
    Case(
        "validation: v6 address and selected",
        (pool("a", "2001:db8::/120"), bgp(ipAddressPools=["a"])),
        "IPv6",
        "native",
    ),
    Case(
        "validation: v6 address and selected by labels",
        (pool("a", "2001:db8::/120", labels={"zone": "x"}), bgp(ipAddressPoolSelectors=[ZONE])),
        "IPv6",
        "native",
    ),
    *(Case(f"validation: {field}", (peer(**extra),), f"no {field}", "native") for field, extra in FRR_ONLY.items()),
    Case("validation: large community inside adv", (pool(), bgp(communities=["large:1:2:3"])), "large", "native"),
    Case("validation: large community inside Community CR", (community(("x", "large:1:2:3")),), "large", "native"),
    # What FRR has not.
    Case(
        "validation: routerid set, one different",
        (peer("one", routerID="192.0.2.1"), peer("two", routerID="192.0.2.2", peerAddress="198.51.100.2")),
        "routerID",
    ),
    Case(
        "validation: routerid set, one not set",
        (peer("one", routerID="192.0.2.1"), peer("two", peerAddress="198.51.100.2")),
        "routerID",
    ),
    Case("validation: myAsn, one different", (peer("one"), peer("two", myASN=1, peerAddress="198.51.100.2")), "myASN"),
    Case("validation: duplicate bgp address", (peer("one"), peer("two")), "for the same router as BGPPeer one"),
    Case(
        "validation: duplicate bgp address, same vrf", (peer("one", vrf="red"), peer("two", vrf="red")), "same router"
    ),
    Case(
        "validation: two peers with interface set same",
        (peer("one", peerAddress="", interface="eth0"), peer("two", peerAddress="", interface="eth0")),
        "same router",
    ),
    # What MetalLB waits for.
    Case(
        "config: Peer with non existing BFD Profile",
        (peer(bfdProfile="slow"), bfd()),
        "the BFDProfile slow, which is not there",
        outcome="incomplete",
    ),
    Case(
        "config: bad community ref (unknown ref)",
        (pool(), bgp(communities=["flavour"])),
        "the community flavour, which is not there",
        outcome="incomplete",
    ),
)
SOUND = (
    Case("config: empty config", ()),
    Case("config: simple advertisement", (pool(), bgp())),
    Case("config: host bits of a network", (pool("a", "192.0.2.7/24"),)),
    Case("config: blanks around a range", (pool("a", "192.0.2.1 - 192.0.2.9"),)),
    Case("config: one address", (pool("a", "192.0.2.7/32"),)),
    Case("config: neighbours do not overlap", (pool("a", "192.0.2.0/25"), pool("b", "192.0.2.128/25"))),
    Case("config: both families", (pool("a", "192.0.2.0/24", "2001:db8::/120"), l2())),
    Case("config: namespace and service selection", (pool(serviceAllocation={"namespaces": ["n"], "priority": 1}),)),
    Case("config: peer with zero timers", (peer(holdTime="0s", keepaliveTime="0s"),)),
    Case("config: peer with holdtime only", (peer(holdTime="30s"),)),
    Case("config: peer with keepalive only", (peer(keepaliveTime="10s"),)),
    Case("config: empty node selector", (peer(nodeSelectors=[{}]),)),
    Case("config: peer with dynamic asn", (peer(peerASN=0, dynamicASN="external"),)),
    Case("config: unnumbered peer", (peer(peerAddress="", interface="eth0"),)),
    Case(
        "config: different local pref - different ipv4 length",
        (pool(), bgp("one", localPref=1, aggregationLength=30), bgp("two", localPref=2)),
    ),
    Case(
        "config: different local pref - different peers & same nodes",
        (
            pool(),
            peer("p"),
            peer("q", peerAddress="198.51.100.2"),
            bgp("one", localPref=1, peers=["p"]),
            bgp("two", localPref=2, peers=["q"]),
        ),
    ),
    Case(
        "config: different local pref - same peers & different nodes",
        (
            pool(),
            bgp("one", localPref=1, nodeSelectors=[{"matchLabels": {"name": "w1"}}]),
            bgp("two", localPref=2, nodeSelectors=[{"matchLabels": {"name": "w2"}}]),
        ),
    ),
    Case("config: aggregation length by range", (pool("a", "192.0.2.8-192.0.2.15"), bgp(aggregationLength=29))),
    Case(
        "config: large communities",
        (pool(), community(("x", "large:1:2:3")), bgp(communities=["x", "large:1:2:4", "1:2"])),
    ),
    Case("config: default BFD Profile", (bfd(), peer(bfdProfile="fast"))),
    Case("config: ipv4 and bfd echo mode", (pool(), bfd(echoMode=True), peer(bfdProfile="fast"), bgp())),
    Case("config: specify interfaces", (pool(), l2(interfaces=["eth0", "eth1"]))),
    Case(
        "validation: v6 address but pool not selected",
        (pool(), pool("b", "2001:db8::/120"), bgp(ipAddressPools=["a"])),
        mode="native",
    ),
    Case("validation: should pass", (pool(), peer("one"), peer("two"), bgp(communities=["1:2"])), mode="native"),
    Case("validation: keepalive of nothing", (peer(keepaliveTime="0s", holdTime="0s"),), mode="native"),
    Case("validation: duplicate address, different vrfs", (peer("one"), peer("two", vrf="red"))),
    Case("validation: myAsn different with different vrf", (peer("one"), peer("two", vrf="red", myASN=1))),
    Case(
        "validation: two peers with interface set different",
        (peer("one", peerAddress="", interface="eth0"), peer("two", peerAddress="", interface="eth1")),
    ),
)


def configured(case: Case) -> Snapshot:
    """A cluster whose speakers are of that mode."""
    base = cluster()
    variables = (
        EnvVar(name="METALLB_BGP_TYPE", value=case.mode),
        EnvVar(name="METALLB_ML_LABELS", value="app=metallb"),
    )
    template = PodTemplate(spec=PodSpec(containers=(Container(name="speaker", env=variables),)))
    speaker = msgspec.structs.replace(base.workloads[1], spec=WorkloadSpec(template=template))
    labelled = tuple(
        msgspec.structs.replace(n, metadata=msgspec.structs.replace(n.metadata, labels={"name": n.name}))
        for n in base.nodes
    )
    return cluster(metallb=case.objects, workloads=(base.workloads[0], speaker), nodes=labelled)


@pytest.mark.parametrize("case", REJECTED, ids=lambda case: case.shown_by)
def test_what_metallb_refuses_is_not_called_well(case: Case) -> None:
    """It is named, with why."""
    finding = judged(configured(case))["configuration"]
    assert (case.outcome, Severity.FAILED) == (finding.outcome, finding.severity)
    assert case.why in words(finding.text) + "\n".join(told(finding))


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.shown_by)
def test_what_metallb_takes_is_well(case: Case) -> None:
    """No rule is stricter than MetalLB's own."""
    finding = judged(configured(case))["configuration"]
    assert ("pass", []) == (finding.outcome, told(finding))


@pytest.mark.parametrize(
    ("vain", "why"),
    [
        (l2(ipAddressPools=["b"]), "ipAddressPools names b"),
        (bgp(peers=["other"]), "peers names other"),
        (pool("b", "192.0.2.1-2001:db8::1"), "begins and ends in different families"),
    ],
    ids=["pool", "peer", "range"],
)
def test_what_is_named_in_vain_is_advice(vain: CustomObject, why: str) -> None:
    """MetalLB takes it in silence, so it is said; what comes of it is for other findings to tell."""
    finding = judged(cluster(metallb=(pool(), vain)))["configuration"]
    assert ("dangling", Severity.ADVICE) == (finding.outcome, finding.severity)
    assert why in words(finding.text)


def test_what_could_not_be_read_is_not_missing() -> None:
    """A profile that nobody may read is not called absent, and nothing is called well."""
    gap = Gap(verb="list bfdprofiles.metallb.io", reason="forbidden")
    finding = judged(cluster(metallb=(peer(bfdProfile="fast"),), gaps=(gap,)))["configuration"]
    assert (Severity.UNKNOWN, ["cannot list bfdprofiles.metallb.io: forbidden"]) == (finding.severity, told(finding))


STATE = CustomObject(
    kind="ConfigurationState",
    metadata=msgspec.structs.replace(pool().metadata, name="speaker-w1"),
    status={"result": "Invalid", "errorSummary": "secret ref not found"},
)


def stale(task: Task) -> Data:
    """The speaker on w1 works with what it had before."""
    told_by_it = Metrics(outcome=OPEN, status=200, loaded=True, stale=task.node == "w1")
    return msgspec.structs.replace(sound(task), metrics=told_by_it)


def test_metallb_itself_says_that_its_configuration_is_old() -> None:
    """In a ConfigurationState, or in a speaker's figures: our own rules see no Secret, and know no newer version."""
    by_state = judged(cluster(metallb=(pool(), STATE)))["configuration"]
    by_figures = judged(cluster(metallb=(pool(),)), stale)["configuration"]
    assert ("stale", "stale") == (by_state.outcome, by_figures.outcome)
    assert "speaker-w1: secret ref not found" in words(by_state.text)
    assert "the speaker on w1 works with an older configuration" in words(by_figures.text)
