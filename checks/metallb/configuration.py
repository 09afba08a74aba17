"""MetalLB as it is set up: the objects that it reads, and how its workloads are started. Pure."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from checks.cluster.metallb import MetalLB, pods_of
from checks.cluster.pods import Container, Pod, Workload
from checks.cluster.selectors import any_selects
from checks.cluster.snapshot import CustomObject, EndpointSlice, Service, Snapshot
from checks.metallb import spec
from checks.metallb.spans import Address, Span, is_buggy, readable

TELLING = frozenset({"ServiceL2Status", "ServiceBGPStatus", "BGPSessionState", "ConfigurationState"})
"""What MetalLB writes itself; the rest is what people tell it."""
YOUNG_S = 30.0
"""What is younger may not have been looked at by everybody whom it concerns."""
MEMBERLIST_PORT, METRICS_PORT = 7946, 7472
"""Where MetalLB listens unless it is told otherwise (speaker/main.go, hashicorp/memberlist config.go)."""
NATIVE = "native"


@dataclass(frozen=True)
class Configuration:
    """Everything of MetalLB that a judgement needs."""

    snapshot: Snapshot
    found: MetalLB
    interfaces: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By node, of the interfaces that advertisements name those that it has; nodes that did not tell are not there."""

    @cached_property
    def objects(self) -> tuple[CustomObject, ...]:
        """What it reads: in its own namespace alone. Recordings from before namespaces were read tell none."""
        return tuple(o for o in self.snapshot.metallb if o.metadata.namespace in ("", self.found.namespace))

    def of_kind(self, kind: str) -> tuple[CustomObject, ...]:
        """Its objects of one kind, by name."""
        return tuple(sorted((o for o in self.objects if o.kind == kind), key=lambda o: o.metadata.name))

    def told(self, kind: str) -> tuple[CustomObject, ...]:
        """What MetalLB writes of one kind, wherever."""
        return tuple(o for o in self.snapshot.metallb if o.kind == kind)

    @cached_property
    def pools(self) -> tuple[CustomObject, ...]:
        """The address pools, by name."""
        return self.of_kind("IPAddressPool")

    @cached_property
    def advertisements(self) -> tuple[CustomObject, ...]:
        """Of both protocols."""
        return (*self.of_kind("L2Advertisement"), *self.of_kind("BGPAdvertisement"))

    @cached_property
    def peers(self) -> tuple[CustomObject, ...]:
        """The routers."""
        return self.of_kind("BGPPeer")

    @cached_property
    def spans(self) -> dict[str, tuple[Span, ...]]:
        """The ranges of each pool, those that can be read."""
        return {pool.metadata.name: tuple(readable(spec.words(pool, "addresses"))) for pool in self.pools}

    def pool_of(self, addresses: set[Address]) -> CustomObject | None:
        """The pool that all of some addresses are of, as the allocator's `poolFor` finds it."""
        if not addresses:
            return None
        return next((pool for pool in self.pools if all(self.has(pool, address) for address in addresses)), None)

    def has(self, pool: CustomObject, address: Address) -> bool:
        """Whether a pool may give an address."""
        avoided = spec.flag(pool, "avoidBuggyIPs") and is_buggy(address)
        return not avoided and any(span.holds(address) for span in self.spans[pool.metadata.name])

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The Services that are its affair: of the type LoadBalancer, and of its class or of none as it is told."""
        own = self.load_balancer_class
        wanting = (s for s in self.snapshot.services if s.spec.type == "LoadBalancer")
        return tuple(s for s in wanting if s.spec.load_balancer_class == own)

    @cached_property
    def load_balancer_class(self) -> str:
        """The class of Services that it is for; empty for those that name none (`--lb-class`)."""
        every = (argument(container, "lb-class") for container in _own(self.found.controller))
        return next(filter(None, every), "")

    @cached_property
    def bgp(self) -> str:
        """`native`, `frr` or `frr-k8s`; empty where the speaker's template is not known."""
        containers = _own(self.found.speaker)
        told = [e.value for c in containers for e in c.env if e.name == "METALLB_BGP_TYPE"]
        return next(iter(told), NATIVE if containers else "")

    @cached_property
    def ignores_exclusion(self) -> bool:
        """Whether speakers announce on nodes that are excluded from load balancers too (`--ignore-exclude-lb`)."""
        return any(argument(c, "ignore-exclude-lb") in ("true", "1") for c in _own(self.found.speaker))

    @cached_property
    def memberlist_port(self) -> int:
        """Where speakers find each other, TCP and UDP; 0 where they do not (no `--ml-labels`)."""
        containers = _own(self.found.speaker)
        if not containers:
            return MEMBERLIST_PORT
        labels = [_set(c, "ml-labels", "METALLB_ML_LABELS") for c in containers]
        if not any(labels):
            return 0
        ports = (_number(_set(c, "ml-bindport", "METALLB_ML_BIND_PORT")) for c in containers)
        return next(filter(None, ports), MEMBERLIST_PORT)

    @cached_property
    def speakers(self) -> dict[str, Pod]:
        """The speaker of each node."""
        pods = pods_of(self.snapshot, self.found.speaker) if self.found.speaker else []
        return {pod.spec.node_name: pod for pod in pods if pod.spec.node_name}

    @cached_property
    def slices(self) -> Mapping[tuple[str, str], tuple[EndpointSlice, ...]]:
        """By namespace and name of a Service its slices."""
        found: dict[tuple[str, str], tuple[EndpointSlice, ...]] = {}
        for each in self.snapshot.endpoint_slices:
            key = (each.metadata.namespace, each.service)
            found[key] = (*found.get(key, ()), each)
        return found

    @cached_property
    def kept(self) -> dict[tuple[str, ...], Any]:
        """What was worked out already: thousands of nodes and Services ask the same."""
        return {}

    def chosen(self, item: CustomObject) -> frozenset[str]:
        """The nodes that an advertisement or a peer is for; without selectors all."""
        key = (item.kind, item.metadata.name)
        if key not in self.kept:
            selectors = spec.parts(item, "nodeSelectors")
            nodes = self.snapshot.nodes
            self.kept[key] = frozenset(
                n.name for n in nodes if not selectors or any_selects(selectors, n.metadata.labels)
            )
        return cast("frozenset[str]", self.kept[key])

    def speaks(self, node: str) -> bool:
        """Whether a ready speaker is on a node; yes where pods could not be read."""
        if self.snapshot.gap("pods"):
            return True
        pod = self.speakers.get(node)
        return pod is not None and pod.ready

    def is_young(self, *items: CustomObject | Service) -> bool:
        """Whether one of some objects was made just now; whose age is not known is old."""
        return any(self._age_s(item.metadata.creation_timestamp) < YOUNG_S for item in items)

    def _age_s(self, created: str) -> float:
        try:
            at = dt.datetime.fromisoformat(created)
        except ValueError:
            return YOUNG_S
        return self.snapshot.taken_at - at.timestamp()


