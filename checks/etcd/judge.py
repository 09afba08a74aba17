"""Whether etcd is reached, has a leader, and where that is. What nobody could ask is neither well nor unwell."""

from collections.abc import Iterable, Iterator

from checks.check import NoParameters
from checks.code import Code, Outcome, Role
from checks.etcd.model import Data, Member, Server
from checks.etcd.plan import members
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.observation import Network
from checks.place import Node
from checks.text import Text, names, say

API_SERVER = Code(
    name="etcd.api-server",
    meaning="Every API server says that it reaches etcd",
    place=Node,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "its own check of etcd is well"),
        Outcome("failed", Severity.FAILED, "its own check of etcd fails"),
    ),
)
MEMBER = Code(
    name="etcd.member",
    meaning="Every member of etcd has a leader",
    place=Node,
    role=Role.RISK,
    outcomes=(
        Outcome("follower", Severity.OK, "it has, and follows it"),
        Outcome("leader", Severity.OK, "it leads itself"),
        Outcome("learner", Severity.DEGRADED, "it still learns what the others know, and has no vote"),
        Outcome("no-leader", Severity.FAILED, "it has none, and so answers nobody"),
    ),
)
CODES = (API_SERVER, MEMBER)
_CHECKS = ("etcd", "etcd-readiness")
"""The names of the API server's own checks of etcd (apiserver, pkg/server/options/etcd.go)."""


def judge(gathered: Gathered[NoParameters, Data]) -> list[Finding]:
    """One finding a code."""
    return [_servers(gathered), _members(gathered)]


def _servers(gathered: Gathered[NoParameters, Data]) -> Finding:
    asked = [heard.data.server for heard in gathered.on(Network.CLUSTER) if heard.data.server]
    # One that is gone for longer than a moment is not among the addresses any more.
    missing = {node.name for node in gathered.snapshot.nodes if node.control_plane} - {each.node for each in asked}
    unasked = [Seen(Node(name), UNSEEN) for name in sorted(missing)]
    told = [(server, _reads(server)) for server in asked]
    known = [(server, outcome) for server, outcome in told if outcome != UNSEEN]
    evidence = [*(_words(server) for server, outcome in told if outcome != "pass"), *gathered.unheard(Network.CLUSTER)]
    if not known:
        text = say("No API server told whether it reaches etcd.")
        places = [Node(server.node) for server in asked if server.node]
        return API_SERVER.unseen(text, evidence, places, unasked)
    bad = [server.node or server.address or "?" for server, outcome in known if outcome != "pass"]
    text = say("Every API server that could be asked reaches etcd.")
    if bad:
        text = say("API servers that do not reach etcd: {nodes}.", nodes=names(bad))
    # An API server that is on none of the cluster's nodes has no place here.
    seen = [*(Seen(Node(server.node), outcome) for server, outcome in told if server.node), *unasked]
    return API_SERVER.found(text, seen, outcome="failed" if bad else "pass", evidence=evidence)


def _reads(server: Server) -> str:
    lines = server.answer.message.splitlines()
    if any(line.split()[:1] == [f"[-]{name}"] for line in lines for name in _CHECKS):
        return "failed"
    return "pass" if any(line.split()[:1] == ["[+]etcd"] for line in lines) else UNSEEN


def _words(server: Server) -> Text:
    where = server.node or server.address or "the API server"
    lines = server.answer.message.splitlines()
    told = [line for line in lines if line.startswith("[-]")] or lines[:1] or ["it said nothing of etcd"]
    return say("{where}: HTTP {status}: {words}", where=where, status=server.answer.status, words="; ".join(told))


def _members(gathered: Gathered[NoParameters, Data]) -> Finding:
    told = {heard.node: heard.data.member for heard in gathered.on(Network.HOST) if heard.data.member}
    nodes = [node.name for node in members(gathered.snapshot)]
    seen = [Seen(Node(name), _state(told.get(name))) for name in nodes]
    evidence = [*_untold(told), *gathered.unheard(Network.HOST)]
    if all(each.outcome == UNSEEN for each in seen):
        text = say("No member of etcd tells how it is: none listens for that on its node's loopback interface.")
        return MEMBER.unseen(text, evidence, map(Node, nodes))
    return MEMBER.found(_told(seen), seen, evidence=evidence)


def _state(member: Member | None) -> str:
    if member is None or member.has_leader is None or member.is_leader is None:
        return UNSEEN
    if not member.has_leader:
        return "no-leader"
    if member.is_learner:
        return "learner"
    return "leader" if member.is_leader else "follower"


def _told(seen: Iterable[Seen]) -> Text:
    by_outcome: dict[str, list[str]] = {}
    for each in seen:
        by_outcome.setdefault(each.outcome, []).append(str(each.place))
    if "no-leader" in by_outcome:
        return say("Members of etcd without a leader: {nodes}.", nodes=names(by_outcome["no-leader"]))
    if "learner" in by_outcome:
        return say("Members of etcd that have no vote yet: {nodes}.", nodes=names(by_outcome["learner"]))
    if "leader" in by_outcome:
        return say("The member of etcd on {nodes} leads.", nodes=names(by_outcome["leader"]))
    return say("Every member of etcd that could be asked has a leader.")


def _untold(told: dict[str, Member]) -> Iterator[Text]:
    for node, member in told.items():
        if _state(member) == UNSEEN:
            words = f"HTTP {member.status}" if member.status else str(member.outcome.result)
            yield say("{node}: its member tells nothing: {words}", node=node, words=words)
