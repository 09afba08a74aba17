"""Which nodes may announce the addresses of a pool, and why the others may not. Pure.

As `ShouldAnnounce` of speaker/layer2_controller.go and speaker/bgp_controller.go (0.15.3) decides. It does not ask for
interfaces: a node without any of those that its advertisements name is chosen all the same, and then answers nobody
(MetalLB's documentation, "Specify network interfaces that LB IP can be announced from").
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from checks.cluster.snapshot import CustomObject, Node, Service
from checks.metallb.advertising import BY_BGP, interfaces_of, of_pool, routers, takes
from checks.metallb.configuration import Configuration
from checks.text import Text, say

EXCLUDED_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
NOT_ANNOUNCED, EXCLUDED, NO_PEER, NO_SPEAKER, NO_NETWORK, NO_INTERFACE, NOT_CHOSEN = (
    "not-announced",
    "excluded",
    "no-peer",
    "no-speaker",
    "no-network",
    "no-interface",
    "not-chosen",
)
REASONS: Mapping[str, Text] = {
    EXCLUDED: say("the label node.kubernetes.io/exclude-from-external-load-balancers excludes it"),
    NO_PEER: say("no BGPPeer is for it"),
    NO_SPEAKER: say("no speaker is ready on it"),
    NO_NETWORK: say("its condition NetworkUnavailable is True"),
    NO_INTERFACE: say("it has none of the interfaces that the advertisements name"),
    NOT_CHOSEN: say("no advertisement of the pool chooses it"),
}
NO_NODE = "no-node"


@dataclass(frozen=True)
class Announcers:
    """The nodes for the advertisements of one pool, and of one Service where it is given."""

    configuration: Configuration
    advertisements: tuple[CustomObject, ...]
    """Those that are for the pool, and for the Service."""

    @cached_property
    def by_node(self) -> Mapping[str, str]:
        """Why a node may not announce; empty where it may."""
        return {node.name: self._why_not(node) for node in self.configuration.snapshot.nodes}

    @cached_property
    def able(self) -> tuple[str, ...]:
        """The nodes that may."""
        return tuple(sorted(node for node, why in self.by_node.items() if not why))

    @cached_property
    def outcome(self) -> str:
        """`pass`, or why nobody may."""
        if self.able:
            return "pass"
        if not self.advertisements:
            return NOT_ANNOUNCED
        reasons = Counter(why for why in self.by_node.values() if why != NOT_CHOSEN)
        # Only when the label alone keeps all of them from it: a node without a speaker would not announce anyway.
        return next(
            (why for why in (NO_PEER, EXCLUDED) if reasons and set(reasons) <= {why, NO_SPEAKER} and reasons[why]),
            NO_NODE,
        )

    def _why_not(self, node: Node) -> str:
        own = [each for each in self.advertisements if node.name in self.configuration.chosen(each)]
        by_l2 = [each for each in own if each.kind != BY_BGP]
        excluded = EXCLUDED_LABEL in node.metadata.labels and not self.configuration.ignores_exclusion
        hindrances = {
            NOT_CHOSEN: not own,
            NO_SPEAKER: not self.configuration.speaks(node.name),
            NO_NETWORK: any(c.type == "NetworkUnavailable" and c.status == "True" for c in node.status.conditions),
            EXCLUDED: excluded,
            NO_INTERFACE: by_l2 == own and self._lacks_interfaces(node.name, by_l2),
            NO_PEER: not by_l2 and self._lacks_peer(node.name, own),
        }
        return next((why for why, holds in hindrances.items() if holds), "")

    def _lacks_peer(self, node: str, own: Sequence[CustomObject]) -> bool:
        unread = self.configuration.snapshot.gap("bgppeers")
        return not unread and not any(routers(self.configuration, each, node) for each in own)

    def _lacks_interfaces(self, node: str, by_l2: Sequence[CustomObject]) -> bool:
        """Whether each names interfaces, and the node told that it has none of them."""
        named = [interfaces_of(each) for each in by_l2]
        there = self.configuration.interfaces.get(node)
        return there is not None and all(named) and there.isdisjoint(name for every in named for name in every)

    @property
    def lines(self) -> list[Text]:
        """Each node that may not, and why."""
        return [say("not {node}: {why}", node=node, why=REASONS[why]) for node, why in self.by_node.items() if why]


def announcers_of(configuration: Configuration, pool: CustomObject, service: Service | None = None) -> Announcers:
    """The nodes for one pool, and for one Service of it where it is given."""
    every = of_pool(configuration, pool)
    own = tuple(each for each in every if service is None or takes(each, service))
    key = ("announcers", pool.metadata.name, *(f"{each.kind}/{each.metadata.name}" for each in own))
    return cast("Announcers", configuration.kept.setdefault(key, Announcers(configuration, own)))
