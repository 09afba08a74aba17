"""What a cluster says of its nodes: that it hears nothing of them, or that pods may not go there yet.

kubernetes `pkg/controller/nodelifecycle` (conditions and events), `pkg/scheduler` (taints that nobody tolerates); the
taints are those of the Kubernetes documentation, Well-Known Labels, Annotations and Taints, and of Cilium.
"""

from checks.code import Outcome
from checks.finding import Severity
from checks.reading.model import Kind, pattern, phrase
from checks.text import say

_PHRASES = (
    phrase(
        "silent",
        "silent",
        say(
            "The cluster hears nothing of a node: its kubelet is stopped, or the machine is down or cut off "
            "(`kubectl get nodes` shows which one)."
        ),
        r"kubelet (?:stopped posting|never posted) node status",
        r"\bnodestatus(?:unknown|neverupdated)\b",
        r"taint \{node\.kubernetes\.io/unreachable\b",
    ),
    phrase(
        "no-network",
        "no-network",
        say("Nobody has said yet that the network of a node is set up, so that no pod may go there."),
        r"taint \{node\.kubernetes\.io/network-unavailable\b",
    ),
    phrase(
        "no-agent",
        "no-agent",
        say("The network plugin's agent has not got ready on a node, so that no pod may go there."),
        r"taint \{[\w.-]+/(?:[\w-]+-)?agent-not-ready\b",
    ),
    phrase(
        "not-ready",
        "not-ready",
        say("A node is not ready (`kubectl describe node` has the reason that its kubelet gave)."),
        r"\bnodenotready\b",
        r"taint \{node\.kubernetes\.io/not-ready\b",
    ),
)
NODE = Kind(
    name="node",
    meaning="What a cluster says of a node: conditions, events, taints",
    tells=pattern(*(each.pattern.pattern for each in _PHRASES)),
    phrases=_PHRASES,
    outcomes=(
        Outcome("no-agent", Severity.FAILED, "the network plugin's agent is not ready there"),
        Outcome("no-network", Severity.FAILED, "its network is not said to be set up"),
        Outcome("not-ready", Severity.FAILED, "it is not ready"),
        Outcome("silent", Severity.FAILED, "nothing is heard of it"),
    ),
)
