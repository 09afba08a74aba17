"""What agents saw of speakers, their memberlist and their sessions, and what is made of it."""

from collections.abc import Callable

import msgspec
import pytest

from checks.cluster.snapshot import CustomObject, PodStatus, Snapshot
from checks.diagnosis import diagnose
from checks.finding import Severity
from checks.judgement import judge_run
from checks.metallb.model import Data, Metrics, Reached, Session
from checks.observation import Observation, Task
from checks.probes.outcome import Outcome, Result
from checks.registry import CHECKS
from tests.checks.diagnosis.worlds import observed, snapshot
from tests.checks.metallb.objects import judged, peer, pool, seen, told
from tests.checks.metallb.sound import OPEN, SILENT, sound
from tests.checks.objects import cluster, pod
from tests.checks.words import words

REFUSED = Outcome(Result.REFUSED, 0.001)
Answer = Callable[[Task], Data]


def on(node: str, **changes: object) -> Answer:
    """All answer well but one node, whose answer is changed so."""
    return lambda task: msgspec.structs.replace(sound(task), **(changes if task.node == node else {}))


def without(node: str) -> Snapshot:
    """The speaker of a node is not ready."""
    pods = tuple(
        msgspec.structs.replace(p, status=PodStatus(phase="Running")) if p.spec.node_name == node else p
        for p in cluster().pods
    )
    return cluster(metallb=(pool(),), pods=pods)


WELL = cluster(metallb=(pool(),))


@pytest.mark.parametrize(
    ("made", "figures", "listens", "outcome"),
    [
        (WELL, Metrics(outcome=OPEN, status=200), OPEN, "pass"),
        (WELL, Metrics(outcome=OPEN, status=404), OPEN, "pass"),
        (WELL, Metrics(outcome=SILENT), OPEN, "silent"),
        (WELL, Metrics(outcome=REFUSED), OPEN, "unseen"),
        (WELL, None, None, "unseen"),
        (without("w1"), Metrics(outcome=REFUSED), OPEN, "port-taken"),
        (without("w1"), Metrics(outcome=REFUSED), REFUSED, "unseen"),
        (without("w1"), Metrics(outcome=SILENT), OPEN, "silent"),
    ],
    ids=[
        "well",
        "other answer",
        "hangs",
        "behind TLS",
        "older agent",
        "port taken",
        "does not run",
        "hangs, not ready",
    ],
)
def test_whether_a_speaker_lives(
    made: Snapshot, figures: Metrics | None, listens: Outcome | None, outcome: str
) -> None:
    """One that takes a connection and says nothing hangs; where another has its port it cannot start."""
    found = judged(made, on("w1", metrics=figures, memberlist=listens))["lives"]
    assert {"cp": "pass", "w1": outcome, "w2": "pass"} == seen(found)


def test_a_starved_agent_accuses_no_speaker() -> None:
    """Its own silence is what it measured."""
    data = msgspec.to_builtins(Data(metrics=Metrics(outcome=SILENT), memberlist=OPEN))
    starved = Observation(check="metallb", network=CHECKS["metallb"].networks[0], node="w1", data=data, throttled=3)
    found = judge_run(WELL, ("metallb",), {}, (starved,))
    assert [Severity.UNKNOWN] == [f.severity for f in found if f.code == "metallb.lives"]


@pytest.mark.parametrize(
    ("reached", "outcome", "line"),
    [
        (Reached(node="w2", tcp=OPEN, udp=SILENT), "pass", ""),
        (Reached(node="w2", tcp=SILENT), "blocked", "w1 → w2: TCP, timeout"),
        (Reached(node="w2", tcp=REFUSED), "blocked", "w1 → w2: TCP, refused"),
        (Reached(node="w2", tcp=OPEN, udp=Outcome(Result.PROHIBITED)), "blocked", "w1 → w2: UDP is refused"),
        (Reached(node="w2", tcp=SILENT, node_answers=False), "unseen", ""),
        (Reached(node="w2", tcp=Outcome(Result.NOT_PERMITTED)), "unseen", ""),
    ],
    ids=["open", "dropped", "rejected", "UDP rejected", "a node that is off", "not measured"],
)
def test_whether_speakers_reach_each_other(reached: Reached, outcome: str, line: str) -> None:
    """A node that answers nobody is no closed port; silence of UDP says nothing."""
    found = judged(WELL, on("w1", reached=(reached,)))["memberlist"]
    assert outcome == seen(found)["w1 → w2"]
    assert line in "\n".join(told(found))


