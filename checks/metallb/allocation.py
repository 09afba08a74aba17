"""Which address MetalLB would give a Service, or why none: its allocator, modelled. Pure.

As internal/allocator/allocator.go and controller/service.go (0.15.3) have it. Which of several free addresses it takes
does not matter here, only whether there is one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from checks.cluster.selectors import any_selects
from checks.cluster.snapshot import CustomObject, Service
from checks.metallb import spec
from checks.metallb.configuration import Configuration
from checks.metallb.spans import Address, Span, addresses_in, is_buggy, parse_address
from checks.text import Text, names, say

STABLE, FORMER = "metallb.io", "metallb.universe.tf"
"""The prefixes of annotations; the former one is still read."""
REQUESTED, UNSUITED, FAMILY, SHARED, EXHAUSTED, WAITS = (
    "requested",
    "unsuited",
    "family",
    "shared",
    "exhausted",
    "waits",
)
IPV4, IPV6 = 4, 6


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a Service has no address."""

    outcome: str
    why: Text
    pools: tuple[str, ...] = ()
    """The pools that it may have an address of, and that have none left."""


def place_of(service: Service) -> str:
    """Namespace and name."""
    return f"{service.metadata.namespace}/{service.metadata.name}"


def annotation(service: Service, name: str) -> str:
    """The value of one of MetalLB's annotations, by its stable name before the former one."""
    annotations = service.metadata.annotations
    return annotations.get(f"{STABLE}/{name}", annotations.get(f"{FORMER}/{name}", ""))


def families(service: Service) -> tuple[int, ...]:
    """The families of its own addresses, which those of a load balancer must have."""
    own = service.spec.cluster_ips or ((service.spec.cluster_ip,) if service.spec.cluster_ip else ())
    told = tuple(dict.fromkeys(address.version for each in own for address in addresses_in([each])))
    return told or tuple({"IPv4": IPV4, "IPv6": IPV6}[f] for f in service.spec.ip_families if f in ("IPv4", "IPv6"))


