"""What leads, what the headline says, and with which code a command ends."""

import pytest

from bot.language import ENGLISH, local_time
from bot.runs.model import Run
from bot.runs.outline import outline
from bot.runs.outline.lines import finding_line, probability
from bot.runs.outline.model import SIGNS, Block
from checks.cluster.snapshot import Metadata, Snapshot
from checks.cluster.snapshot import Node as ClusterNode
from checks.coverage.judge import AGENTS
from checks.coverage.judge import judge as judge_coverage
from checks.diagnosis.model import Diagnosis, Reference
from checks.finding import Seen, Severity
from checks.metallb.installation import CONTROLLER
from checks.metallb.installation import NOT_USED as METALLB_NOT_USED
from checks.observation import Network, Observation, State
from checks.past import Bygone, Past
from checks.place import Cluster, Node, Pair, Workload
from checks.report import Report
from checks.text import say
from tests.handlers.reports import (
    ABSENT,
    DIAGNOSIS,
    ERRORS,
    ERRORS_RISE,
    FINDINGS,
    FIREWALL,
    MTU,
    PING,
    PING_PASSES,
    SPREAD_POORLY,
    TCP,
    TCP_FAILS,
    TCP_PASSES,
    UNSEEN_TCP,
    VMXNET3,
    W3_SILENT,
    cause,
    ended,
    replaced,
    report,
    run,
    verdict,
)

NOBODY = AGENTS.unseen(say("No answer from any node."), places=[Node("w1"), Node("w2")])
NO_CONTROLLER = CONTROLLER.found(say("MetalLB is not installed."), outcome=METALLB_NOT_USED.word)
UNSEEN_PING = PING.unseen(say("Ping could not be tried."))
TEXT_UNREAD = verdict("unknown", say("This text is not known to netcheck."))


OFFLOADS = {
    "vmxnet3-tunnel-offload": Past(since=3e8, before=Bygone(1e8, 2e8, "offload-off"), times=2, earliest=1e8),
    "links.errors": Past(since=3e8, before=Bygone(1e8, 2e8), times=3, earliest=5e7),
    "links.tcp": Past(since=4e8),
}


def said(run: Run) -> str:
    """All that is told of a run, one sentence a line."""
    told = outline(run)
    return "\n".join([ENGLISH.words(told.heading.text), *_lines(told.first), *_lines(told.rest)])


def _lines(blocks: tuple[Block, ...]) -> list[str]:
    texts = []
    for block in blocks:
        texts += [block.title] if block.title else []
        for line in block.lines:
            texts += [line.text, *line.evidence]
    return [ENGLISH.words(text) for text in texts]


def first_lines(run: Run) -> list[str]:
    """What everybody reads."""
    return _lines(outline(run).first)


def test_a_cause_says_since_when_it_is_there_and_what_fixed_it_before() -> None:
    """Right after the headline; of findings that are not well it stands with their numbers."""
    shown = ended(report(TCP_FAILS, ERRORS_RISE, diagnosis=DIAGNOSIS, past=OFFLOADS))
    at = {name: local_time(when) for name, when in {"first": 1e8, "well": 2e8, "now": 3e8, "tcp": 4e8}.items()}

    assert f"Since {at['now']}. Seen before ({at['first']}), then fixed by offload-off." == first_lines(shown)[0]
    rest = _lines(outline(shown).rest)
    assert f"First seen {at['tcp']}." in rest
    again = f"Since {at['now']}. Seen before ({at['first']}), and well again ({at['well']})."
    assert f"{again} 3 times since {local_time(5e7)}." in rest


def test_a_run_of_one_check_says_since_when_too() -> None:
    """There the findings are what everybody reads."""
    shown = ended(report(TCP_FAILS, past=OFFLOADS))

    assert f"First seen {local_time(4e8)}." in first_lines(shown)