def test_where_no_agent_was_asked_nothing_is_called_unseen() -> None:
    """A recording from before speakers were asked; a silent agent is another thing."""
    found = {f.code: f.outcome for f in judge_run(WELL, ("metallb",), {}, ())}
    assert ("not-asked", "not-asked") == (found["metallb.lives"], found["metallb.memberlist"])


def test_speakers_that_are_alone_have_nobody_to_find() -> None:
    """As in a cluster of one node."""
    alone = cluster(metallb=(pool(),), pods=(pod("speaker-cp", "cp", namespace="metallb-system"),))
    assert "off" == judged(alone)["memberlist"].outcome


def frr(node: str, status: str) -> CustomObject:
    """What FRR-K8s writes about a session."""
    return CustomObject(kind="BGPSessionState", status={"node": node, "peer": "198.51.100.1", "bgpStatus": status})


NO_FIGURES: Answer = lambda task: Data()  # noqa: ARG005, E731 - of an agent that saw nothing


@pytest.mark.parametrize(
    ("objects", "answer", "outcome", "said"),
    [
        ((pool(),), sound, "none", "No BGP session is wanted."),
        ((pool(), peer()), sound, "pass", "The BGP sessions are up."),
        ((pool(), peer()), NO_FIGURES, "", "No node tells its BGP sessions."),
        (
            (pool(), peer()),
            on("w1", metrics=Metrics(outcome=OPEN, status=200, sessions=(Session(peer="198.51.100.1:179", up=False),))),
            "down",
            "The BGP session of w1 with 198.51.100.1:179 is not up.",
        ),
        ((pool(), peer(), frr("w2", "Established")), NO_FIGURES, "pass", "The BGP sessions are up."),
        (
            (pool(), peer(), frr("w1", "Established"), frr("w2", "Active")),
            NO_FIGURES,
            "down",
            "The BGP session of w2 with 198.51.100.1 is not up.",
        ),
    ],
)
def test_sessions_with_routers(objects: tuple[CustomObject, ...], answer: Answer, outcome: str, said: str) -> None:
    """By the speakers' figures, or as FRR-K8s writes them down."""
    found = judged(cluster(metallb=objects), answer)["bgp"]
    assert (outcome, said) == (found.outcome, words(found.text))


FAULTS: dict[str, tuple[Answer, str]] = {
    "hangs": (on("w1", metrics=Metrics(outcome=SILENT)), "speaker-hung"),
    "session": (
        on("w1", metrics=Metrics(outcome=OPEN, status=200, sessions=(Session(peer="r", up=False),))),
        "bgp-down",
    ),
    "memberlist": (
        lambda task: msgspec.structs.replace(
            sound(task),
            reached=tuple(msgspec.structs.replace(r, tcp=SILENT) for r in sound(task).reached if r.node == "w1"),
        ),
        "memberlist-blocked",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_cause_is_named_at_its_node(fault: str) -> None:
    """In a whole run, with nothing else wrong."""
    answer, slug = FAULTS[fault]
    made = snapshot()
    tasks = CHECKS["metallb"].plan(made, CHECKS["metallb"].parameters())
    own = [
        Observation(check="metallb", network=t.network, node=t.node, data=msgspec.to_builtins(answer(t))) for t in tasks
    ]
    others = [o for o in observed(made) if o.check != "metallb"]
    diagnosis = diagnose(judge_run(made, tuple(CHECKS), {}, [*others, *own]))
    assert (slug, ["w1"], ()) == (diagnosis.verdict, [str(at) for at in diagnosis.causes[0].at], diagnosis.also)