def metrics_ports(workload: Workload | None) -> tuple[int, ...]:
    """Where a workload's containers tell their figures, MetalLB's own first."""
    containers = _own(workload)
    every = [port for container in containers for port in _metrics_ports(container)]
    return tuple(dict.fromkeys(every)) or (METRICS_PORT,)


def _metrics_ports(container: Container) -> Iterator[int]:
    """By argument, or by a port's name. One that only a proxy with TLS shows is listened on by the node itself."""
    for name in ("port", "metrics-port"):
        if port := _number(argument(container, name)):
            yield port
    yield from (p.container_port for p in container.ports if p.name in ("monitoring", "metrics") and p.container_port)


def _own(workload: Workload | None) -> tuple[Container, ...]:
    """MetalLB's own container first."""
    containers = workload.makes.spec.containers if workload else ()
    return tuple(sorted(containers, key=lambda c: c.name not in ("speaker", "controller")))


def argument(container: Container, name: str) -> str:
    """The value of a flag as Go's `flag` reads it: one or two dashes; `true` for one without a value."""
    flags = re.compile(rf"--?{re.escape(name)}(?:=(.*))?")
    every = (*container.command, *container.args)
    for each, following in zip(every, (*every[1:], "-"), strict=False):
        if match := flags.fullmatch(each):
            alone = "true" if following.startswith("-") else following
            return alone if match[1] is None else match[1]
    return ""


def _set(container: Container, name: str, variable: str) -> str:
    """A setting that is a flag or else a variable."""
    return argument(container, name) or next((e.value for e in container.env if e.name == variable), "")


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and int(written) < 1 << 16 else 0
