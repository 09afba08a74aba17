"""Whether each node's kube-proxy follows changes, and whether what it leaves in the kernel is in the way. Pure."""

from collections.abc import Mapping, Sequence

from checks.check import NoParameters
from checks.cluster.metallb import find_metallb
from checks.cluster.snapshot import Snapshot
from checks.code import HARDLY_EVER, Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered, Heard
from checks.kube_proxy.expected import expected_on, in_place_of
from checks.kube_proxy.model import Data
from checks.place import Node
from checks.probes.outcome import Result
from checks.text import Text, names, say, shortened

Observed = Gathered[NoParameters, Data]
NOT_USED = "not-used"
HEALTH = Code(
    name="kube-proxy.health",
    meaning="kube-proxy on every node says that it follows changes of Services",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        Outcome(NOT_USED, Severity.OK, "there is none: something else translates Services"),
        Outcome("late", Severity.FAILED, "it says that changes have waited for more than a minute"),
        Outcome("silent", Severity.FAILED, "it takes the connection and does not answer"),
        Outcome("down", Severity.FAILED, "nobody listens on its port, and other nodes have one, or it should be there"),
    ),
    leak=HARDLY_EVER,
)
MODE = Code(
    name="kube-proxy.mode",
    meaning="What kube-proxy makes rules of",
    place=Node,
    role=Role.CIRCUMSTANCE,
    outcomes=(
        Outcome("iptables", Severity.OK, "iptables"),
        Outcome("nftables", Severity.OK, "nftables"),
        Outcome("ipvs", Severity.OK, "ipvs"),
        Outcome(NOT_USED, Severity.OK, "there is none"),
    ),
)
STRICT_ARP = Code(
    name="kube-proxy.strict-arp",
    meaning="Where MetalLB announces by layer 2, nodes answer ARP for their own addresses alone",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome(NOT_USED, Severity.OK, "kube-proxy is not in the mode ipvs, or MetalLB does not announce so"),
        Outcome("off", Severity.FAILED, "every node answers for every address that is announced"),
    ),
    leak=HARDLY_EVER,
)
LEFTOVERS = Code(
    name="kube-proxy.leftovers",
    meaning="Nothing of the mode ipvs is left where another is used",
    place=Node,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "nothing is"),
        Outcome(
            "ipvs", Severity.DEGRADED, "`kube-ipvs0` still has Services' addresses, which the node takes for its own"
        ),
    ),
)
CODES = (HEALTH, MODE, STRICT_ARP, LEFTOVERS)
_SERVED = (200, 503)
"""What it answers with, well or late; anything else is somebody else's port."""


def judge(gathered: Observed) -> list[Finding]:
    """One finding a code."""
    if not gathered.heard:
        text = say("No node told anything of its kube-proxy.")
        return [code.unseen(text, gathered.unheard()) for code in CODES]
    states = _states(gathered)
    return [_health(gathered, states), _mode(gathered, states), _strict_arp(gathered), _leftovers(gathered)]


def _states(gathered: Observed) -> Mapping[str, str]:
    """By node what its kube-proxy is like."""
    answers = {heard.node: heard.data for heard in gathered.heard}
    somewhere = any(data.status in _SERVED for data in answers.values())
    replaced = in_place_of(gathered.snapshot)
    return {
        node: _state(data, expected=not replaced and (somewhere or expected_on(gathered.snapshot, node)))
        for node, data in answers.items()
    }


def _state(data: Data, *, expected: bool) -> str:
    if data.status in _SERVED:
        return "pass" if data.status == _SERVED[0] else "late"
    if not expected:
        return NOT_USED
    if data.health.result is Result.REFUSED:
        return "down"
    return "silent" if data.health.result in (Result.TIMEOUT, Result.CLOSED, Result.RESET) else UNSEEN


def _health(gathered: Observed, states: Mapping[str, str]) -> Finding:
    seen = [Seen(Node(node), state) for node, state in states.items()]
    bad = [heard for heard in gathered.heard if states[heard.node] in ("late", "silent", "down")]
    evidence = [*shortened(map(_line, bad)), *gathered.unheard()]
    if all(each.outcome == UNSEEN for each in seen):
        return HEALTH.unseen(say("No kube-proxy told how it is."), evidence, map(Node, states))
    return HEALTH.found(_sentence(gathered.snapshot, states), seen, evidence=evidence)


