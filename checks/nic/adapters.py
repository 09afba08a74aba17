"""Which adapters the nodes have, and what these offload. Pure."""

from collections.abc import Mapping, Sequence

from checks.code import Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.nic.model import Data, Feature, Interface
from checks.nic.nodes import Observed, adapters, evidence, silent, unless_seen
from checks.place import Node
from checks.text import Item, Text, names, say

ADAPTER = Code(
    name="nic.adapter",
    meaning="Which network adapter the virtual machines have",
    place=Node,
    outcomes=(
        Outcome("e1000e", Severity.OK, "an 82574L"),
        Outcome("e1000", Severity.OK, "an 82545EM"),
        Outcome("virtio", Severity.OK, "virtio-net of either generation"),
        Outcome("other", Severity.OK, "hardware of another make"),
        Outcome("vmxnet3", Severity.ADVICE, "VMXNET3, one adapter of the node's is enough"),
    ),
    role=Role.CIRCUMSTANCE,
)
TUNNEL_OFFLOAD = Code(
    name="nic.tunnel-offload",
    meaning="Whether a VMXNET3 adapter may offload checksum and segmentation of UDP tunnels",
    place=Node,
    outcomes=(
        Outcome("other-adapter", Severity.OK, "the node's adapter is no VMXNET3"),
        Outcome("off", Severity.OK, "it may do neither"),
        Outcome("on", Severity.ADVICE, "it may do either"),
    ),
    role=Role.CIRCUMSTANCE,
)

ADAPTERS = {
    "15ad:07b0": "vmxnet3",
    "8086:10d3": "e1000e",
    "8086:100f": "e1000",
    "1af4:1000": "virtio",
    "1af4:1041": "virtio",
}
"""PCI IDs (pci-ids.ucw.cz): VMXNET3, 82574L, 82545EM, virtio-net of both generations."""
DRIVERS = {"vmxnet3": "vmxnet3", "e1000e": "e1000e", "e1000": "e1000", "virtio_net": "virtio"}
"""What the driver is for, where no PCI ID can be read."""
TUNNEL_OFFLOADS = ("tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation")
"""vmxnet3 stops treating tunnels specially only when both are off (Linux, `vmxnet3_set_features`)."""


def kind(interface: Interface) -> str:
    """The outcome for one interface: by PCI ID, else by driver; `UNSEEN` for what is none, or does not tell."""
    known = ADAPTERS.get(interface.pci_id) or DRIVERS.get(interface.driver)
    return known or ("other" if interface.pci_id or (interface.hardware and interface.driver) else UNSEEN)


def judge_adapter(gathered: Observed) -> Finding:
    """A node with several adapters counts as the one that asks for most attention."""
    kinds = {h.node: _kind_of(h.data) for h in gathered.heard}
    seen = [Seen(Node(node), word) for node, word in kinds.items()]
    lines = [_line(h.node, h.data, i) for h in gathered.heard for i in adapters(h.data)]
    unidentified = say("No node's network adapter could be identified.")
    return unless_seen(ADAPTER, unidentified, gathered, seen, lines) or ADAPTER.found(
        _summary(kinds, [i for h in gathered.heard for i in adapters(h.data)]),
        [*seen, *silent(gathered)],
        evidence=evidence(gathered, lines),
    )


def _kind_of(data: Data) -> str:
    words = [kind(interface) for interface in adapters(data)]
    if "vmxnet3" in words:
        return "vmxnet3"
    # One that is not known may be a VMXNET3.
    return UNSEEN if UNSEEN in words or not words else max(words, key=ADAPTER.words.index)


def _summary(kinds: Mapping[str, str], interfaces: Sequence[Interface]) -> Text:
    count = list(kinds.values()).count("vmxnet3")
    if count:
        return say("Nodes with a VMXNET3 adapter: {count} of {total}.", count=count, total=len(kinds))
    makes = sorted({_make(interface) for interface in interfaces if kind(interface) != UNSEEN})
    unidentified = [node for node, word in kinds.items() if word == UNSEEN]
    if unidentified:
        return say(
            "The nodes' adapters are {makes}; on {nodes} it could not be identified.",
            makes=names(makes),
            nodes=names(unidentified),
        )
    return say("The nodes' adapters are {makes}.", makes=names(makes))


def _make(interface: Interface) -> str:
    """The adapter as people call it."""
    word = kind(interface)
    return interface.driver or interface.pci_id if word == "other" else word


def _line(node: str, data: Data, interface: Interface) -> Text:
    return say(
        "{node}: {interface} {adapter}, driver {driver}, PCI {pci}, MTU {mtu}, machine {machine}",
        node=node,
        interface=interface.name,
        adapter=say("not identified") if kind(interface) == UNSEEN else kind(interface),
        driver=interface.driver or say("not told"),
        pci=interface.pci_id or say("none"),
        mtu=interface.mtu or say("not told"),
        machine=f"{data.system_vendor} {data.product}".strip() or say("not told"),
    )


def judge_tunnel_offload(gathered: Observed) -> Finding:
    """`on` as long as either offload is, on one of the node's adapters."""
    seen = [Seen(Node(h.node), _offload_of(h.data)) for h in gathered.heard]
    vmxnet3 = [(h.node, i) for h in gathered.heard for i in adapters(h.data) if kind(i) == "vmxnet3"]
    lines = [
        say("{node}: {interface} {offloads}", node=node, interface=i.name, offloads=_offloads(i)) for node, i in vmxnet3
    ]
    untold = say("The kernel did not tell what the VMXNET3 adapters offload.")
    if not vmxnet3:
        untold = say("No adapter was identified, so nothing is known of its offloads.")
    everywhere = [*seen, *silent(gathered)]
    return unless_seen(TUNNEL_OFFLOAD, untold, gathered, seen, lines) or TUNNEL_OFFLOAD.found(
        _offload_summary({s.outcome for s in everywhere}), everywhere, evidence=evidence(gathered, lines)
    )


def _offload_of(data: Data) -> str:
    words = [_offload(interface) for interface in adapters(data)]
    if "on" in words:
        return "on"
    return UNSEEN if UNSEEN in words or not words else max(words, key=TUNNEL_OFFLOAD.words.index)


def _offload(interface: Interface) -> str:
    word = kind(interface)
    if word == UNSEEN or (word == "vmxnet3" and not interface.features):
        return UNSEEN
    if word != "vmxnet3":
        return "other-adapter"
    offloads = [feature for name in TUNNEL_OFFLOADS if (feature := interface.feature(name))]
    return "on" if any(feature.on for feature in offloads) else "off"


def _offload_summary(outcomes: set[str]) -> Text:
    if "on" in outcomes:
        return say("VMXNET3 offloads UDP tunnels: on some hosts that loses the packets inside.")
    if "off" in outcomes:
        return say("The VMXNET3 adapters do not offload UDP tunnels.")
    if UNSEEN in outcomes:
        return say("No adapter that could be looked at is a VMXNET3.")
    return say("No node has a VMXNET3 adapter, so its tunnel offload cannot be the trouble.")


def _offloads(interface: Interface) -> list[Item]:
    """The tunnel offloads in ethtool's words."""
    if not interface.features:
        return [say("offloads not told")]
    return [_state(name, interface.feature(name)) for name in TUNNEL_OFFLOADS]


def _state(name: str, feature: Feature | None) -> Text:
    if feature is None:
        return say("{offload}: not there", offload=name)
    state = ("on" if feature.on else "off") + " [fixed]" * feature.fixed
    return say("{offload}: {state}", offload=name, state=state)