@pytest.mark.parametrize(
    ("shown", "severity", "line", "code"),
    [
        (report(TCP_PASSES, PING_PASSES, diagnosis=verdict("healthy")), Severity.OK, "Healthy", 0),
        (report(SPREAD_POORLY, diagnosis=verdict("healthy")), Severity.ADVICE, "Healthy, with advice", 0),
        (report(UNSEEN_TCP, PING_PASSES, diagnosis=verdict("healthy")), Severity.OK, "Healthy", 0),
        (report(ERRORS_RISE, diagnosis=verdict("healthy")), Severity.DEGRADED, "No fault found, 1 risk", 1),
        (
            report(*FINDINGS, diagnosis=DIAGNOSIS),
            Severity.FAILED,
            "Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %",
            1,
        ),
        (
            report(ERRORS_RISE, diagnosis=verdict("firewall-vxlan", causes=(FIREWALL,))),
            Severity.DEGRADED,
            "Degraded: A host firewall blocks VXLAN — 4 %",
            1,
        ),
        (
            report(PING_PASSES, diagnosis=verdict("mtu-mismatch", causes=(MTU,))),
            Severity.DEGRADED,
            "Degraded: The MTU is too large at w2 — 97 %",
            1,
        ),
        (report(TCP_FAILS, diagnosis=verdict("unknown")), Severity.FAILED, "Failed: no known cause fits", 1),
        (report(ERRORS_RISE, diagnosis=verdict("unknown")), Severity.DEGRADED, "Degraded: no known cause fits", 1),
        (report(UNSEEN_TCP, diagnosis=verdict("unknown")), Severity.UNKNOWN, "Could not look at everything", 3),
        (report(PING_PASSES, diagnosis=TEXT_UNREAD), Severity.UNKNOWN, "Unknown: no known cause fits", 3),
        (report(TCP_FAILS, diagnosis=TEXT_UNREAD), Severity.FAILED, "Failed: no known cause fits", 1),
        (
            report(NOBODY, UNSEEN_TCP, diagnosis=verdict("unknown")),
            Severity.UNKNOWN,
            "Could not look: no agent answers",
            3,
        ),
        (
            report(NOBODY, ERRORS_RISE, diagnosis=verdict("unknown")),
            Severity.DEGRADED,
            "Degraded, and no agent answers",
            1,
        ),
        (report(TCP_PASSES, SPREAD_POORLY), Severity.ADVICE, "Healthy, with advice", 0),
        (report(TCP_FAILS, PING_PASSES), Severity.FAILED, "Failed: 1 of 2 findings not well", 1),
        (
            report(TCP_FAILS, W3_SILENT, PING_PASSES),
            Severity.FAILED,
            "Failed: 1 of 3 findings not well, 1 not seen",
            1,
        ),
        (report(UNSEEN_TCP, PING_PASSES), Severity.UNKNOWN, "Could not look at 1 of 2 findings", 3),
        (report(NOBODY, UNSEEN_TCP), Severity.UNKNOWN, "Could not look: no agent answers", 3),
        (report(ABSENT, NO_CONTROLLER), Severity.UNKNOWN, "Nothing to look at", 3),
        (report(ABSENT, TCP_PASSES), Severity.OK, "Healthy", 0),
        (report(), Severity.UNKNOWN, "Nothing to look at", 3),
    ],
)
def test_the_headline_and_the_exit_code(shown: Report, severity: Severity, line: str, code: int) -> None:
    """What could not be seen is never called healthy; what was seen to fail outweighs it; a cause has its place."""
    told = outline(ended(shown))

    assert (SIGNS[severity], line) == (told.heading.sign, ENGLISH.words(told.heading.text))
    assert code == told.exit_code


@pytest.mark.parametrize(("state", "word"), [("failed", "Not done"), ("cancelled", "Cancelled")])
def test_a_run_without_a_report_could_not_look(state: str, word: str) -> None:
    """It failed or was cancelled, and says why."""
    told = outline(run(state=state, error="The API server does not answer."))

    assert (word, 3) == (ENGLISH.words(told.heading.text), told.exit_code)
    assert ["The API server does not answer."] == _lines(told.first)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.94, "94 %"), (1.0, "over 99 %"), (0.0, "under 1 %"), (0.005, "under 1 %")]
)
def test_probabilities_are_never_certain(value: float, shown: str) -> None:
    """No evidence is worth 0 or 100 percent."""
    assert shown == ENGLISH.words(probability(value))


def test_every_named_cause_has_its_own_place_probability_and_fix() -> None:
    """Two causes at two nodes are two things to do; a candidate that comes close has no fix, and others wait."""
    close = cause("cni-not-ready", say("The CNI is not ready"), 0.3, fix=say("Restart it."))
    diagnosis = replaced(DIAGNOSIS, also=(MTU.slug,), causes=(VMXNET3, MTU, close, FIREWALL))

    shown = first_lines(ended(report(*FINDINGS, diagnosis=diagnosis)))

    order = [
        "Do this first",
        "Why",
        "Besides: The MTU is too large at w2 — 97 %",
        "What to do about it",
        "Set it to 1450.",
        "Also weighed: The CNI is not ready — 30 %",
        "What would decide",
    ]
    assert order == [line for line in shown if line in order]
    assert {"Restart it.", "Also weighed: A host firewall blocks VXLAN — 4 %"}.isdisjoint(shown)


