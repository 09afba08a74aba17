"""The network below the nodes loses a share of whatever it carries: a link that is overloaded, bad or half duplex."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Between, Node
from checks.text import say

_ACROSS, _MAY = Reach.BETWEEN_NODES, Strength.MAY

CAUSE = Declaration(
    slug="underlay-loss",
    title=say("The network below the nodes loses packets"),
    at=(Node, Between),
    shows=(
        Effect("paths.host-loss", ("lossy",), Strength.ALWAYS, _ACROSS),
        Effect("paths.pod-loss", ("lossy",), Strength.MOSTLY, _ACROSS),
        # Which single probes are hit is chance.
        Effect("paths.host-tcp", ("lost",), _MAY, _ACROSS, by_chance=True),
        Effect("paths.cross-ping", ("lost",), _MAY, _ACROSS, by_chance=True),
        Effect("paths.cross-tcp", ("lost",), _MAY, _ACROSS, by_chance=True),
        Effect("paths.cross-tcp-bulk", ("lost",), _MAY, _ACROSS, by_chance=True),
        Effect("paths.host-pod", ("lost",), _MAY, _ACROSS, by_chance=True),
        Effect("paths.webhook-endpoint", ("timeout",), _MAY, _ACROSS),
        Effect("paths.webhook-service", ("timeout",), _MAY, _ACROSS),
        Effect("paths.api-service", ("timeout",), _MAY, _ACROSS),
        Effect("paths.api-server", ("timeout",), _MAY, _ACROSS),
        Effect("paths.kubelet", ("timeout",), _MAY, _ACROSS),
        Effect("mtu.path", ("black-hole",), _MAY, _ACROSS),
        Effect("paths.tunnel-arrivals", ("partly", "not-arriving"), _MAY, _ACROSS),
        Effect("dns.replica-remote", ("unanswered", "tcp-unanswered"), _MAY, _ACROSS),
        Effect("dns.path-loss", ("loses",), _MAY, _ACROSS),
        Effect("dns.transport", ("tcp-only", "udp-only"), _MAY, _ACROSS),
        Effect("dns.large-answers", ("cut", "lost"), _MAY, _ACROSS),
        Effect("dns.service", ("unanswered", "tcp-unanswered", "loses"), _MAY),
        Effect("ipv6.host-reach", ("lost",), _MAY, _ACROSS),
        Effect("ipv6.reach", ("lost",), _MAY, _ACROSS),
        Effect("ipv6.dns", ("unanswered",), _MAY, _ACROSS),
        Effect("node.ready", ("silent",), _MAY),
        Effect("dns.external", ("no-answer", "no-answer-here"), _MAY),
        Effect("dns.counters", ("upstream", "server-failures"), _MAY),
        Effect("services.address", ("timeout",), _MAY),
        Effect("services.endpoint", ("timeout",), _MAY, _ACROSS, by_chance=True),
        Effect("metallb.memberlist", ("blocked",), _MAY, _ACROSS, by_chance=True),
        Effect("throughput.rate", ("stalled",), _MAY, _ACROSS),
        Effect("services.aggregated", ("timeout",), _MAY),
        Effect("apiserver.admission", ("slow", "failing", "fails-open"), _MAY),
        Effect("webhook.dry-run", ("timeout", "hangs"), _MAY),
        Effect("texts.webhook", ("timeout", "hangs"), _MAY),
        Effect("texts.api-service", ("timeout",), _MAY),
        Effect("texts.connection", ("timeout", "hangs"), _MAY),
        Effect("texts.pod-dns", ("timeout", "no-answer"), _MAY),
        Effect("texts.kubelet", ("timeout",), _MAY),
        Effect("texts.api-server", ("timeout",), _MAY),
        Effect("texts.aggregated-api", ("timeout", "hangs"), _MAY),
        Effect("texts.metallb", ("memberlist",), _MAY),
    ),
    hides=frozenset(
        {
            # What loses a share of everything at a node covers what is lost below it.
            "address-conflict",
            "conntrack-full",
            "duplicate-machine",
            "duplicate-pod-cidr",
            "neighbour-table",
            "network-unavailable",
            "overlay-state",
            "reverse-path-filter",
            "transmit-timeout",
            "ipv6-tunnel",
            "vmxnet3-tunnel-offload",
            "vmxnet3-lro",
            "mtu-mismatch",
            "firewall-vxlan",
            "vxlan-port-conflict",
            "vxlan-tx-checksum",
            "forward-drop",
            "forward-reject",
            "node-unreachable",
            "coredns-replica",
            "webhook-blocked",
            "webhook-slow",
            "kube-proxy",
        }
    ),
    fix=say(
        "At {places}: look below the pod network: the adapter's and the switch port's error counters (`ip -s link`, "
        "`ethtool -S IFACE`), the hypervisor's uplink and its load. Everything else that is slow or fails now may be "
        "this."
    ),
    decide=say("Many pings between the nodes' own addresses: the share that is lost, and whether size matters."),
    source="Wald 1945 for the test; Kubernetes, goldpinger and kubenurse count single probes and name no share",
    example={"paths.host-loss": "lossy", "paths.pod-loss": "lossy", "dns.path-loss": "loses"},
)
