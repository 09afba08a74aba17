"""What the kernel of a node logs about its network.

Linux `net/netfilter/nf_conntrack_core.c`, `net/core/neighbour.c`, `net/ipv4/route.c`, `net/ipv4/udp.c`,
`net/core/dev.c`,
`net/ipv6/addrconf.c`, `net/ipv6/ndisc.c`, `net/sched/sch_generic.c`, `net/bridge/br_fdb.c`, the drivers e1000e and
vmxnet3.
"""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, pattern, phrase
from checks.text import say

_FILTERED = r"\bIN=\S* OUT=\S* .{0,300}\bSRC=\S+ DST=\S+"
"""A packet as netfilter's LOG target writes it."""
_PHRASES = (
    phrase(
        "conntrack-full",
        "conntrack-full",
        say("The table of tracked connections is full on a node, so the kernel drops packets of new ones."),
        r"(?:nf|ip)_conntrack: (?:expectation )?table full",
        r"conntrack: table full, dropping",
    ),
    phrase(
        "neighbour-table",
        "neighbour-table",
        say("A node's neighbour table (ARP, NDP) is full, so it cannot reach further addresses."),
        r"neighbou?r table overflow",
        r"(?:arp|ndisc)_cache: .{0,20}overflow",
        r"dst cache overflow",
        r"route cache is full",
    ),
    phrase(
        "martian",
        "martian",
        say(
            "The kernel saw packets with addresses that cannot come in there: the way back differs from the way in, or "
            "two networks share addresses."
        ),
        r"martian (?:source|destination)",
    ),
    phrase(
        "bad-checksum",
        "bad-checksum",
        say("The kernel dropped packets whose checksum was wrong, as a broken checksum offload makes them."),
        r"udp(?:lite|v6)?: (?:ipv[46] )?bad checksum",
        r"\bhw csum failure",
        r"bad (?:tcp|udp|icmp|gre) ?checksum",
    ),
    phrase(
        "duplicate-address",
        "duplicate-address",
        say("Another machine uses the same address as a node."),
        r"ipv6 duplicate address",
        r"duplicate (?:ip|ipv4|ipv6)? ?address .{0,80}(?:detected|used by)",
        r"(?:detected|possible) duplicate (?:ip|ipv4|ipv6)? ?address",
        r"(?:advertises|advertised) our address",
        r"(?:address|ip) conflict (?:detected|for)",
        r"address \S+ .{0,60}already in use in the network",
        r"conflict detected for (?:ip )?address",
        r"\bdad ?fail",
        r"duplicate (?:ip|use of) .{0,60}\bsent from ethernet address",
    ),
    phrase(
        "duplicate-mac",
        "duplicate-mac",
        say(
            "A node received packets with its own MAC address as their sender: a loop, or another machine has that MAC."
        ),
        r"received packet .{0,80}with own address as source",
    ),
    phrase(
        "transmit-timeout",
        "transmit-timeout",
        say("A network adapter of a node stopped sending, and the kernel had to reset it."),
        r"transmit queue \d+ timed out",
        r"netdev watchdog",
        r"detected (?:hardware|tx) unit hang",
        r"\btx hang\b",
        r"\btx[ _]?timeout\b",
        r"reset adapter unexpectedly",
    ),
    phrase(
        "tunnel-filtered",
        "tunnel-filtered",
        say("A packet filter on a node dropped or refused a packet of the tunnel (VXLAN or Geneve), and logged it."),
        rf"(?:{_FILTERED}.{{0,200}}\bPROTO=UDP\b.{{0,100}}\bDPT=(?:4789|8472|6081|8223)\b)",
    ),
    phrase(
        "filtered",
        "filtered",
        say("A packet filter on a node dropped or refused a packet, and logged it."),
        _FILTERED,
    ),
    phrase(
        "no-destination",
        "no-destination",
        say("IPVS has nobody to send a Service's connections to: the Service has no ready endpoint."),
        r"ipvs: .{0,80}no destination available",
    ),
    phrase(
        "link-down",
        "link-down",
        say("A network adapter of a node lost its link."),
        r"(?:nic )?link is down",
        r"\blost carrier\b",
        r"link down\b",
        r"link status definitely down",
        r"\bcarrier lost\b",
    ),
    phrase(
        "syn-flood",
        "syn-flood",
        say("More connections came in on a port of a node than its program accepts."),
        r"possible syn flooding on port",
    ),
    phrase(
        "other",
        "reference",
        say(
            "The kernel waits for a network device that something still holds: pods on that node are not "
            "set up or removed."
        ),
        r"unregister_netdevice: waiting for",
    ),
)

KERNEL = Kind(
    name="kernel",
    meaning="The kernel's log of a node",
    tells=pattern(*(each.pattern.pattern for each in _PHRASES)),
    # A pod's address is the network plugin's, whatever its words.
    unless=pattern(r"pod ?sandbox", r"plugin type="),
    phrases=_PHRASES,
    outcomes=(
        Outcome("other", Severity.FAILED, "something else about the network"),
        Outcome("syn-flood", Severity.FAILED, "more connections than a program accepts"),
        Outcome("filtered", Severity.FAILED, "a packet filter stopped a packet"),
        Outcome("link-down", Severity.FAILED, "an adapter lost its link"),
        Outcome("no-destination", Severity.FAILED, "a Service has nobody behind it"),
        Outcome("martian", Severity.FAILED, "addresses that cannot come in there"),
        Outcome("duplicate-mac", Severity.FAILED, "the node's own MAC address came in"),
        Outcome("duplicate-address", Severity.FAILED, "another machine has the same address"),
        Outcome("tunnel-filtered", Severity.FAILED, "a packet filter stopped a packet of the tunnel"),
        Outcome("bad-checksum", Severity.FAILED, "packets had wrong checksums"),
        Outcome("transmit-timeout", Severity.FAILED, "an adapter stopped sending"),
        Outcome("neighbour-table", Severity.FAILED, "the neighbour table is full"),
        Outcome("conntrack-full", Severity.FAILED, "the table of tracked connections is full"),
    ),
)
