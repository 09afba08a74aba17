"""Address ranges as MetalLB takes them, and what they must not overlap. Pure."""

import ipaddress
from collections.abc import Iterator, Sequence

from checks.inventory import Inventory
from checks.text import Text, say

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Range = tuple[Address, Address]
"""First and last address."""
_SERVICE_PREFIX = {4: 16, 6: 112}
"""How much around a cluster IP is taken for the service network: nothing tells its true size to an ordinary role, and a
pool that close to it is a mistake at any size."""


class Wrong(Exception):  # noqa: N818 - says what is the case
    """The ranges cannot be read; says which and how they are written."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.template)
        self.text = text


def parse(written: str) -> list[Range]:
    """Ranges (`192.0.2.10-192.0.2.50`), networks (`192.0.2.0/28`) and single addresses, separated by commas.

    Raises:
        Wrong: there is none, or one cannot be read.
    """
    parts = [part.strip() for part in written.split(",") if part.strip()]
    if not parts:
        raise Wrong(say("Which addresses? Write them as {example}.", example="addresses=192.0.2.10-192.0.2.50"))
    return [_range(part) for part in parts]


def _range(part: str) -> Range:
    try:
        if "-" in part:
            first, last = (ipaddress.ip_address(end.strip()) for end in part.split("-", 1))
        else:
            network = ipaddress.ip_network(part, strict=True)
            first, last = network[0], network[-1]
    except ValueError as error:
        raise Wrong(say("{part} is no range of addresses: {error}.", part=part, error=str(error))) from None
    if first.version != last.version or int(first) > int(last):
        raise Wrong(say("{part} is no range of addresses: its end is not after its beginning.", part=part))
    return first, last


def overlaps(ranges: Sequence[Range], inventory: Inventory) -> Iterator[Text]:
    """What is taken: addresses of nodes, networks of pods and Services, other pools; and what is written twice."""
    taken = [*_nodes(inventory), *_pods(inventory), *_services(inventory), *_pools(inventory)]
    for number, (first, last) in enumerate(ranges):
        for what, (begin, end) in taken:
            if _meet((first, last), (begin, end)):
                yield say(
                    "{first}-{last} overlaps {what}, {begin}-{end}.",
                    first=str(first),
                    last=str(last),
                    what=what,
                    begin=str(begin),
                    end=str(end),
                )
        if any(_meet((first, last), other) for other in ranges[:number]):
            yield say("{first}-{last} is written twice.", first=str(first), last=str(last))


def _meet(one: Range, other: Range) -> bool:
    same = one[0].version == other[0].version
    return same and int(one[0]) <= int(other[1]) and int(other[0]) <= int(one[1])


def _nodes(inventory: Inventory) -> Iterator[tuple[Text, Range]]:
    for machine in inventory.machines:
        if machine.address:
            address = ipaddress.ip_address(machine.address)
            yield say("the address of the node {node}", node=machine.name), (address, address)


def _pods(inventory: Inventory) -> Iterator[tuple[Text, Range]]:
    for written in inventory.pod_networks:
        network = ipaddress.ip_network(written, strict=False)
        yield say("the pod network {network}", network=written), (network[0], network[-1])


def _services(inventory: Inventory) -> Iterator[tuple[Text, Range]]:
    networks = {
        ipaddress.ip_network(f"{ip}/{_SERVICE_PREFIX[ipaddress.ip_address(ip).version]}", strict=False)
        for ip in inventory.services
    }
    for network in sorted(networks, key=str):
        yield say("the network of the Services around {ip}", ip=str(network[1])), (network[0], network[-1])


def _pools(inventory: Inventory) -> Iterator[tuple[Text, Range]]:
    for name, addresses in inventory.pools.items():
        for written in addresses:
            try:
                yield say("the pool {pool}", pool=name), _range(written)
            except Wrong:
                # MetalLB has taken it, so it is for MetalLB to read it.
                continue