def test_one_cause_at_two_places_is_told_twice() -> None:
    """The same slug may be named at one node and be a candidate at another."""
    elsewhere = replaced(VMXNET3, probability=0.2, at=(Node("w3"),))
    told = ended(report(*FINDINGS, diagnosis=replaced(DIAGNOSIS, causes=(VMXNET3, elsewhere))))

    assert "Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %" in said(told)
    assert "Also weighed: VMXNET3 tunnel offload breaks traffic at w3 — 20 %" in first_lines(told)


def test_references_say_what_was_seen_at_the_places_that_are_meant() -> None:
    """Where all is well no places are listed, and a finding that was not made is not passed over."""
    shown = first_lines(ended())

    assert shown[shown.index("Speaks for it") :] == [
        "Speaks for it",
        "D: TCP fails on 1 of 2 pairs. (w1 → w2)",
        "The tunnel offload is on. (w1)",
        "Speaks against it",
        "C: Ping works.",
        "Could not be seen",
        "No answer from w3.",
        "kernel.counters was not looked at.",
        "What would decide",
        "Switch both tunnel offloads off on one pair of nodes and probe that pair again.",
    ]


def test_what_no_cause_explains_is_first_where_none_is_named() -> None:
    """With its numbers, before what could not be seen."""
    diagnosis = verdict("unknown", unexplained=(Reference("links.tcp", (Pair("w1", "w2"),)),))

    shown = first_lines(ended(report(UNSEEN_PING, TCP_FAILS, diagnosis=diagnosis)))

    assert [
        "Not explained",
        "D: TCP fails on 1 of 2 pairs. (w1 → w2)",
        "0 of 3 connections, 100 % lost",
        "This is what was seen.",
        "Could not be seen",
        "C: Ping could not be tried.",
    ] == shown[:6]


def test_silence_of_all_agents_leads_and_is_told_once() -> None:
    """What helps first is to get an answer: eighteen findings that lack one are a number, not eighteen lines."""
    blind = [replaced(UNSEEN_TCP, code=f"links.{n}", probe="") for n in range(18)]

    shown = ended(report(NOBODY, *blind, diagnosis=verdict("unknown")))

    assert [
        "Do this first",
        "No answer from any node.",
        "Could not be seen",
        "18 findings need an agent.",
    ] == first_lines(shown)
    assert 0 == said(shown).count("TCP could not be tried.")


def test_a_cause_that_is_found_without_agents_says_what_was_not_seen() -> None:
    """The API server's objects may be enough to name it, and people still learn that nobody looked at the nodes."""
    shown = first_lines(ended(report(NOBODY, UNSEEN_TCP, diagnosis=verdict("mtu-mismatch", causes=(MTU,)))))

    assert ["Could not be seen", "No answer from any node.", "1 finding needs an agent."] == shown[-3:]


def test_one_silent_agent_does_not_hide_a_cause() -> None:
    """What the others saw still counts, and what they could not see stands beside it."""
    assert said(ended()).startswith("Failed: VMXNET3")


def test_a_reason_that_many_findings_share_is_told_once() -> None:
    """With the proof beside the finding that is about it."""
    blind = [TCP.unseen(say("w3 did not answer."), [say("w3 is silent")]), PING.unseen(say("w3 did not answer."))]
    shown = first_lines(ended(report(*blind, W3_SILENT, diagnosis=verdict("unknown"))))

    assert 1 == sum("w3 is silent" in line for line in shown)


def test_what_was_not_asked_for_is_not_missed() -> None:
    """A run on one node cannot see what takes two; who was asked and stayed silent is missed all the same."""
    beyond, nowhere = UNSEEN_TCP, UNSEEN_PING
    answered = AGENTS.found(say("Every agent that was asked answered."), outcome="pass")
    own = ERRORS.unseen(say("The counters could not be read."), places=[Node("w1")])

    alone = outline(ended(report(TCP_PASSES, beyond, nowhere, answered), nodes=("w1",)))
    assert ("Healthy", 0) == (ENGLISH.words(alone.heading.text), alone.exit_code)
    assert "2 findings need other nodes too, which were not asked." in _lines(alone.first)

    missed = outline(ended(report(PING_PASSES, own, answered), nodes=("w1",)))
    assert "Could not look at 1 of 3 findings" == ENGLISH.words(missed.heading.text)
    diagnosed = report(TCP_PASSES, nowhere, answered, diagnosis=verdict("healthy"))
    assert "1 finding needs other nodes too, which were not asked." in first_lines(ended(diagnosed, nodes=("w1",)))
    everywhere = outline(ended(report(TCP_PASSES, nowhere, answered)))
    assert "Could not look at 1 of 3 findings" == ENGLISH.words(everywhere.heading.text)


