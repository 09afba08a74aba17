"""What the resolver of this process is told: `/etc/resolv.conf`, as resolv.conf(5) and glibc's res_init.c have it."""

from pathlib import Path

import msgspec

from checks.kernel.sysfs import number, read_text

RESOLV_CONF = Path("/etc/resolv.conf")
"""A kubelet mounts it into every container: the node's own for pods of dnsPolicy Default and of the host network, else
what it tells pods."""
_USUAL_NDOTS = 1
_MOST_NDOTS = 15
"""glibc takes more for this many (RES_MAXNDOTS of resolv.h)."""


class Resolver(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a resolver is told."""

    nameservers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    """The domains that are put behind names, without the dot at their end, in the order of their trial."""
    ndots: int = _USUAL_NDOTS
    """Dots from which on a name is tried as it is first."""

    @property
    def zone(self) -> str:
        """The cluster's zone, as kubelets tell it to pods (`NAMESPACE.svc.ZONE svc.ZONE ZONE`); else empty."""
        services = next((domain for domain in self.search if domain.startswith("svc.")), "")
        return services.removeprefix("svc.")

    @property
    def strange(self) -> tuple[str, ...]:
        """The domains that are searched and are none of the cluster's: kubelets take them from the node."""
        return tuple(d for d in self.search if d and not f".{d}".endswith(f".{self.zone}")) if self.zone else ()


def read_resolver(path: Path = RESOLV_CONF) -> Resolver | None:
    """The settings, of several lines the last where only one counts; None where there is no file."""
    text = read_text(path)
    if not text:
        return None
    nameservers: list[str] = []
    search: tuple[str, ...] = ()
    ndots = _USUAL_NDOTS
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["nameserver"]:
            nameservers += words[1:2]
        elif words[:1] in (["search"], ["domain"]):
            search = tuple(word.rstrip(".").lower() for word in words[1:] if word != ".")
        elif words[:1] == ["options"]:
            given = [word.removeprefix("ndots:") for word in words[1:] if word.startswith("ndots:")]
            ndots = next((dots for each in reversed(given) if (dots := number(each)) is not None), ndots)
    return Resolver(nameservers=tuple(nameservers), search=search, ndots=min(ndots, _MOST_NDOTS))