def _sentence(snapshot: Snapshot, states: Mapping[str, str]) -> Text:
    def on(state: str) -> list[str]:
        return sorted(node for node, each in states.items() if each == state)

    if down := on("down"):
        return say("kube-proxy does not run on {nodes}.", nodes=names(down))
    if silent := on("silent"):
        return say("kube-proxy hangs on {nodes}.", nodes=names(silent))
    if late := on("late"):
        return say("kube-proxy does not follow changes of Services on {nodes}.", nodes=names(late))
    if set(states.values()) <= {NOT_USED, UNSEEN}:
        product = in_place_of(snapshot)
        if product:
            return say("There is no kube-proxy: {product} translates Services.", product=product)
        return say("There is no kube-proxy on any node: something else translates Services.")
    return say("kube-proxy follows changes of Services on every node that has it.")


def _line(heard: Heard[Data]) -> Text:
    data = heard.data
    if data.status:
        return say("{node}: HTTP {status}: {words}", node=heard.node, status=data.status, words=data.words)
    return say("{node}: {result}", node=heard.node, result=str(data.health.result))


def _mode(gathered: Observed, states: Mapping[str, str]) -> Finding:
    seen = [
        Seen(Node(h.node), NOT_USED if states[h.node] == NOT_USED else h.data.mode or UNSEEN)
        for h in gathered.heard
        if not h.data.mode or h.data.mode in MODE.words
    ]
    known = sorted({each.outcome for each in seen} - {UNSEEN})
    if not known:
        text = say("No kube-proxy told its mode: it does so on its node's loopback interface alone.")
        return MODE.unseen(text, gathered.unheard(), map(Node, states))
    if known == [NOT_USED]:
        return MODE.found(say("There is no kube-proxy."), seen)
    return MODE.found(say("kube-proxy's mode: {modes}.", modes=names(known)), seen, evidence=gathered.unheard())


def _strict_arp(gathered: Observed) -> Finding:
    """By the kernel's own settings, which kube-proxy makes (`pkg/proxy/ipvs`, `NewProxier`), whoever made them."""
    snapshot = gathered.snapshot
    announced = any(each.kind == "L2Advertisement" for each in snapshot.metallb)
    by_ipvs = [heard for heard in gathered.heard if heard.data.mode == "ipvs"]
    if not by_ipvs or not announced or not find_metallb(snapshot).namespace:
        return STRICT_ARP.found(say("Nothing here needs strictARP."), outcome=NOT_USED)
    seen = [Seen(Node(heard.node), _arp(heard.data)) for heard in by_ipvs]
    if all(each.outcome == UNSEEN for each in seen):
        return STRICT_ARP.unseen(say("No node told whose addresses it answers ARP for."), gathered.unheard())
    off = [str(each.place) for each in seen if each.outcome == "off"]
    text = say("Nodes answer ARP for their own addresses alone.")
    if off:
        text = say("strictARP is off: {nodes} answer ARP for every Service's address.", nodes=names(off))
    lines = [
        say(
            "{node}: arp_ignore {ignore}, arp_announce {announce}",
            node=heard.node,
            ignore=heard.data.arp_ignore or 0,
            announce=heard.data.arp_announce or 0,
        )
        for heard in by_ipvs
        if _arp(heard.data) == "off"
    ]
    return STRICT_ARP.found(text, seen, evidence=[*shortened(lines), *gathered.unheard()])


def _arp(data: Data) -> str:
    if data.arp_ignore is None or data.arp_announce is None:
        return UNSEEN
    return "pass" if data.arp_ignore >= 1 and data.arp_announce >= 2 else "off"  # noqa: PLR2004 - what kube-proxy sets


def _leftovers(gathered: Observed) -> Finding:
    def left(data: Data) -> bool:
        return data.has_ipvs_device and data.mode != "ipvs" and bool(data.mode or in_place_of(gathered.snapshot))

    seen = [Seen(Node(heard.node), "ipvs" if left(heard.data) else "pass") for heard in gathered.heard]
    bad: Sequence[str] = [str(each.place) for each in seen if each.outcome == "ipvs"]
    text = say("Nothing of the mode ipvs is left where another is used.")
    if bad:
        text = say("The interface kube-ipvs0 is left on {nodes}, with addresses of Services.", nodes=names(bad))
    return LEFTOVERS.found(text, seen, evidence=gathered.unheard())
