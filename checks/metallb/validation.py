"""Whether MetalLB takes its objects together: as its own validation would judge, and as it says itself."""

from collections.abc import Iterator, Sequence

from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.gathered import Heard
from checks.metallb import peers, pools, spec
from checks.metallb.complaint import DANGLING, INCOMPLETE, REJECTED, Complaint
from checks.metallb.configuration import Configuration
from checks.metallb.installation import NOT_USED
from checks.metallb.model import Data
from checks.place import Cluster
from checks.text import Text, say, say_many

STALE = "stale"
CODE = Code(
    name="metallb.configuration",
    meaning="MetalLB takes all of its objects together",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "it would, and does not say otherwise"),
        NOT_USED,
        Outcome(DANGLING, Severity.ADVICE, "it does, and an advertisement names a pool or a router that is not there"),
        Outcome(INCOMPLETE, Severity.FAILED, "a BFD profile or a community is missing: it takes nothing before"),
        Outcome(STALE, Severity.FAILED, "it says itself that it could not load them, and works with older ones"),
        Outcome(REJECTED, Severity.FAILED, "it refuses one, and works with older ones or none"),
    ),
)
CODES = (CODE,)
KINDS = ("ipaddresspools", "l2advertisements", "bgpadvertisements", "bgppeers", "bfdprofiles", "communities")


def judge(configuration: Configuration, heard: Sequence[Heard[Data]]) -> list[Finding]:
    """One finding about all objects together."""
    found = [*all_complaints(configuration), *_own_words(configuration, heard)]
    gaps = [gap for gap in map(configuration.snapshot.gap, KINDS) if gap and gap.reason != "not-installed"]
    unread = [say("cannot {verb}: {reason}", verb=gap.verb, reason=gap.reason) for gap in gaps]
    worst = max((c.outcome for c in found), key=CODE.words.index, default="pass")
    if worst == "pass":
        if unread:
            return [CODE.unseen(say("Not all of MetalLB's objects could be read."), unread)]
        return [CODE.found(say("MetalLB takes its objects as they are."), [Seen(Cluster(), "pass")])]
    of_worst = [c for c in found if c.outcome == worst]
    text = _sentence(worst, of_worst[0].text, len(of_worst) - 1)
    return [CODE.found(text, [Seen(Cluster(), worst)], evidence=[*(c.text for c in found), *unread])]


def all_complaints(configuration: Configuration) -> Iterator[Complaint]:
    """Everything that is wrong by MetalLB's own rules."""
    yield from pools.complaints(configuration)
    yield from peers.complaints(configuration)


def refuses(configuration: Configuration) -> bool:
    """Whether MetalLB would load none of this, so that it works with something else."""
    return any(complaint.outcome in (REJECTED, INCOMPLETE) for complaint in all_complaints(configuration))


def _own_words(configuration: Configuration, heard: Sequence[Heard[Data]]) -> Iterator[Complaint]:
    """What MetalLB says itself: in ConfigurationStates (0.15.3 and newer) and in its figures."""
    for state in configuration.told("ConfigurationState"):
        if spec.told(state, "result") == "Invalid":
            words = spec.told(state, "errorSummary")
            yield Complaint(STALE, say("{component}: {words}", component=state.metadata.name, words=words))
    for each in heard:
        told = each.data.metrics
        if told and told.stale:
            yield Complaint(STALE, say("the speaker on {node} works with an older configuration", node=each.node))
        elif told and told.loaded is False:
            yield Complaint(STALE, say("the speaker on {node} has loaded no configuration", node=each.node))
        controller = each.data.controller
        if controller and (controller.stale or controller.loaded is False):
            yield Complaint(STALE, say("the controller works with an older configuration, or none"))


def _sentence(worst: str, first: Text, more: int) -> Text:
    if worst == DANGLING:
        return say("Something is named in vain: {first}.", first=first)
    if worst == INCOMPLETE:
        return say("MetalLB waits before it takes its configuration: {first}.", first=first)
    if worst == STALE:
        return say("MetalLB could not load its configuration: {first}.", first=first)
    if not more:
        return say("MetalLB refuses its configuration: {first}.", first=first)
    return say_many(
        "MetalLB refuses its configuration: {first}, and {count} fault more.",
        "MetalLB refuses its configuration: {first}, and {count} faults more.",
        more,
        first=first,
    )
