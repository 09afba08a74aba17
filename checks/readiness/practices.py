"""The practices, as a table: what each is told by, and what to do where it is not met.

They are those of the write-up that this project was founded on (proven adapters, IPv6 tested before production, CoreDNS
monitored, what is below MetalLB made sure of), each in the words of the checks that look at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from checks.text import Text, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """One practice."""

    name: str
    """For scripts."""
    title: Text
    """What holds where it is met."""
    codes: tuple[str, ...]
    """The finding codes that tell; a check that looks at none of them is not run."""
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By code further outcomes with which it is not met, although a cluster with them may well be healthy."""
    do: Text
    """What to do where it is not met."""


PRACTICES = (
    Practice(
        name="adapters",
        title=say("Every node has a network adapter that is proven, without damaged packets"),
        codes=("nic.adapter", "nic.tunnel-offload", "nic.errors", "nic.hangs", "paths.checksum-errors"),
        # Such an adapter is well until its offload meets a tunnel that it cannot carry.
        faults={"nic.tunnel-offload": ("on",)},
        do=say(
            "VMXNET3: switch its tunnel offload off (`netcheck plan offload-off`), or take e1000e "
            "(`netcheck plan vmxnet3-to-e1000e`)."
        ),
    ),
    Practice(
        name="ipv6",
        title=say("IPv6 is steady where it is used"),
        codes=(
            "ipv6.dad",
            "ipv6.default-route",
            "ipv6.advertisements",
            "ipv6.pod-networks",
            "ipv6.host-reach",
            "ipv6.reach",
            "ipv6.dns",
            "ipv6.steady",
        ),
        do=say("`netcheck plan verify-ipv6` goes through addresses, routes and router advertisements."),
    ),
    Practice(
        name="dns",
        title=say("CoreDNS answers everywhere, and its replicas are spread over nodes"),
        codes=(
            "parts.dns",
            "dns.service",
            "dns.replica-local",
            "dns.replica-remote",
            "dns.replica-loss",
            "dns.answers",
            "dns.edns",
            "dns.external",
            "dns.large-answers",
            "dns.upstreams",
            "dns.zone",
            "dns.node-cache",
            "dns.one-socket",
            "dns.spread",
        ),
        do=say(
            "`netcheck run dns` has each replica. Spread them with a topologySpreadConstraint, and have a channel hear "
            "of them: `netcheck digest add`."
        ),
    ),
    Practice(
        name="mtu",
        title=say("The MTU is the same on all nodes, and leaves room for the tunnel"),
        codes=("nic.mtu", "mtu.path", "mtu.pods"),
        do=say("`netcheck plan tunnel-mtu` has the commands that bring them together."),
    ),
    Practice(
        name="paths",
        title=say("Nodes and pods reach each other, with small packets and with large ones"),
        codes=(
            "paths.host-tcp",
            "paths.same-node",
            "paths.cross-ping",
            "paths.cross-tcp",
            "paths.cross-tcp-bulk",
            "paths.host-pod",
            "paths.host-loss",
            "paths.pod-loss",
            "paths.rejections",
            "paths.reached",
            "paths.api-server",
            "paths.kubelet",
            "paths.api-service",
        ),
        do=say("`netcheck diagnose` weighs the causes."),
    ),
    Practice(
        name="metallb",
        title=say("What MetalLB needs is there: speakers, pools that are announced, a webhook that answers"),
        codes=(
            "metallb.installed",
            "metallb.controller",
            "metallb.speaker",
            "metallb.objects",
            "metallb.pools",
            "metallb.addresses",
            "metallb.announced",
            "metallb.announcers",
            "metallb.configuration",
            "metallb.overlap",
            "metallb.room",
            "metallb.lives",
            "metallb.memberlist",
            "metallb.bgp",
            "webhook.dry-run",
            "kube-proxy.strict-arp",
        ),
        do=say("`netcheck run metallb` and `netcheck run webhook` say what is missing."),
    ),
    Practice(
        name="webhooks",
        title=say("Every webhook has endpoints that answer, and a certificate that verifies"),
        codes=(
            "webhook.endpoints",
            "paths.webhook-local",
            "webhook.url",
            "webhook.ca-bundle",
            "webhook.configuration",
            "apiserver.admission",
        ),
        do=say("`netcheck run webhook` names each; `netcheck plan webhook-endpoints` has the commands."),
    ),
    Practice(
        name="services",
        title=say("Services lead to the right pods on the right port, and every node follows their changes"),
        codes=(
            "services.target-port",
            "services.selector",
            "services.local",
            "services.aggregated",
            "kube-proxy.health",
            "kube-proxy.leftovers",
        ),
        do=say("`netcheck plan mend-service`, or `netcheck plan restart-kube-proxy`, has the commands."),
    ),
    Practice(
        name="api-servers",
        title=say("API servers are ready, and get into the cluster without a detour"),
        codes=("apiserver.ready", "apiserver.proxy", "apiserver.tunnel"),
        do=say("`netcheck run apiserver` names the check or the exception that is missing."),
    ),
    Practice(
        name="nodes",
        title=say("Every node is ready, told apart from the others, and forwards what its network plugin set up"),
        codes=(
            "node.ready",
            "node.network",
            "node.address",
            "node.machine",
            "node.pod-cidr",
            "node.pod-cidr-overlap",
            "node.overlay",
            "node.forwarding",
            "node.reverse-path",
            "node.bridge-filter",
            "node.conntrack",
            "node.neighbours",
            "node.clock",
            "parts.cni",
            "parts.kube-proxy",
        ),
        do=say("`netcheck diagnose` weighs the causes; `netcheck plan recover-node` has the commands for a node."),
    ),
    Practice(
        name="versions",
        title=say("No node runs a kernel, kubelet or system with a known fault of the network"),
        codes=("node.versions",),
        do=say("`netcheck run node` names the fault and its source: update that node."),
    ),
)


def checks_of(practices: tuple[Practice, ...] = PRACTICES) -> tuple[str, ...]:
    """The checks that tell of these, each once."""
    return tuple(dict.fromkeys(code.partition(".")[0] for practice in practices for code in practice.codes))
