"""What MetalLB would refuse of BGPPeers and BFDProfiles, as internal/config/{config,validation}.go has it. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from checks.cluster.snapshot import CustomObject
from checks.metallb import spec
from checks.metallb.complaint import INCOMPLETE, REJECTED, Complaint
from checks.metallb.configuration import NATIVE, Configuration
from checks.metallb.selectors import fault_in
from checks.metallb.spans import parse_address
from checks.text import Text, say

BFD_BOUNDS: Mapping[str, tuple[int, int]] = {
    "detectMultiplier": (2, 255),
    "receiveInterval": (10, 60000),
    "transmitInterval": (10, 60000),
    "minimumTtl": (1, 254),
    "echoInterval": (10, 60000),
}
"""`bfdProfileFromCR`; milliseconds, hops and a factor."""
FRR_ONLY = (
    "bfdProfile",
    "keepaliveTime",
    "vrf",
    "connectTime",
    "enableGracefulRestart",
    "disableMP",
    "dualStackAddressFamily",
    "dynamicASN",
    "interface",
)
"""`DiscardFRROnly`: what the native mode of BGP does not know."""
SHORTEST_HOLD_S = 3.0
"""RFC 4271: a hold time is 0 or at least three seconds."""
_UNITS_S = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"([\d.]+)(ns|us|µs|ms|s|m|h)")


def complaints(configuration: Configuration) -> Iterator[Complaint]:
    """Of all peers and profiles."""
    profiles = configuration.of_kind("BFDProfile")
    known = {profile.metadata.name for profile in profiles}
    for profile in profiles:
        yield from _of_profile(profile)
    for peer in configuration.peers:
        for fault in filter(None, (rule(peer) for rule in _RULES)):
            yield _refused(peer, fault)
        named = spec.word(peer, "bfdProfile")
        if named and named not in known and not configuration.snapshot.gap("bfdprofiles"):
            text = say("{object} names the BFDProfile {name}, which is not there", object=spec.called(peer), name=named)
            yield Complaint(INCOMPLETE, text)
    if configuration.bgp == NATIVE:
        yield from _native(configuration.peers, profiles)
    elif configuration.bgp:
        yield from _frr(configuration.peers)


def _refused(item: CustomObject, fault: Text) -> Complaint:
    return Complaint(REJECTED, say("{object}: {fault}", object=spec.called(item), fault=fault))


def _of_profile(profile: CustomObject) -> Iterator[Complaint]:
    for name, (least, most) in BFD_BOUNDS.items():
        value = spec.number(profile, name, least)
        if not least <= value <= most:
            fault = say("{field} is {value}, not {least} to {most}", field=name, value=value, least=least, most=most)
            yield _refused(profile, fault)


def _numbers(peer: CustomObject) -> Text | None:
    own, other, dynamic = spec.number(peer, "myASN"), spec.number(peer, "peerASN"), spec.word(peer, "dynamicASN")
    if not own:
        return say("it has no AS number of the cluster's side (myASN)")
    if not other and not dynamic:
        return say("it has no AS number of the router (peerASN)")
    if other and dynamic:
        return say("it has both peerASN and dynamicASN")
    if dynamic not in ("", "internal", "external"):
        return say("dynamicASN is {value}, not internal or external", value=dynamic)
    if other == own and spec.flag(peer, "ebgpMultiHop"):
        return say("ebgpMultiHop is set, though both sides have one AS number")
    return None


def _where(peer: CustomObject) -> Text | None:
    address, interface = spec.word(peer, "peerAddress"), spec.word(peer, "interface")
    if not address and not interface:
        return say("it names neither an address nor an interface")
    if address and interface:
        return say("it names both an address and an interface")
    return None


def _addresses(peer: CustomObject) -> Text | None:
    for field in ("peerAddress", "routerID", "sourceAddress"):
        written = spec.word(peer, field)
        if written and not _is_address(written):
            return say("{field} {value} is no address", field=field, value=repr(written))
    return None


def _is_address(written: str) -> bool:
    try:
        parse_address(written)
    except ValueError:
        return False
    return True


def _timers(peer: CustomObject) -> Text | None:
    """As `parseTimers`: the one that is not given follows from the other."""
    hold, keepalive = duration_s(peer, "holdTime"), duration_s(peer, "keepaliveTime")
    if hold is None and keepalive is None:
        return None
    hold_s = hold if hold is not None else 3 * (keepalive or 0.0)
    if 0 < int(hold_s) < SHORTEST_HOLD_S:
        return say("its hold time is neither 0 nor at least 3 s")
    if keepalive is not None and keepalive > hold_s:
        return say("keepaliveTime is longer than holdTime")
    return None


def duration_s(item: CustomObject, name: str) -> float | None:
    """A duration as Go writes it (`1m30s`), in seconds; None where there is none."""
    written = spec.word(item, name)
    found = _DURATION.findall(written)
    return sum(float(number) * _UNITS_S[unit] for number, unit in found) if found else None


def _selectors(peer: CustomObject) -> Text | None:
    fault = fault_in(spec.parts(peer, "nodeSelectors"))
    return say("nodeSelectors: {fault}", fault=fault) if fault else None


def _password(peer: CustomObject) -> Text | None:
    if spec.word(peer, "password") and spec.section(peer, "passwordSecret").get("name"):
        return say("it has both a password and a Secret for it")
    return None


_RULES: Sequence[Callable[[CustomObject], Text | None]] = (
    _numbers,
    _where,
    _addresses,
    _timers,
    _selectors,
    _password,
)


def _native(peers: Sequence[CustomObject], profiles: Sequence[CustomObject]) -> Iterator[Complaint]:
    for peer in peers:
        for field in FRR_ONLY:
            value = peer.spec.get(field)
            if value and not (field == "keepaliveTime" and duration_s(peer, field) == 0):
                yield _refused(peer, say("the native mode of BGP has no {field}: FRR has", field=field))
    for profile in profiles:
        yield _refused(profile, say("the native mode of BGP has no BFD: FRR has"))


def _frr(peers: Sequence[CustomObject]) -> Iterator[Complaint]:
    """`DiscardNativeOnly`: what FRR cannot do."""
    for one, other in combinations(peers, 2):
        same_vrf = spec.word(one, "vrf") == spec.word(other, "vrf")
        beside = spec.called(one)
        if spec.word(one, "routerID") != spec.word(other, "routerID"):
            yield _refused(other, say("its routerID is another one than that of {object}", object=beside))
        if same_vrf and _end(one) == _end(other):
            yield _refused(other, say("it is for the same router as {object}", object=beside))
        if same_vrf and spec.number(one, "myASN") != spec.number(other, "myASN"):
            yield _refused(other, say("its myASN is another one than that of {object}", object=beside))


def _end(peer: CustomObject) -> str:
    return spec.word(peer, "peerAddress") or spec.word(peer, "interface")