def test_a_provisional_report_says_what_is_awaited() -> None:
    """The headline is marked, and nobody takes it for the last word."""
    shown = said(ended(report(*FINDINGS, diagnosis=DIAGNOSIS, awaited=("webhook", "dns")), state="running"))

    assert "94 % (provisional)\nThis may change: webhook and dns still to come." in shown


def test_a_verdict_that_changed_says_so() -> None:
    """Whoever read the provisional one must notice."""
    shown = first_lines(ended(report(*FINDINGS, diagnosis=DIAGNOSIS, revised=FIREWALL.title)))

    assert "At first it looked different: A host firewall blocks VXLAN" == shown[0]
    assert "At first" not in said(ended())


def test_a_place_that_the_sentence_names_is_not_said_again() -> None:
    """What is repeated makes a small screen longer; a name that is part of another one is no repetition."""
    named, part = (say("Errors rise on {nodes}.", nodes=[node]) for node in ("w1", "w10"))
    finding = replaced(ERRORS_RISE, seen=(replaced(ERRORS_RISE.seen[0], place=Node("w1")),))

    assert "Errors rise on w1." == ENGLISH.words(finding_line(replaced(finding, text=named)).text)
    assert "Errors rise on w10. (w1)" == ENGLISH.words(finding_line(replaced(finding, text=part)).text)


def test_the_cluster_as_a_place_goes_without_saying() -> None:
    """Only what narrows it down is told."""
    everywhere = replaced(MTU, at=(Cluster(),))
    shown = ended(report(PING_PASSES, diagnosis=verdict("mtu-mismatch", causes=(everywhere,))))

    assert "Degraded: The MTU is too large — 97 %" == ENGLISH.words(outline(shown).heading.text)


def test_a_run_of_one_check_repeats_nothing() -> None:
    """What is not well comes first, with all its numbers; only what is well is left for later."""
    told = outline(ended(report(TCP_FAILS, SPREAD_POORLY, PING_PASSES, NO_CONTROLLER)))

    first, rest = _lines(told.first), _lines(told.rest)
    assert "0 of 3 connections, 100 % lost" in first
    assert ["metallb", "MetalLB is not installed.", "links", "C: Ping works."] == rest
    assert set() == set(first) & set(rest)


@pytest.mark.parametrize("slug", ["healthy", "unknown"])
def test_a_diagnosis_without_a_cause_repeats_nothing(slug: str) -> None:
    """What everybody has read with its numbers is not listed again under its check."""
    text = said(ended(report(ERRORS_RISE, SPREAD_POORLY, UNSEEN_PING, TCP_PASSES, diagnosis=verdict(slug))))

    told = ["Errors rise on w3.", "All replicas are on one node.", "Ping could not be tried.", "1 finding: tcp"]
    assert [1, 1, 1, 1] == [text.count(sentence) for sentence in told]


@pytest.mark.parametrize("diagnosis", [None, verdict("unknown")])
def test_a_cluster_without_agents_is_told_how_to_get_them(diagnosis: Diagnosis | None) -> None:
    """One line says that there are none and what to do, instead of a line for each silence."""
    nodes = tuple(ClusterNode(metadata=Metadata(name=name)) for name in ("w1", "w2", "w3"))
    silent = [
        Observation(check=check, network=Network.POD, node=node.name, state=State.NO_ANSWER)
        for node in nodes
        for check in ("paths", "dns")
    ]
    found = [UNSEEN_TCP, UNSEEN_PING, *judge_coverage(Snapshot(nodes=nodes), silent)]

    shown = said(ended(report(*found, diagnosis=diagnosis)))

    assert [1, 1, 0] == [shown.count(words) for words in ("has no agents", "helm install", "did not answer")]


def test_a_healthy_check_says_so() -> None:
    """Nothing to complain about is said in words, and what is not there is told once."""
    ready = CONTROLLER.found(say("The controller is ready."), [Seen(Workload("metallb-system", "controller"), "pass")])

    assert ["Everything that metallb looked at is well."] == first_lines(ended(report(ready)))
    assert ["MetalLB is not installed."] == first_lines(ended(report(ABSENT, NO_CONTROLLER)))
