"""The causes that netcheck knows, as a table: what each predicts, its least disruptive fix, its rollback, its source.

A prediction gives, for a finding code, the probability of each outcome if the cause holds. Outcomes that are not named
share `REST`. A code that a cause does not mention is expected to look as on a healthy cluster (`NORMAL`), because a
cause that would disturb it would say so. The numbers say "nearly always", "mostly", "may"; they are judgements drawn from the
sources named with each cause, not measured frequencies, and the verdicts do not hang on their second digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

REST = 0.02
"""The share of all outcomes that a prediction does not name."""
SURE, MOSTLY, EVEN, RARELY, NEVER = 0.96, 0.8, 0.5, 0.15, 0.0005

Outcomes = Mapping[str, float]

FAILS: Outcomes = {"fail": SURE}
MAY_FAIL: Outcomes = {"fail": EVEN, "pass": EVEN}
PASSES: Outcomes = {"pass": SURE}
TIMES_OUT: Outcomes = {"timeout": SURE, "pass": 0.1}
# The API server meets a broken tunnel only if the webhook's pod is on another node, and only if that pair is affected.
TUNNEL_DRY_RUN: Outcomes = {"timeout": MOSTLY, "pass-local": 0.3, "pass": 0.2}
# A replica that loses queries of its own node is not behind a tunnel.
BY_PATH: Outcomes = {"by-path": EVEN, "pass": EVEN, "all-replicas": 0.3, "one-replica": NEVER, "both": NEVER}

TUNNEL_DEAD: dict[str, Outcomes] = {
    "paths.cross-ping": FAILS,
    "paths.cross-tcp": FAILS,
    "paths.host-pod": FAILS,
    "paths.cross-tcp-bulk": FAILS,
    "paths.webhook-endpoint": TIMES_OUT,
    "paths.webhook-service": TIMES_OUT,
    "paths.path-mtu": {"pass": EVEN, "black-hole": RARELY},
    "webhook.dry-run": TUNNEL_DRY_RUN,
    "webhook.error-text": {"timeout": SURE},
    "dns.replica-remote": {"fail": MOSTLY, "pass": 0.2},
    "dns.replica-loss": BY_PATH,
    "dns.transport": MAY_FAIL,
    "dns.service": MAY_FAIL,
    "ipv6.reach": {"not-used": MOSTLY, "fail": MOSTLY},
    "ipv6.dns": {"not-used": MOSTLY, "fail": MOSTLY},
    "metallb.speaker": {"pass": MOSTLY, "fail": RARELY},
}
"""Nothing that is wrapped in VXLAN arrives, whoever eats it."""

NORMAL: Mapping[str, Outcomes] = {
    "webhook.dry-run": {"pass": SURE, "pass-local": SURE, "denied": SURE},
    "webhook.error-text": {"other": 0.3, "denied": 0.3},
    "ipv6.reach": {"pass": SURE, "not-used": SURE},
    "ipv6.dns": {"pass": SURE, "not-used": SURE},
    "ipv6.default-route": {"pass": SURE, "not-used": SURE, "none": SURE},
    "paths.path-mtu": {"pass": SURE, "small": EVEN},
    "metallb.installed": {"pass": SURE, "absent": SURE},
    "metallb.controller": {"pass": SURE, "not-used": SURE},
    "metallb.speaker": {"pass": SURE, "not-used": SURE},
    "metallb.pools": {"pass": SURE, "not-used": SURE},
}
"""What a cluster without the fault shows, where that is more than `pass`."""

NEUTRAL = frozenset({"nic.adapter", "nic.tunnel-offload", "ipv6.in-use", "diagnosis.at-risk-pairs"})
"""Codes that describe the cluster rather than its health: they count only for causes that predict them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseEntry:
    """One row of the table."""

    slug: str
    title: str
    prior: float
    """How common it is among clusters that people ask about, relative to the others."""
    predicts: Mapping[str, Outcomes] = field(default_factory=dict)
    fix: str = ""
    at: str = ""
    """The finding whose places are where the fix belongs; none: those of the strongest evidence."""
    rollback: str = ""
    decide: str = ""
    """The probe that tells it from its nearest rival."""
    source: str = ""


_OFFLOAD_FIX = (
    "On both nodes of one failing pair first, with IFACE the VMXNET3 adapter (`eth0` or so): `ethtool -K IFACE "
    "tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off` (both: one alone does nothing). On Talos 1.10 or newer: an "
    "EthernetConfig document with both features false, applied with `--mode=no-reboot`. Then diagnose again. If that is not "
    "possible or does not help, replace the adapter with e1000e."
)
_OFFLOAD_ROLLBACK = (
    "`ethtool -K IFACE tx-udp_tnl-segmentation on tx-udp_tnl-csum-segmentation on`; on Talos set both to true."
)

