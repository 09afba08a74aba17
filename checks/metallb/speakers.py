"""Whether speakers live, find each other, and hold their sessions with routers. Pure."""

from collections.abc import Iterator, Sequence

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered, Heard
from checks.metallb import spec
from checks.metallb.configuration import Configuration
from checks.metallb.installation import NOT_USED
from checks.metallb.model import Data, Parameters, Reached
from checks.place import Node, Pair
from checks.probes.outcome import Result
from checks.text import Text, listed, say

SILENT, PORT_TAKEN, BLOCKED, DOWN = "silent", "port-taken", "blocked", "down"
NOT_ASKED = Outcome("not-asked", Severity.OK, "no agent was asked: no node has a speaker, or a recording is older")
LIVES = Code(
    name="metallb.lives",
    meaning="The speaker of each node answers when its own node asks it for its figures",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        NOT_USED,
        NOT_ASKED,
        Outcome(SILENT, Severity.FAILED, "it takes the connection and says nothing: it hangs"),
        Outcome(PORT_TAKEN, Severity.FAILED, "it does not run, and another program has the port of its memberlist"),
    ),
)
MEMBERLIST = Code(
    name="metallb.memberlist",
    meaning="Speakers reach each other's memberlist, by which they learn who is alive",
    place=Pair,
    outcomes=(
        Outcome("pass", Severity.OK, "the port is open over TCP, and nothing refuses UDP"),
        NOT_USED,
        NOT_ASKED,
        Outcome("off", Severity.OK, "speakers use none, or there is one alone"),
        Outcome(BLOCKED, Severity.FAILED, "it is closed, though the node answers on another port"),
    ),
)
BGP = Code(
    name="metallb.bgp",
    meaning="The nodes have their BGP sessions with routers",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "all are up"),
        NOT_USED,
        Outcome("none", Severity.OK, "there is no BGPPeer"),
        Outcome(DOWN, Severity.FAILED, "one is not"),
    ),
)
CODES = (LIVES, MEMBERLIST, BGP)
_REFUSALS = frozenset({Result.REFUSED, Result.PROHIBITED, Result.BLOCKED})
"""What a filter says where it says anything."""
_UNMEASURED = frozenset({Result.NOT_PERMITTED, Result.ERROR})


