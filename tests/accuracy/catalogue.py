"""What is staged, and what is the right answer: every cause with several parameters, harmless changes, two at once.

Most are staged on the lab as it is by itself; some on labs of other shapes, which are started for them.

The parameters are those of the lab's faults (`python -m tests.lab faults`). No threshold of the product was chosen by
them.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tests.lab.faults.harmless import APPLICATIONS, DEVICES, POOLS
from tests.lab.layout import HOST_GW, VXLAN, Shape

Staged = tuple[str, ...]
"""A fault or a harmless change of the lab, and its parameters: `("underlay-loss", "share=5")`."""


class Kind(enum.StrEnum):
    """What a case is about."""

    FAULT = "one fault"
    DOUBLE = "two faults"
    HEALTHY = "healthy"


@dataclass(frozen=True, slots=True)
class Case:
    """One diagnosis with its right answer."""

    kind: Kind
    staged: tuple[Staged, ...]
    expected: Mapping[str, frozenset[str]]
    """The causes that are there, each with its places in words; no places where the cluster is the place."""
    lab: str = ""
    """Which of `SHAPES` the lab has."""

    @property
    def name(self) -> str:
        """What is staged, in one line."""
        what = " + ".join(" ".join(each) for each in self.staged) or "nothing"
        return f"{self.lab}: {what}" if self.lab else what


SHAPES = {
    "": Shape(),
    "dual stack": Shape(dual_stack=True),
    "flanneld": Shape(
        names=("ip-10-0-0-10.eu-west-1.compute.internal", "worker-0", "worker-1", "worker-2"),
        metallb="lb",
        vxlan_port=8472,
        flanneld=VXLAN,
    ),
    "routes": Shape(names=("cp", "w1", "w2"), flanneld=HOST_GW),
    "two nodes": Shape(names=("cp", "w1")),
    "one node": Shape(names=("cp",)),
}
"""The labs: as it is by itself, with IPv6, with other names, namespaces and ports and flannel's own daemon, with routes
in place of a tunnel, and small ones."""
NODES = ("cp", "w1", "w2")
WORKERS = ("w1", "w2")
PAIRS = (("cp", "w1"), ("cp", "w2"), ("w1", "w2"))
CAUSE_OF = {
    "forwarding": "forward-reject",
    "coredns-down": "coredns-none-ready",
    "kubelet": "node-not-ready",
}
"""The causes of the faults that are not called like them."""


def staged(line: str) -> tuple[Staged, ...]:
    """What is staged, of one line: faults with their parameters, `+` between them."""
    return tuple(tuple(part.split()) for part in line.split(" + "))


def _fault(cause: str, line: str, *at: str) -> Case:
    return Case(Kind.FAULT, staged(line), {cause: frozenset(at)})


def _on(line: str, *nodes: str, cause: str = "") -> Iterator[Case]:
    """A fault on each of these nodes, of which the line leaves the place open; `w1,w2` are both of them at once."""
    name = line.split(maxsplit=1)[0]
    for node in nodes:
        yield _fault(cause or CAUSE_OF.get(name, name), line.format(node), *node.split(","))


FAULTS = (
    *_on("vmxnet3-tunnel-offload node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("firewall-vxlan node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("mtu-mismatch mtu=1400 node={}", "w1"),
    *_on("mtu-mismatch mtu=1300 node={}", "w2"),
    *_on("mtu-mismatch mtu=1450 node={}", "cp"),
    *_on("mtu-mismatch mtu=900 node={}", "w1"),
    *_on("mtu-mismatch mtu=1480 node={}", "w2"),
    *_on("forwarding verdict=reject node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("forwarding verdict=drop node={}", "w1", "w2", "cp", "w1,w2", cause="forward-drop"),
    *_on("underlay-loss share=5 node={}", "w1"),
    *_on("underlay-loss share=30 node={}", "w1"),
    *_on("underlay-loss share=10 node={}", "w2"),
    *_on("underlay-loss share=15 node={}", "cp"),
    *_on("underlay-loss share=20 direction=to node={}", "w2"),
    *_on("underlay-loss share=20 direction=from node={}", "w2"),
    *(_fault("underlay-loss", f"underlay-loss node={a} peer={b} share=25", f"{a} ↔ {b}") for a, b in PAIRS),
    *_on("vxlan-port-conflict node={}", "w1", "w2", "cp"),
    *_on("vxlan-port-conflict direction=to node={}", "w1"),
    *_on("vxlan-port-conflict direction=from node={}", "w1"),
    *(_fault("vxlan-port-conflict", f"vxlan-port-conflict node={a} peer={b}", f"{a} ↔ {b}") for a, b in PAIRS),
    *_on("vmxnet3-lro node={}", "w1", "w2", "cp", "w1,w2"),
    _fault("vxlan-tx-checksum", "vxlan-tx-checksum", "cp"),
    _fault("vxlan-tx-checksum", "controller-on node=w2 + vxlan-tx-checksum", "cp"),
    _fault("vxlan-tx-checksum", "damaged-once node=w1 + vxlan-tx-checksum", "cp"),
    _fault("vxlan-tx-checksum", "pools what=used + vxlan-tx-checksum", "cp"),
    _fault("webhook-blocked", "webhook-blocked"),
    _fault("webhook-blocked", "controller-on node=w2 + webhook-blocked"),
    _fault("webhook-blocked", "harmless-offload node=all + webhook-blocked"),
    _fault("webhook-blocked", "cordoned node=w1 + webhook-blocked"),
    *(
        _fault("webhook-hangs", f"{other} + webhook-hangs")
        for other in ("controller-on node=cp", "controller-on node=w2", "harmless-offload node=all", "cordoned")
    ),
    *_on("kube-proxy node={}", "cp", "w1", "w2", "w1,w2"),
    _fault("no-endpoints", "no-endpoints"),
    _fault("no-endpoints", "pools what=used + no-endpoints"),
    _fault("no-endpoints", "controller-on node=cp + no-endpoints"),
    _fault("no-endpoints", "harmless-offload node=all + no-endpoints"),
    *_on("coredns-replica share=20 node={}", "w1"),
    *_on("coredns-replica share=30 node={}", "w2"),
    *_on("coredns-replica share=60 node={}", "w2"),
    *_on("coredns-replica share=100 node={}", "w1"),
    *(
        # What scales CoreDNS waits for all its replicas when it is healed: nothing may be cordoned any more then.
        _fault(cause, f"{name} + {other}")
        for name, cause in (
            ("coredns-upstream", "coredns-upstream"),
            ("coredns-down", "coredns-none-ready"),
            ("ca-bundle", "ca-bundle"),
            ("pod-security", "pod-security"),
            ("apiserver-proxy", "apiserver-proxy"),
        )
        for other in ("cordoned", "application", "damaged-once", "harmless-offload node=all")
    ),
    *_on("node-egress node={}", "w1", "w2"),
    _fault("node-egress", "harmless-offload node=all + node-egress node=w1", "w1"),
    _fault("node-egress", "cordoned node=w1 + node-egress node=w2", "w2"),
    *_on("kubelet node={}", "w1", "w2"),
    _fault("node-not-ready", "cordoned node=w1 + kubelet node=w2", "w2"),
    _fault("node-not-ready", "harmless-offload node=all + kubelet node=w1", "w1"),
    *_on("overlay-state peer=all what=fdb node={}", "w1", "w2", "cp"),
    *(_fault("overlay-state", f"overlay-state node=w1 peer=w2 what={what}", "w1") for what in ("fdb", "route")),
    *_on("overlay-state peer=cp what=neighbour node={}", "w2"),
    *_on("overlay-state peer=all what=vtep node={}", "w2"),
    *_on("ip-forward-off node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("bridge-filter-off node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("reverse-path-filter peer=w2 node={}", "w1"),
    *_on("reverse-path-filter peer=w1 node={}", "w2"),
    *_on("reverse-path-filter peer=w1,w2 node={}", "cp"),
    *_on("reverse-path-filter peer=cp node={}", "w1"),
    *(
        _fault(cause, f"{other} + {cause}")
        for cause in ("coredns-loop", "coredns-permissions", "coredns-zone")
        for other in ("application", "harmless-offload node=all", "damaged-once", "accepting-filter")
    ),
    *(_fault("coredns-template", f"coredns-template rcode={rcode}") for rcode in ("nxdomain", "servfail", "refused")),
    _fault("coredns-template", "application + coredns-template"),
    *(_fault("pool-exhausted", f"pool-exhausted size={size}") for size in (1, 2, 8)),
    _fault("pool-exhausted", "pool-exhausted service=lab-other/api size=4"),
    *(_fault("pool-overlap", f"pool-overlap node={node}") for node in ("w1", "w2", "cp", "all")),
    *(
        _fault(cause, f"{other} + {cause}")
        for cause in ("pool-not-announced", "excluded-nodes")
        for other in ("application", "damaged-once", "other-device", "second-address")
    ),
    *_on("speaker-port-taken node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("memberlist-blocked node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("speaker-hung node={}", "w1", "w2", "cp", "w1,w2"),
    *(_fault("wrong-target-port", f"wrong-target-port port={port}") for port in (9444, 1024, 30000, 65535)),
    *(
        _fault("service-selector", f"{other} + service-selector")
        for other in ("application", "controller-on node=w2", "harmless-offload", "damaged-once")
    ),
    *(_fault("no-local-endpoint", f"controller-on node={n} + no-local-endpoint policy=internal") for n in WORKERS),
    _fault("no-local-endpoint", "application + no-local-endpoint"),
    _fault("no-local-endpoint", "harmless-offload node=all + no-local-endpoint"),
    *_on("kube-proxy-stale node={}", "w1", "w2", "cp", "w1,w2"),
    *_on("kube-proxy-flushed node={}", "cp", "w1", "w2", cause="kube-proxy"),
)
OTHER_LABS: Mapping[str, tuple[Case, ...]] = {
    "dual stack": (
        *_on("ipv6-dad node={}", "w1", "w2", "cp", "w1,w2"),
        *_on("ipv6-routing node={}", "w1", "w2", "cp", "w1,w2"),
        *_on("ipv6-tunnel node={}", "w1", "w2", "cp", "w1,w2"),
        *_on("vmxnet3-tunnel-offload node={}", "w1"),
        *_on("mtu-mismatch mtu=1300 node={}", "w2"),
        *_on("firewall-vxlan node={}", "cp"),
        *_on("underlay-loss share=10 node={}", "w1"),
    ),
    "flanneld": (
        *_on("vmxnet3-tunnel-offload node={}", "worker-0"),
        *_on("firewall-vxlan node={}", "worker-1"),
        *_on("forwarding node={}", "worker-2"),
        *_on("overlay-state peer=all what=fdb node={}", "worker-2"),
        *_on("overlay-state peer=all what=vtep node={}", "worker-0"),
        *_on("mtu-mismatch mtu=1400 node={}", "worker-1"),
        *_on("underlay-loss share=10 node={}", "worker-1"),
        *_on("speaker-hung node={}", "worker-2"),
        *_on("kubelet node={}", "worker-1"),
        *(_fault(cause, cause) for cause in ("no-endpoints", "webhook-blocked", "ca-bundle", "pod-security")),
        _fault("pool-not-announced", "pool-not-announced"),
    ),
    "routes": (
        *_on("mtu-mismatch mtu=1400 node={}", "w1"),
        *_on("underlay-loss share=10 node={}", "w2"),
        *_on("ip-forward-off node={}", "w1"),
        *_on("kube-proxy node={}", "cp"),
        _fault("coredns-upstream", "coredns-upstream"),
    ),
    "two nodes": (
        *_on("vmxnet3-tunnel-offload node={}", "w1"),
        *_on("firewall-vxlan node={}", "w1"),
        *_on("mtu-mismatch mtu=1400 node={}", "w1"),
        *_on("kubelet node={}", "w1"),
        _fault("no-endpoints", "no-endpoints"),
    ),
    "one node": (
        *(_fault(cause, cause) for cause in ("no-endpoints", "ca-bundle", "coredns-upstream", "pool-exhausted")),
        *_on("kube-proxy node={}", "cp"),
        _fault("coredns-none-ready", "coredns-down"),
    ),
}
"""Single faults of labs of other shapes; each is also looked at while it is well."""
DOUBLES = (
    "vmxnet3-tunnel-offload node=w1 + mtu-mismatch node=w2",
    "vmxnet3-tunnel-offload node=w2 + mtu-mismatch node=w1",
    "vmxnet3-tunnel-offload node=w1 + coredns-replica node=w2",
    "vmxnet3-tunnel-offload node=w1 + coredns-upstream",
    "firewall-vxlan node=w1 + coredns-replica node=w2",
    "firewall-vxlan node=w2 + mtu-mismatch node=w1",
    "firewall-vxlan node=w1 + pod-security",
    "firewall-vxlan node=w1 + vmxnet3-tunnel-offload node=w2",
    "ca-bundle + coredns-replica node=w2",
    "ca-bundle + mtu-mismatch node=w2",
    "ca-bundle + coredns-upstream",
    "no-endpoints + mtu-mismatch node=w2",
    "no-endpoints + coredns-replica node=w1",
    "pod-security + kube-proxy node=cp",
    "pod-security + vmxnet3-lro node=w1",
    "coredns-upstream + vxlan-port-conflict node=w1",
    "coredns-upstream + underlay-loss node=w2",
    "mtu-mismatch node=w1 + coredns-upstream",
    "webhook-blocked + coredns-replica node=w2",
    "webhook-blocked + mtu-mismatch node=w2",
    "forwarding node=w2 + ca-bundle",
    "kube-proxy node=w2 + coredns-upstream",
)
"""At different places; one that has no place of its own is the cluster's."""