CAUSES: tuple[CauseEntry, ...] = (
    CauseEntry(slug="healthy", title="Healthy", prior=1.0, fix="Nothing to do."),
    CauseEntry(
        slug="vmxnet3-tunnel-offload",
        title="VMXNET3 tunnel offload breaks traffic between nodes",
        prior=0.2,
        predicts={
            "nic.adapter": {"vmxnet3": SURE, "e1000e": NEVER, "other": NEVER},
            "nic.tunnel-offload": {"on": SURE, "off": NEVER, "other-adapter": NEVER},
            "diagnosis.at-risk-pairs": {"pass": SURE},
            "paths.host-tcp": PASSES,
            "paths.same-node": PASSES,
            "paths.cross-ping": {"pass": 0.9, "fail": 0.1},
            "paths.cross-tcp": {"fail": SURE},
            "paths.host-pod": FAILS,
            "paths.cross-tcp-bulk": {"fail": SURE},
            "paths.webhook-endpoint": TIMES_OUT,
            "paths.webhook-service": TIMES_OUT,
            "paths.checksum-errors": {"rising": 0.6, "pass": EVEN},
            "paths.path-mtu": {"pass": EVEN, "black-hole": RARELY, "small": RARELY},
            "webhook.dry-run": TUNNEL_DRY_RUN,
            "webhook.error-text": {"timeout": SURE},
            "dns.replica-remote": MAY_FAIL,
            "dns.replica-loss": BY_PATH,
            "dns.transport": {"udp-only": EVEN, "pass": EVEN},
            "dns.service": MAY_FAIL,
            "ipv6.reach": {"not-used": MOSTLY, "fail": EVEN, "pass": EVEN},
            "ipv6.dns": {"not-used": MOSTLY, "fail": EVEN, "pass": EVEN},
            "metallb.controller": {"pass": MOSTLY, "fail": RARELY},
            "metallb.speaker": {"pass": MOSTLY, "fail": RARELY},
        },
        at="nic.tunnel-offload",
        fix=_OFFLOAD_FIX,
        rollback=_OFFLOAD_ROLLBACK,
        decide="Switch both tunnel offloads off on one pair of nodes and probe that pair again: it must flip.",
        source="Talos documentation on VMware; Linux vmxnet3_set_features; metallb/metallb #2566",
    ),
    CauseEntry(
        slug="vmxnet3-lro",
        title="VMXNET3 large receive offload damages bulk TCP",
        prior=0.02,
        predicts={
            "nic.adapter": {"vmxnet3": SURE, "e1000e": NEVER, "other": NEVER},
            "paths.cross-tcp": PASSES,
            "paths.cross-tcp-bulk": FAILS,
            "paths.path-mtu": PASSES,
            "webhook.dry-run": {"timeout": EVEN, "pass": EVEN, "pass-local": EVEN},
            "webhook.error-text": {"timeout": SURE},
        },
        at="nic.tunnel-offload",
        fix=_OFFLOAD_FIX + " A kernel with 982d30c30eaa (June 2025) cures it for good.",
        rollback=_OFFLOAD_ROLLBACK,
        decide="Path MTU: if no size is lost, it is not the MTU.",
        source="Linux 982d30c30eaa, vmxnet3 receive path",
    ),
    CauseEntry(
        slug="vxlan-tx-checksum",
        title="Checksum offload on the VXLAN device breaks translated connections",
        prior=0.03,
        predicts={
            "paths.webhook-endpoint": PASSES,
            "paths.webhook-service": TIMES_OUT,
            "webhook.dry-run": {"timeout": SURE},
            "webhook.error-text": {"timeout": SURE},
        },
        fix="`ethtool -K flannel.1 tx-checksum-ip-generic off` on the control-plane nodes; it is lost when the device is created again.",
        rollback="`ethtool -K flannel.1 tx-checksum-ip-generic on`.",
        decide="The kernel log of the webhook's node: `UDP: bad checksum` speaks for it.",
        source="kubernetes/kubernetes #88986, projectcalico/calico #3145",
    ),
    CauseEntry(
        slug="vxlan-port-conflict",
        title="The network below uses or blocks the VXLAN port",
        prior=0.03,
        predicts=TUNNEL_DEAD | {"paths.tunnel-arrivals": {"not-arriving": SURE}},
        fix="Ask for the ESXi build and whether NSX is in use before changing the VXLAN port: the vendors' advice differs by build.",
        rollback="Set the former port again.",
        decide="Count what arrives at the receiving adapter: datagrams that never arrive are eaten below the node.",
        source="projectcalico/calico #9433; Broadcom KB 432932; Cilium documentation on NSX",
    ),
    CauseEntry(
        slug="firewall-vxlan",
        title="A host firewall blocks VXLAN between nodes",
        prior=0.1,
        predicts=TUNNEL_DEAD | {"paths.tunnel-arrivals": {"dropped-by-host": SURE}},
        at="paths.tunnel-arrivals",
        fix="Allow UDP 4789 between the nodes (8472 where Flannel or Cilium use it): on Talos a NetworkRuleConfig, "
        "elsewhere `nft list ruleset | grep -n drop` shows the rule.",
        rollback="Remove the rule that was added.",
        decide="Count what arrives at the receiving adapter: datagrams that arrive but are not delivered meet a firewall.",
        source="Flannel documentation, Firewalls; Talos NetworkRuleConfig",
    ),
    CauseEntry(
        slug="mtu-mismatch",
        title="Large packets are lost between nodes (MTU)",
        prior=0.1,
        predicts={
            "paths.cross-tcp": PASSES,
            "paths.cross-tcp-bulk": FAILS,
            "paths.path-mtu": {"black-hole": SURE},
            "nic.mtu": MAY_FAIL,
            # The certificate of a TLS handshake is more than one segment.
            "paths.webhook-endpoint": {"timeout": EVEN, "pass": EVEN},
            "paths.webhook-service": {"timeout": EVEN, "pass": EVEN},
            "webhook.dry-run": {"timeout": EVEN, "pass": EVEN, "pass-local": EVEN},
            "webhook.error-text": {"timeout": SURE},
            "dns.transport": {"pass": MOSTLY, "udp-only": RARELY},
            "ipv6.reach": {"not-used": MOSTLY, "fail": RARELY, "pass": MOSTLY},
        },
        fix="Lower the MTU of the CNI's backend to what the path carries less 50 bytes for VXLAN, or repair the link that is smaller "
        "than its neighbours; the evidence names the size and the nodes.",
        rollback="Set the former MTU again.",
        decide="Path MTU: sizes that the route allows and the path swallows.",
        source="RFC 7348 section 4.3; RFC 2923",
    ),
    CauseEntry(
        slug="webhook-blocked",
        title="Something blocks the control plane's way to the webhook alone",
        prior=0.05,
        predicts={
            "paths.webhook-endpoint": {"timeout": SURE},
            "paths.webhook-service": {"timeout": SURE},
            "webhook.dry-run": {"timeout": SURE},
            "webhook.error-text": {"timeout": SURE},
        },
        fix="Look for a NetworkPolicy in the webhook's namespace (`kubectl get networkpolicy -A`) or a host firewall on its node, and "
        "allow the nodes to its port.",
        rollback="Remove the rule that was added.",
        decide="A connection from the control-plane host to another pod on the webhook's node.",
        source="Kubernetes documentation, Network Policies",
    ),
    CauseEntry(
        slug="kube-proxy",
        title="kube-proxy does not translate the Service's address",
        prior=0.04,
        predicts={
            "paths.webhook-endpoint": PASSES,
            "paths.webhook-service": {"timeout": MOSTLY, "refused": EVEN},
            "webhook.dry-run": {"timeout": MOSTLY, "refused": EVEN},
            "webhook.error-text": {"timeout": MOSTLY, "refused": EVEN},
            "dns.service": {"fail": MOSTLY, "pass": 0.3},
        },
        fix="Restart kube-proxy's pod on the control-plane node and look at its log.",
        decide="`nft list ruleset` or `iptables-save -t nat` on that node: is there a rule for the Service's address?",
        source="Kubernetes documentation, Debug Services",
    ),
    CauseEntry(
        slug="no-endpoints",
        title="The webhook's Service has no ready endpoint",
        prior=0.1,
        predicts={
            "webhook.endpoints": {"none": SURE, "no-service": MOSTLY},
            "webhook.dry-run": {"refused": SURE, "no-endpoints": SURE, "timeout": RARELY},
            "webhook.error-text": {"refused": SURE, "no-endpoints": SURE, "timeout": RARELY},
            "paths.webhook-service": {"refused": SURE, "timeout": EVEN},
            "paths.webhook-endpoint": {"refused": EVEN, "timeout": EVEN, "pass": EVEN},
            "metallb.controller": {"fail": MOSTLY, "pass": 0.2},
        },
        fix="`kubectl -n metallb-system get pods,endpointslices`: bring the controller back to Ready, or correct the Service's selector.",
        decide="The EndpointSlice of the webhook's Service.",
        source="Kubernetes documentation, Debug Services",
    ),
    CauseEntry(
        slug="ca-bundle",
        title="The webhook's certificate does not fit its caBundle",
        prior=0.06,
        predicts={
            "webhook.ca-bundle": {"mismatch": SURE, "expired": SURE, "unparsable": SURE, "missing": MOSTLY},
            "webhook.dry-run": {"x509": SURE},
            "webhook.error-text": {"x509": SURE},
            "webhook.configuration": MAY_FAIL,
        },
        fix="`kubectl -n metallb-system rollout restart deployment controller`: it writes its certificate into the webhook "
        "configuration again. If that does not last, look who else writes the configuration, and whether the controller may.",
        decide="A TLS handshake with the webhook that trusts the caBundle alone.",
        source="MetalLB's certificate rotation; Kubernetes documentation, Dynamic Admission Control",
    ),
    CauseEntry(
        slug="apiserver-proxy",
        title="The API server sends webhook calls to an HTTP proxy",
        prior=0.03,
        predicts={
            "webhook.dry-run": {"proxy": SURE, "timeout": RARELY},
            "webhook.error-text": {"proxy": SURE, "timeout": RARELY},
        },
        fix="Add `.svc` and the Service CIDR to NO_PROXY of the API server.",
        rollback="Restore the former environment.",
        decide="HTTPS_PROXY and NO_PROXY in the API server's pod.",
        source="Kubernetes API server, net/http ProxyFromEnvironment",
    ),
    CauseEntry(
        slug="coredns-replica",
        title="One CoreDNS replica loses queries",
        prior=0.08,
        predicts={
            "dns.replica-loss": {"one-replica": SURE, "both": SURE},
            "dns.replica-local": MAY_FAIL,
            "dns.replica-remote": MAY_FAIL,
            "dns.service": MAY_FAIL,
            "dns.transport": {"pass": EVEN, "udp-only": EVEN, "tcp-only": EVEN, "fail": EVEN},
        },
        at="dns.replica-loss",
        fix="`kubectl -n kube-system delete pod REPLICA`: it is created again. If the loss comes back on the same node, look at that node.",
        decide="The same queries to the replica from its own node.",
        source="CoreDNS monitoring mixin: errors of one instance while others are clean",
    ),
    CauseEntry(
        slug="ipv6-dad",
        title="An IPv6 address is in use twice",
        prior=0.03,
        predicts={
            "ipv6.dad": FAILS,
            "ipv6.reach": {"fail": MOSTLY, "pass": 0.3, "not-used": 0.3},
            "ipv6.dns": {"fail": EVEN, "pass": EVEN, "not-used": 0.3},
        },
        at="ipv6.dad",
        fix="Find the other holder of the address (`ip -6 neigh` on a third node) and change one of the two.",
        decide="The dadfailed flag in /proc/net/if_inet6.",
        source="RFC 4862 section 5.4",
    ),
    CauseEntry(
        slug="ipv6-routing",
        title="IPv6 does not get from node to node",
        prior=0.03,
        predicts={
            "ipv6.in-use": {"dual-stack": MOSTLY, "ipv6-only": MOSTLY},
            "ipv6.default-route": {"fail": MOSTLY, "pass": 0.3},
            "ipv6.reach": FAILS,
            "ipv6.dns": MAY_FAIL,
        },
        fix="Look at router advertisements and `net.ipv6.conf.*.accept_ra` (2 where forwarding is on) on the nodes named.",
        decide="Neighbour discovery and the default route on the nodes named.",
        source="Linux ip-sysctl documentation, accept_ra",
    ),
    CauseEntry(
        slug="pod-security",
        title="Pod Security keeps MetalLB's speakers from being made",
        prior=0.02,
        predicts={"metallb.speaker": {"not-created": SURE}},
        fix="Label the namespace `pod-security.kubernetes.io/enforce=privileged`.",
        rollback="Remove the label.",
        decide="The events of the speaker's DaemonSet.",
        source="MetalLB installation documentation",
    ),
    CauseEntry(
        slug="unknown",
        title="None of the causes that netcheck knows",
        prior=0.02,
        fix="Read what failed below; it is measured, even though no known cause explains it.",
    ),
)
"""Every cause. `healthy` and `unknown` are weighed by rules of their own (see `checks.diagnosis.weighing`)."""
