"""What MetalLB would refuse of pools and advertisements, as internal/config/config.go has it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from checks.cluster.snapshot import CustomObject
from checks.metallb import spec
from checks.metallb.advertising import BY_BGP, is_for
from checks.metallb.communities import aliases, can_be_read, is_large, is_value
from checks.metallb.complaint import DANGLING, INCOMPLETE, REJECTED, Complaint
from checks.metallb.configuration import NATIVE, Configuration
from checks.metallb.selectors import fault_in
from checks.metallb.spans import Mixed, Span, parse_span
from checks.text import Text, say

WHOLE: Mapping[int, int] = {4: 32, 6: 128}
"""By version of the protocol the longest prefix, which is also what is announced where nothing else is said."""
_LENGTHS: Mapping[int, str] = {4: "aggregationLength", 6: "aggregationLengthV6"}


def complaints(configuration: Configuration) -> Iterator[Complaint]:
    """Of all pools, communities and advertisements."""
    for pool in configuration.pools:
        yield from _of_pool(pool)
    yield from _overlapping(configuration)
    yield from _of_communities(configuration)
    for advertisement in configuration.advertisements:
        yield from _of_advertisement(configuration, advertisement)
    yield from _preferences(configuration)


def _refused(item: CustomObject, fault: Text) -> Complaint:
    return Complaint(REJECTED, say("{object}: {fault}", object=spec.called(item), fault=fault))


def _of_pool(pool: CustomObject) -> Iterator[Complaint]:
    written = spec.words(pool, "addresses")
    if not written:
        yield _refused(pool, say("it has no addresses"))
    for each in written:
        try:
            parse_span(each)
        except Mixed as error:
            yield Complaint(DANGLING, say("{object}: {error}", object=spec.called(pool), error=str(error)))
        except ValueError as error:
            yield _refused(pool, say("{error}", error=str(error)))
    allocation = spec.section(pool, "serviceAllocation")
    for field in ("namespaceSelectors", "serviceSelectors"):
        selectors = [s for s in allocation.get(field) or [] if isinstance(s, dict)]
        if fault := fault_in(selectors):
            yield _refused(pool, say("{field}: {fault}", field=field, fault=fault))
    if twice := _twice(allocation.get("namespaces") or []):
        yield _refused(pool, say("it names the namespace {name} twice", name=twice))


def _twice(items: Iterable[object]) -> str:
    every = list(map(str, items))
    return next((item for at, item in enumerate(every) if item in every[:at]), "")


def _overlapping(configuration: Configuration) -> Iterator[Complaint]:
    """Pools among each other, and the ranges of one pool."""
    spans = [(pool, span) for pool in configuration.pools for span in configuration.spans[pool.metadata.name]]
    spans.sort(key=lambda each: (each[1].version, each[1].first))
    for (one, span), (other, following) in pairwise(spans):
        if span.meets(following):
            yield _refused(other, say("its addresses overlap those of {object}", object=spec.called(one)))


def _of_communities(configuration: Configuration) -> Iterator[Complaint]:
    seen: set[str] = set()
    for community in configuration.of_kind("Community"):
        for name, value in aliases(community):
            if not can_be_read(value):
                yield _refused(community, say("{value} is no community", value=repr(value)))
            elif configuration.bgp == NATIVE and is_large(value):
                yield _refused(community, say("the native mode of BGP has no large communities: FRR has"))
            if name in seen:
                yield _refused(community, say("{name} is defined twice", name=name))
            seen.add(name)


def _of_advertisement(configuration: Configuration, item: CustomObject) -> Iterator[Complaint]:
    for field in ("ipAddressPools", "peers", "communities"):
        if twice := _twice(spec.words(item, field)):
            yield _refused(item, say("{field} names {name} twice", field=field, name=twice))
    for field in ("ipAddressPoolSelectors", "nodeSelectors", "serviceSelectors"):
        if fault := fault_in(spec.parts(item, field)):
            yield _refused(item, say("{field}: {fault}", field=field, fault=fault))
    yield from _dangling(configuration, item, "ipAddressPools", configuration.pools)
    if item.kind == BY_BGP:
        yield from _dangling(configuration, item, "peers", configuration.peers)
        yield from _lengths(configuration, item)
        yield from _communities(configuration, item)
        if configuration.bgp == NATIVE:
            yield from _over_ipv6(configuration, item)
        yield from _echoes(configuration, item)


_PLURALS = {"ipAddressPools": "ipaddresspools", "peers": "bgppeers"}


def _dangling(
    configuration: Configuration, item: CustomObject, field: str, there: Sequence[CustomObject]
) -> Iterator[Complaint]:
    """Names of what is not there. MetalLB takes them in silence."""
    if configuration.snapshot.gap(_PLURALS[field]):
        return
    known = {each.metadata.name for each in there}
    for name in spec.words(item, field):
        if name not in known:
            text = say(
                "{object}: {field} names {name}, which is not there", object=spec.called(item), field=field, name=name
            )
            yield Complaint(DANGLING, text)


def _lengths(configuration: Configuration, item: CustomObject) -> Iterator[Complaint]:
    """`validateBGPAdvPerPool`: no pool may be smaller than what is announced as one."""
    for version, field in _LENGTHS.items():
        length = spec.number(item, field, WHOLE[version])
        if length > WHOLE[version]:
            yield _refused(item, say("{field} is {length}, more than an address has", field=field, length=length))
            continue
        for pool in configuration.pools:
            spans = configuration.spans[pool.metadata.name] if is_for(item, pool) else ()
            if any(span.version == version and length < _widest(span) for span in spans):
                fault = say(
                    "{field} {length} is wider than a range of {pool}",
                    field=field,
                    length=length,
                    pool=spec.called(pool),
                )
                yield _refused(item, fault)


def _widest(span: Span) -> int:
    return min(network.prefixlen for network in span.networks())


def _communities(configuration: Configuration, item: CustomObject) -> Iterator[Complaint]:
    known = {name for each in configuration.of_kind("Community") for name, _ in aliases(each)}
    for written in spec.words(item, "communities"):
        if written in known:
            continue
        if is_value(written):
            if not can_be_read(written):
                yield _refused(item, say("{value} is no community", value=repr(written)))
            elif configuration.bgp == NATIVE and is_large(written):
                yield _refused(item, say("the native mode of BGP has no large communities: FRR has"))
        elif ":" in written:
            yield _refused(item, say("{value} is no community", value=repr(written)))
        elif not configuration.snapshot.gap("communities"):
            text = say(
                "{object} names the community {name}, which is not there", object=spec.called(item), name=written
            )
            yield Complaint(INCOMPLETE, text)


def _over_ipv6(configuration: Configuration, item: CustomObject) -> Iterator[Complaint]:
    for pool in configuration.pools:
        if is_for(item, pool) and _has(configuration, pool, 6):
            yield _refused(item, say("{pool} has IPv6, which the native mode of BGP has not", pool=spec.called(pool)))


def _has(configuration: Configuration, pool: CustomObject, version: int) -> bool:
    return any(span.version == version for span in configuration.spans[pool.metadata.name])


def _echoes(configuration: Configuration, item: CustomObject) -> Iterator[Complaint]:
    """`validateConfig`: no BFD echo where IPv6 is announced."""
    if not any(is_for(item, pool) and _has(configuration, pool, 6) for pool in configuration.pools):
        return
    echoing = {p.metadata.name for p in configuration.of_kind("BFDProfile") if spec.flag(p, "echoMode")}
    named = spec.words(item, "peers")
    for peer in configuration.peers:
        if (not named or peer.metadata.name in named) and spec.word(peer, "bfdProfile") in echoing:
            fault = say("{peer} uses BFD echo, which IPv6 has not", peer=spec.called(peer))
            yield _refused(item, fault)


def _preferences(configuration: Configuration) -> Iterator[Complaint]:
    """One route is announced with one local preference."""
    for one, other in combinations(configuration.of_kind(BY_BGP), 2):
        if spec.number(one, "localPref") == spec.number(other, "localPref"):
            continue
        peers = set(spec.words(one, "peers")), set(spec.words(other, "peers"))
        if all(peers) and peers[0].isdisjoint(peers[1]):
            continue
        if configuration.chosen(one).isdisjoint(configuration.chosen(other)):
            continue
        for pool in configuration.pools:
            if is_for(one, pool) and is_for(other, pool) and not _apart(configuration, pool, one, other):
                fault = say(
                    "its localPref is another one than that of {object}, for the same routes of {pool}",
                    object=spec.called(one),
                    pool=spec.called(pool),
                )
                yield _refused(other, fault)


def _apart(configuration: Configuration, pool: CustomObject, one: CustomObject, other: CustomObject) -> bool:
    """`isAggrLengthDifferent`: whether two advertisements of a pool announce different routes."""
    versions = [version for version in WHOLE if _has(configuration, pool, version)]
    return all(spec.number(one, _LENGTHS[v], WHOLE[v]) != spec.number(other, _LENGTHS[v], WHOLE[v]) for v in versions)