def cases() -> list[Case]:
    """All of them, in the order in which they are staged."""
    return [*FAULTS, *map(_double, DOUBLES), *_healthy(), *_elsewhere()]


def _elsewhere() -> Iterator[Case]:
    for lab, faults in OTHER_LABS.items():
        yield Case(Kind.HEALTHY, (), {}, lab)
        yield Case(Kind.HEALTHY, (("harmless-offload", "node=all"),), {}, lab)
        yield from (replace(case, lab=lab) for case in faults)


def _double(line: str) -> Case:
    both = staged(line)
    expected = {}
    for name, *parameters in both:
        nodes = [value for key, _, value in (p.partition("=") for p in parameters) if key == "node"]
        expected[CAUSE_OF.get(name, name)] = frozenset(nodes)
    return Case(Kind.DOUBLE, both, expected)


def _healthy() -> Iterator[Case]:
    changes: list[Staged] = [
        *((name, f"node={node}") for name in ("cordoned", "tainted", "damaged-once") for node in NODES),
        *(("restarted-coredns", f"node={node}") for node in WORKERS),
        *(("coredns-replicas", f"replicas={count}") for count in (1, 3)),
        *(("harmless-offload", f"node={node}") for node in (*NODES, "all")),
        *(("accepting-filter", f"node={node}") for node in ("w1", "all")),
        *(("other-device", "node=w1", f"device={device}") for device in DEVICES),
        *(("second-address", f"node={node}") for node in ("w2", "all")),
        ("no-ipv6", "node=all"),
        *(("starved-agents", f"node={node}") for node in ("w1", "w2")),
        *(("application", f"what={what}") for what in APPLICATIONS),
        *(("pools", f"what={what}") for what in POOLS),
        *(("controller-on", f"node={node}") for node in ("cp", "w2")),
        ("many-connections", "node=w1"),
        ("policy",),
        ("no-scheduler",),
    ]
    yield Case(Kind.HEALTHY, (), {})
    yield from (Case(Kind.HEALTHY, (change,), {}) for change in changes)


SHORT = (
    "nothing",
    "vmxnet3-tunnel-offload node=w2",
    "mtu-mismatch mtu=1300 node=w2",
    "underlay-loss share=5 node=w1",
    "vxlan-port-conflict node=w1 peer=w2",
    "firewall-vxlan node=w1 + vmxnet3-tunnel-offload node=w2",
    "ca-bundle + coredns-upstream",
    "damaged-once node=w1",
    "other-device node=w1 device=cilium_vxlan",
    "pools what=used",
    "starved-agents node=w1",
)
"""What CI stages: a few of each kind, above all what no other test does."""
SHORT_ELSEWHERE = (
    "flanneld: nothing",
    "flanneld: firewall-vxlan node=worker-1",
    "flanneld: overlay-state peer=all what=fdb node=worker-2",
    "flanneld: no-endpoints",
    "dual stack: nothing",
    "dual stack: ipv6-tunnel node=w1",
    "dual stack: ipv6-dad node=w2",
    "one node: nothing",
    "one node: no-endpoints",
)
"""And on labs that are started for them."""
