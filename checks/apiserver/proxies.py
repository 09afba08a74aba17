"""Which addresses Go sends to an HTTP proxy, by the environment of a process. Pure.

As `golang.org/x/net/http/httpproxy` reads it, on which `net/http` and so every Kubernetes component stands: entries are
parted by commas alone; a network holds for addresses alone, never for names; a name holds for what is below it too,
with a dot before it for that alone; a port narrows down names and addresses, and `*` is for everything.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxies:
    """The part of an environment that is about proxies."""

    https: str = ""
    """The proxy for what is asked by HTTPS; empty where there is none."""
    exceptions: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Proxies":
        """Capitals come first; an empty value is none."""
        values = [environment.get(name) or environment.get(name.lower(), "") for name in ("HTTPS_PROXY", "NO_PROXY")]
        entries = (entry.strip().lower() for entry in values[1].split(","))
        return cls(values[0].strip(), tuple(filter(None, entries)))

    def takes(self, host: str, port: int) -> bool:
        """Whether a request by HTTPS to a host (a name or an address) and port goes to the proxy."""
        if not self.https or host == "localhost":
            return False
        name, address = host.strip().lower(), _address(host)
        if address is not None and address.is_loopback:
            return False
        return not any(_is_excepted(entry, name, address, port) for entry in self.exceptions)


def _is_excepted(entry: str, name: str, address: Address | None, port: int) -> bool:
    if entry == "*":
        return True
    network = _network(entry)
    if network is not None:
        return address is not None and address.version == network.version and address in network
    host, at = _split(entry)
    if at and at != str(port):
        return False
    own = _address(host)
    if own is not None or address is not None:
        return own is not None and own == address
    suffix = host[1:] if host.startswith("*.") else host
    whole = suffix if suffix.startswith(".") else f".{suffix}"
    return bool(suffix) and (name.endswith(whole) or name == suffix)


def _split(entry: str) -> tuple[str, str]:
    """Host and port of an entry; an IPv6 address with a port stands in brackets."""
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        return (host, rest[1:]) if rest.startswith(":") else (entry, "")
    host, _, port = entry.partition(":")
    return (entry, "") if ":" in port else (host, port)


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address


def _network(text: str) -> Network | None:
    """A network in CIDR notation, whatever its host bits."""
    try:
        return ipaddress.ip_network(text, strict=False) if "/" in text else None
    except ValueError:
        return None