def judge(configuration: Configuration, gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """The findings about speakers."""
    return [_lives(configuration, gathered), _memberlist(configuration, gathered), _bgp(configuration, gathered)]


def _lives(configuration: Configuration, gathered: Gathered[Parameters, Data]) -> Finding:
    if not gathered.heard and not gathered.silent:
        return LIVES.found(say("No agent was asked for speakers."), outcome=NOT_ASKED.word)
    seen = [Seen(Node(heard.node), _life(configuration, heard)) for heard in gathered.heard]
    told = [s for s in seen if s.outcome != UNSEEN]
    if not told:
        places = [s.place for s in seen]
        return LIVES.unseen(say("No speaker's figures could be read."), gathered.unheard(), places)
    text = say("The speakers answer.")
    bad = {outcome: [s.place for s in told if s.outcome == outcome] for outcome in (PORT_TAKEN, SILENT)}
    if bad[PORT_TAKEN]:
        text = say(
            "Another program has the speaker's port {port} on {nodes}.",
            port=configuration.memberlist_port,
            nodes=listed(bad[PORT_TAKEN]),
        )
    elif bad[SILENT]:
        text = say("The speaker on {nodes} hangs: it takes a connection and says nothing.", nodes=listed(bad[SILENT]))
    return LIVES.found(text, seen, evidence=gathered.unheard())


def _life(configuration: Configuration, heard: Heard[Data]) -> str:
    metrics, listens = heard.data.metrics, heard.data.memberlist
    if metrics is None:
        return UNSEEN
    if metrics.status:
        return "pass"
    if metrics.outcome.result is Result.TIMEOUT and not heard.throttled:
        return SILENT
    runs = configuration.speaks(heard.node)
    if metrics.outcome.result is Result.REFUSED and not runs and listens and listens.result is Result.OK:
        return PORT_TAKEN
    # Closed, or behind TLS: whether it lives is for its readiness to tell.
    return UNSEEN


def _memberlist(configuration: Configuration, gathered: Gathered[Parameters, Data]) -> Finding:
    if not configuration.memberlist_port:
        return MEMBERLIST.found(say("The speakers use no memberlist."), outcome="off")
    if len(configuration.speakers) == 1:
        return MEMBERLIST.found(say("There is one speaker alone."), outcome="off")
    if not gathered.heard and not gathered.silent:
        return MEMBERLIST.found(say("No agent was asked for speakers."), outcome=NOT_ASKED.word)
    tried = [(heard, reached) for heard in gathered.heard for reached in heard.data.reached]
    seen = [Seen(Pair(heard.node, reached.node), _openness(reached)) for heard, reached in tried]
    if not any(s.outcome != UNSEEN for s in seen):
        return MEMBERLIST.unseen(
            say("Whether speakers reach each other was not seen."), gathered.unheard(), [s.place for s in seen]
        )
    lines = [_closed(heard.node, reached) for heard, reached in tried if _openness(reached) == BLOCKED]
    text = say("The speakers reach each other.")
    if lines:
        closed = [s.place for s in seen if s.outcome == BLOCKED]
        text = say(
            "Speakers do not reach each other on port {port}: {pairs}.",
            port=configuration.memberlist_port,
            pairs=listed(closed),
        )
    return MEMBERLIST.found(text, seen, evidence=[*lines, *gathered.unheard()])


def _openness(reached: Reached) -> str:
    if reached.tcp.result in _UNMEASURED:
        return UNSEEN
    if reached.tcp.result is Result.OK:
        return BLOCKED if reached.udp and reached.udp.result in _REFUSALS else "pass"
    # A node that answers nobody is for `paths` to tell of.
    return BLOCKED if reached.node_answers else UNSEEN


def _closed(source: str, reached: Reached) -> Text:
    if reached.tcp.result is Result.OK:
        return say("{source} → {target}: UDP is refused", source=source, target=reached.node)
    return say("{source} → {target}: TCP, {result}", source=source, target=reached.node, result=str(reached.tcp.result))


def _bgp(configuration: Configuration, gathered: Gathered[Parameters, Data]) -> Finding:
    if not configuration.peers:
        if (gap := configuration.snapshot.gap("bgppeers")) and gap.reason != "not-installed":
            return BGP.unseen(say("The routers of MetalLB could not be read: {verb}.", verb=gap.verb))
        return BGP.found(say("No BGP session is wanted."), outcome="none")
    states = list(_sessions(configuration, gathered.heard))
    if not states:
        wanting = sorted({n for peer in configuration.peers for n in configuration.chosen(peer)})
        return BGP.unseen(say("No node tells its BGP sessions."), gathered.unheard(), map(Node, wanting))
    down = [(node, peer) for node, peer, up in states if not up]
    by_node = {node: DOWN if any(node == at for at, _ in down) else "pass" for node, _, _ in states}
    text = say("The BGP sessions are up.")
    if down:
        text = say("The BGP session of {node} with {peer} is not up.", node=down[0][0], peer=down[0][1])
    lines = [say("{node}: the session with {peer} is down", node=node, peer=peer) for node, peer in down]
    return BGP.found(text, [Seen(Node(n), outcome) for n, outcome in by_node.items()], evidence=lines)


def _sessions(configuration: Configuration, heard: Sequence[Heard[Data]]) -> Iterator[tuple[str, str, bool]]:
    """Node, router and whether the session is up: as FRR-K8s writes it, or as the speakers' figures have it."""
    for state in configuration.told("BGPSessionState"):
        if node := spec.told(state, "node"):
            yield node, spec.told(state, "peer"), spec.told(state, "bgpStatus") == "Established"
    for each in heard:
        for session in each.data.metrics.sessions if each.data.metrics else ():
            yield each.node, session.peer, session.up