@dataclass(frozen=True)
class Allocator:
    """What is given, and what may be given yet."""

    configuration: Configuration
    full: frozenset[str] = field(default_factory=frozenset)
    """The pools of which MetalLB itself says that nothing is left."""

    @cached_property
    def given(self) -> Mapping[Address, tuple[Service, ...]]:
        """By address the Services that have it."""
        given: dict[Address, tuple[Service, ...]] = {}
        for service in self.configuration.snapshot.services:
            if service.spec.type == "LoadBalancer":
                for address in addresses_in(service.external):
                    given[address] = (*given.get(address, ()), service)
        return given

    def usable(self, pool: CustomObject) -> int:
        """How many addresses a pool has."""
        avoid = spec.flag(pool, "avoidBuggyIPs")
        return sum(span.usable(avoid_buggy=avoid) for span in self.configuration.spans[pool.metadata.name])

    def assigned(self, pool: CustomObject) -> int:
        """How many of them Services have."""
        return sum(self.configuration.has(pool, address) for address in self.given)

    def answer(self, service: Service) -> Answer:
        """Why a Service has no address, or that it should have one."""
        wanted = families(service)
        if service.spec.ip_family_policy == "RequireDualStack" and len(wanted) < 2:  # noqa: PLR2004 - both families
            return Answer(FAMILY, say("it requires both families of addresses, and has one"))
        if refused := self._of_request(service, wanted):
            return refused
        if asked := annotation(service, "loadBalancerIPs") or service.spec.load_balancer_ip:
            return Answer(WAITS, say("MetalLB may give it {address}, and has not yet", address=asked))
        return self._of_pools(service, wanted)

    def _of_pools(self, service: Service, wanted: tuple[int, ...]) -> Answer:
        """What the pools that are for it have to give."""
        pools = list(self._pools_for(service))
        if not pools:
            return self._no_pool(service)
        fitting = [pool for pool in pools if self._fits(pool, service, wanted)]
        if not fitting:
            return self._no_family(wanted, pools)
        free = [pool for pool in fitting if self._has_free(pool, service, wanted)]
        if free:
            return Answer(
                WAITS, say("{pool} has a free address for it, and it has none yet", pool=free[0].metadata.name)
            )
        full = tuple(pool.metadata.name for pool in fitting)
        return Answer(EXHAUSTED, say("every address of {pools} is given", pools=names(full)), full)

    def _of_request(self, service: Service, wanted: tuple[int, ...]) -> Answer | None:
        """Why the addresses or the pool that it asks for by name cannot be had."""
        by_annotation, by_field = annotation(service, "loadBalancerIPs"), service.spec.load_balancer_ip
        pool = annotation(service, "address-pool")
        known = [p.metadata.name for p in self.configuration.pools]
        if by_annotation and by_field:
            return Answer(REQUESTED, say("it asks for addresses both by annotation and by loadBalancerIP"))
        written = [each.strip() for each in (by_annotation or by_field).split(",") if by_annotation or by_field]
        try:
            asked = [parse_address(each) for each in written]
        except ValueError:
            return Answer(
                REQUESTED, say("it asks for {address}, which is no address", address=by_annotation or by_field)
            )
        if asked:
            return self._of_addresses(service, asked, wanted, pool)
        if pool and pool not in known:
            return Answer(REQUESTED, say("it asks for an address of {pool}, and there is no such pool", pool=pool))
        return None

    def _of_addresses(
        self, service: Service, asked: list[Address], wanted: tuple[int, ...], named: str
    ) -> Answer | None:
        shown = ", ".join(map(str, asked))
        if wanted and sorted(address.version for address in asked) != sorted(wanted):
            return Answer(FAMILY, say("it asks for {address}, not of its own families", address=shown))
        pool = self.configuration.pool_of(set(asked))
        if pool is None:
            return Answer(REQUESTED, say("it asks for {address}, which is in no pool", address=shown))
        name = pool.metadata.name
        if named and named != name:
            why = say("it asks for {address} of {named}, and that is in {pool}", address=shown, named=named, pool=name)
            return Answer(REQUESTED, why)
        if not self._takes(pool, service):
            return Answer(
                UNSUITED, say("it asks for {address} of {pool}, which is not for it", address=shown, pool=name)
            )
        for address in asked:
            if taken := self._taken(address, service):
                return Answer(SHARED, taken)
        return None

    def _pools_for(self, service: Service) -> Iterator[CustomObject]:
        """The pools that it may have an address of: the one that it names, or those that are for it, or for all."""
        named = annotation(service, "address-pool")
        for pool in self.configuration.pools:
            if named:
                if pool.metadata.name == named and self._takes(pool, service):
                    yield pool
            elif self._offers(pool, service):
                yield pool

    def _takes(self, pool: CustomObject, service: Service) -> bool:
        """Whether a pool's `serviceAllocation` is for a Service (`isPoolCompatibleWithService`)."""
        namespaces = self._namespaces(pool, service)
        if namespaces and service.metadata.namespace not in namespaces:
            return False
        selectors = _selectors(pool, "serviceSelectors")
        return not selectors or any_selects(selectors, service.metadata.labels)

    def _offers(self, pool: CustomObject, service: Service) -> bool:
        """Whether a pool gives a Service an address that names none (`pinnedPoolsForService`).

        One that is for namespaces of which there are none is offered to nobody, and yet is for whoever names it.
        """
        if not spec.flag(pool, "autoAssign", default=True) or not self._takes(pool, service):
            return False
        chooses = _selectors(pool, "namespaceSelectors")
        return not chooses or bool(self._namespaces(pool, service) or _selectors(pool, "serviceSelectors"))

    def _namespaces(self, pool: CustomObject, service: Service) -> set[str]:
        """The namespaces that a pool is for; where nobody could read their labels, the Service's may be one."""
        by_label, every = _selectors(pool, "namespaceSelectors"), self.configuration.snapshot.namespaces
        named = {str(each) for each in spec.section(pool, "serviceAllocation").get("namespaces") or []}
        if by_label and not every:
            named.add(service.metadata.namespace)
        return named | {n.metadata.name for n in every if any_selects(by_label, n.metadata.labels)}

    def _no_pool(self, service: Service) -> Answer:
        named = annotation(service, "address-pool")
        if named:
            return Answer(UNSUITED, say("it asks for an address of {pool}, which is not for it", pool=named))
        pools = self.configuration.pools
        if not any(spec.flag(pool, "autoAssign", default=True) for pool in pools):
            return Answer(UNSUITED, say("no pool gives addresses by itself (autoAssign: false), and it names none"))
        return Answer(UNSUITED, say("no pool is for it: each one's serviceAllocation chooses other Services"))

    def _no_family(self, wanted: tuple[int, ...], pools: list[CustomObject]) -> Answer:
        shown = names(f"IPv{version}" for version in wanted)
        among = names(pool.metadata.name for pool in pools)
        if len(wanted) > 1:
            return Answer(
                FAMILY, say("it takes {families}, and no pool of {pools} has both", families=shown, pools=among)
            )
        return Answer(FAMILY, say("it takes {families}, of which {pools} has none", families=shown, pools=among))

    def _fits(self, pool: CustomObject, service: Service, wanted: tuple[int, ...]) -> bool:
        """Whether a pool has addresses of its families at all; one is enough where both are only preferred."""
        has = {span.version for span in self.configuration.spans[pool.metadata.name]}
        if service.spec.ip_family_policy == "PreferDualStack" or not wanted:
            return bool(has)
        return has >= set(wanted)

    def _has_free(self, pool: CustomObject, service: Service, wanted: tuple[int, ...]) -> bool:
        if pool.metadata.name in self.full:
            return False
        every = {v: self._free(pool, v, service) for v in wanted or (IPV4, IPV6)}
        return any(every.values()) if service.spec.ip_family_policy == "PreferDualStack" else all(every.values())

    def _free(self, pool: CustomObject, version: int, service: Service) -> bool:
        avoid = spec.flag(pool, "avoidBuggyIPs")
        spans = [s for s in self.configuration.spans[pool.metadata.name] if s.version == version]
        return any(self._free_in(span, service, avoid_buggy=avoid) for span in spans)

    def _free_in(self, span: Span, service: Service, *, avoid_buggy: bool) -> bool:
        inside = [a for a in self.given if span.holds(a) and not (avoid_buggy and is_buggy(a))]
        return len(inside) < span.usable(avoid_buggy=avoid_buggy) or any(
            self._taken(address, service) is None for address in inside
        )

    def _taken(self, address: Address, service: Service) -> Text | None:
        """Why it cannot have an address beside those that have it; None where it can."""
        for other in self.given.get(address, ()):
            if place_of(other) == place_of(service):
                continue
            if not _shares(other, service):
                return say(
                    "{address} is {other}'s, and both do not share it", address=str(address), other=place_of(other)
                )
            if clash := _ports(other) & _ports(service):
                return say(
                    "{address} is shared with {other}, which has port {port} too",
                    address=str(address),
                    other=place_of(other),
                    port=min(clash)[1],
                )
        return None


def _selectors(pool: CustomObject, field: str) -> list[dict[str, Any]]:
    """Label selectors of a pool's `serviceAllocation`."""
    return [each for each in spec.section(pool, "serviceAllocation").get(field) or [] if isinstance(each, dict)]


def _shares(one: Service, other: Service) -> bool:
    """`sharingOK`: one key, and the same backends where only their nodes answer."""
    keys = annotation(one, "allow-shared-ip"), annotation(other, "allow-shared-ip")
    return bool(keys[0]) and keys[0] == keys[1] and _backends(one) == _backends(other)


def _backends(service: Service) -> tuple[tuple[str, str], ...]:
    local = service.spec.external_traffic_policy == "Local"
    return tuple(sorted(service.spec.selector.items())) if local else ()


def _ports(service: Service) -> set[tuple[str, int]]:
    return {(port.protocol, port.port) for port in service.spec.ports}
