"""A recording, typed: what each check saw at each node. Pure."""

import functools
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from bot.runs.bundle import Bundle
from checks.dns.model import Asked
from checks.dns.model import Data as DnsData
from checks.mtu.model import Data as MtuData
from checks.nic.model import Data as NicData
from checks.observation import Network, State
from checks.paths.model import Data as PathsData
from checks.paths.model import Measurement
from checks.webhook.model import Data as WebhookData

T = TypeVar("T")


class Recording:
    """What was recorded; what cannot be read counts as not recorded."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @functools.cached_property
    def nics(self) -> dict[str, NicData]:
        """By node."""
        return {node: data for (_, node), data in self._of("nic", NicData)}

    @functools.cached_property
    def paths(self) -> dict[tuple[Network, str], PathsData]:
        """By the network and the node of whoever probed."""
        return dict(self._of("paths", PathsData))

    @functools.cached_property
    def sizes(self) -> dict[tuple[Network, str], MtuData]:
        """By the network and the node of whoever measured."""
        return dict(self._of("mtu", MtuData))

    @functools.cached_property
    def dns(self) -> dict[tuple[Network, str], DnsData]:
        """By the network and the node of whoever asked."""
        return dict(self._of("dns", DnsData))

    @functools.cached_property
    def webhook(self) -> dict[tuple[Network, str], WebhookData]:
        """By the network and the node; the dry run is the cluster's."""
        return dict(self._of("webhook", WebhookData))

    def measured(self) -> Iterator[tuple[Network, str, Measurement]]:
        """Every probe of the matrix."""
        for (network, node), data in self.paths.items():
            for measurement in data.measurements:
                yield network, node, measurement

    def asked(self) -> Iterator[tuple[Network, str, Asked]]:
        """Everybody who asked a DNS server."""
        for (network, node), data in self.dns.items():
            for asked in data.asked:
                yield network, node, asked

    def _of(self, check: str, kind: type[T]) -> Iterator[tuple[tuple[Network, str], T]]:
        for seen in self.bundle.observations:
            if (seen.check, seen.name) == (check, "") and seen.state is State.OBSERVED:
                yield (seen.network, seen.node), msgspec.convert(seen.data, kind)
