"""Which pools an advertisement is for, on which nodes and to which routers. Pure."""

from checks.cluster.selectors import any_selects
from checks.cluster.snapshot import CustomObject, Service
from checks.metallb import spec
from checks.metallb.configuration import Configuration

BY_BGP = "BGPAdvertisement"


def is_for(advertisement: CustomObject, pool: CustomObject) -> bool:
    """Whether an advertisement is for a pool; one that names and selects none is for all (MetalLB's API reference)."""
    # A field of another type selects nothing, and is there all the same.
    if not advertisement.spec.get("ipAddressPools") and not advertisement.spec.get("ipAddressPoolSelectors"):
        return True
    selectors = spec.parts(advertisement, "ipAddressPoolSelectors")
    return pool.metadata.name in spec.words(advertisement, "ipAddressPools") or any_selects(
        selectors, pool.metadata.labels
    )


def takes(advertisement: CustomObject, service: Service) -> bool:
    """Whether an advertisement is for a Service; only newer versions of MetalLB choose among Services."""
    selectors = spec.parts(advertisement, "serviceSelectors")
    return not selectors or any_selects(selectors, service.metadata.labels)


def of_pool(configuration: Configuration, pool: CustomObject) -> tuple[CustomObject, ...]:
    """The advertisements of a pool."""
    return tuple(each for each in configuration.advertisements if is_for(each, pool))


def interfaces_of(advertisement: CustomObject) -> tuple[str, ...]:
    """The interfaces that an L2Advertisement is for; none where it is for all of them."""
    return tuple(spec.words(advertisement, "interfaces"))


def routers(configuration: Configuration, advertisement: CustomObject, node: str) -> tuple[CustomObject, ...]:
    """The BGPPeers that a node tells an advertisement's addresses."""
    named = spec.words(advertisement, "peers")
    return tuple(
        peer
        for peer in configuration.peers
        if (not named or peer.metadata.name in named) and node in configuration.chosen(peer)
    )
