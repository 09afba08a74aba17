"""The VXLAN devices of this network namespace, and where it would send what is for pods of other nodes."""

import ipaddress
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.kernel.routing import Entry, neighbours, route_to, vxlan_entries
from checks.kernel.sysfs import as_shown, read_text
from checks.node.model import Device, Wanted, Way

FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


def devices(sysfs: Path, names: Sequence[str]) -> Iterator[Device]:
    """The devices of these names, as they are or are not."""
    for name in names:
        path = sysfs / "class" / "net" / name
        if "/" not in name and name not in ("", ".", ".."):
            up = read_text(path / "operstate") != "down"
            yield Device(name=as_shown(name), mac=read_text(path / "address"), up=up)


def ways(wanted: Sequence[Wanted]) -> tuple[Way, ...]:
    """The way to each of these subnets.

    Raises:
        OSError: the kernel does not tell.
    """
    networks = [(each, _network(each.subnet)) for each in wanted]
    versions = {network.version for _, network in networks if network}
    if not versions:
        return ()
    known = {version: list(neighbours(FAMILIES[version])) for version in sorted(versions)}
    machines = list(vxlan_entries())
    return tuple(_way(each, network, known[network.version], machines) for each, network in networks if network)


def _network(subnet: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(subnet)
    except ValueError:
        return None


def _way(
    wanted: Wanted,
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
    known: Sequence[Entry],
    machines: Sequence[Entry],
) -> Way:
    route = route_to(str(network.network_address))
    if route is None:
        return Way(subnet=wanted.subnet)
    index = _index(route.interface)
    at_gateway = (e.mac for e in known if e.index == index and e.address == route.gateway)
    return Way(
        subnet=wanted.subnet,
        network=route.network,
        gateway=route.gateway,
        interface=as_shown(route.interface),
        neighbour=next(at_gateway, ""),
        machines=tuple(e.address for e in machines if e.index == index and e.mac == wanted.mac and e.address),
    )


def _index(interface: str) -> int:
    try:
        return socket.if_nametoindex(interface)
    except OSError:
        return 0
