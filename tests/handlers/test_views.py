"""Views as tables: what people read, within Slack's limits, whatever a cluster puts into it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from bot.playground.blockkit.messages import check_message
from bot.runs.model import Progress
from checks.diagnosis.model import Cause, Diagnosis
from checks.finding import Severity
from checks.report import Report

from bot.access.requester import Requester
from handlers.views import blocks, wording
from handlers.views.details import MESSAGES, details
from handlers.views.run import finding_line, run_message
from tests.handlers.reports import FIREWALL, HOSTILE, OFFLOAD, REPORT, ended, finding, hostile, replaced, run


def words(value: Any) -> str:
    """Everything that people read in a message, as Slack gets it."""
    return "\n".join(_strings(value))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


HOSTILE_RUNS = {
    "running": run(progress=Progress(HOSTILE * 200, 3, 12)),
    "failed": run(state="failed", error=HOSTILE * 200),
    "one cause": ended(hostile(1)),
    "forty causes and findings": ended(hostile(40)),
    "findings alone": ended(replaced(hostile(40), diagnosis=None)),
    "hostile request": run(
        request=replaced(
            run().request,
            cluster=HOSTILE * 20,
            requested_by=Requester(HOSTILE * 20),
            parameters={"webhook": {"error": HOSTILE * 200}},
        ),
        where=None,
    ),
}
VIEWS = {
    **{name: run_message(shown) for name, shown in HOSTILE_RUNS.items()},
    "result": run_message(ended()),
    "no findings": run_message(ended(Report(severity=Severity.UNKNOWN, findings=()))),
}
ALL = [*VIEWS.items(), *((f"{n}, details {i}", d) for n, r in HOSTILE_RUNS.items() for i, d in enumerate(details(r)))]


@pytest.mark.parametrize("view", [view for _, view in ALL], ids=[name for name, _ in ALL])
def test_slack_takes_every_view(view: blocks.Message) -> None:
    """Every message keeps Slack's limits, with room to spare for what Slack does not document."""
    check_message(view["blocks"])
    assert 0 < len(view["text"]) <= blocks.TEXT_CHARACTERS
    assert blocks.characters(view["blocks"]) <= blocks.MESSAGE_CHARACTERS


@pytest.mark.parametrize("view", [view for _, view in ALL], ids=[name for name, _ in ALL])
def test_nothing_from_a_cluster_addresses_anybody(view: blocks.Message) -> None:
    """No mention, link or entity of a cluster's text survives, and a bare `@here` stays text."""
    found = re.findall(r"<(?!https://|@U0ONCALL>)[^>]*>?", words(view))
    assert found == []
    assert "<https://evil" not in words(view)
    assert {o.get("verbatim") for o in _mrkdwn(view)} <= {True}


def _mrkdwn(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value
        for inner in value.values():
            yield from _mrkdwn(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mrkdwn(inner)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"),
        ("one\x00two\u202ethree", "onetwothree"),
        ("Grüße 日本語", "Grüße 日本語"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    """Text reads as it was, and means nothing to Slack."""
    assert shown == blocks.escape(text)


@pytest.mark.parametrize("most", range(2, 14))
def test_clip_cuts_no_entity(most: int) -> None:
    """What is cut ends in an ellipsis and never in half an entity, which would be shown as it stands."""
    cut = blocks.clip("a&b<c>d", most)
    assert len(cut) <= most
    assert re.fullmatch(r"(a|b|c|&amp;|&lt;)*…", cut)


def test_code_spans_cannot_be_left() -> None:
    """A backtick of a cluster ends neither a code span nor a code block."""
    assert "`a\N{MODIFIER LETTER GRAVE ACCENT}&lt;!here&gt;`" == blocks.code("a`<!here>")
    assert blocks.fenced("a```<!here>").count("```") == 2


def test_a_result_says_the_verdict_first() -> None:
    """Headline, cluster, first thing to do, then the evidence for and against, then what would decide."""
    shown = words(run_message(ended())["blocks"])
    order = [
        ":x: Failed: VMXNET3 tunnel offload breaks traffic between nodes — 94 %",
        "*prod*",
        "<@U0ONCALL>",
        "took 6.2 s",
        "Probes: :x: D TCP failed",
        "*Do this first*",
        "`ethtool -K eth0 tx-udp_tnl-segmentation off",
        "To undo it:",
        "*Why*\n_Speaks for it_\n• D: TCP between pods on different nodes fails on 4 of 6 pairs.",
        "_Speaks against it_\n• C: ping",
        "_Could not be seen_",
        "*What would decide*",
    ]
    assert sorted(order, key=shown.index) == order
    assert "A host firewall blocks VXLAN" not in shown


def test_a_notification_says_cluster_and_verdict() -> None:
    """The text beside the blocks is what a locked phone shows."""
    summary = "VMXNET3 tunnel offload breaks traffic between nodes. Every failing pair of nodes touches w1."
    report = replaced(REPORT, diagnosis=replaced(REPORT.diagnosis, summary=summary))
    assert (
        "prod: :x: Failed: VMXNET3 tunnel offload breaks traffic between nodes — 94 %. "
        "Every failing pair of nodes touches w1."
    ) == run_message(ended(report))["text"]


def test_causes_that_hold_too_are_in_the_message() -> None:
    """A second cause is shown when the diagnosis says that it holds, or when it comes close."""
    diagnosis = replaced(REPORT.diagnosis, also=("firewall-vxlan",))
    close = replaced(REPORT.diagnosis, causes=(OFFLOAD, replaced(FIREWALL, probability=0.3)))
    for shown in (diagnosis, close):
        assert "A host firewall blocks VXLAN" in words(run_message(ended(replaced(REPORT, diagnosis=shown))))


@pytest.mark.parametrize(
    ("verdict", "severity", "line"),
    [
        ("healthy", Severity.OK, ":white_check_mark: Healthy"),
        ("healthy", Severity.ADVICE, ":bulb: Healthy, with advice"),
        ("unknown", Severity.FAILED, ":x: Failed: no cause found"),
        ("unknown", Severity.UNKNOWN, ":grey_question: Unknown"),
    ],
)
def test_headline_without_a_cause(verdict: str, severity: Severity, line: str) -> None:
    """What could not be seen is never called healthy, and what is healthy has no percentage."""
    report = replaced(REPORT, severity=severity, diagnosis=replaced(REPORT.diagnosis, verdict=verdict))
    assert line == wording.headline(report)


@pytest.mark.parametrize(
    ("probability", "shown"), [(0.94, "94 %"), (1.0, "over 99 %"), (0.0, "under 1 %"), (0.005, "under 1 %")]
)
def test_probabilities_are_never_certain(probability: float, shown: str) -> None:
    """No evidence is worth 0 or 100 percent."""
    assert shown == wording.percent(probability)


def test_a_run_of_one_check_shows_its_findings() -> None:
    """Without a diagnosis the message lists what is not well, with its numbers."""
    shown = words(run_message(ended(replaced(REPORT, diagnosis=None))))
    assert ":x: Failed: 2 of 4 findings not well" in shown
    assert ":x: Failed: *D* TCP between pods on different nodes fails on 4 of 6 pairs. (w1→w2)" in shown
    assert "• 0 of 3 connections in 2 s" in shown
    assert "kube-dns answers" not in shown


def test_a_healthy_check_says_so() -> None:
    """Nothing to complain about is said in words."""
    report = Report(severity=Severity.OK, findings=(finding("dns.service", Severity.OK, summary="Fine."),))
    assert "Everything that dns looked at is well." in words(run_message(ended(report)))


def test_a_place_that_the_summary_names_is_not_said_again() -> None:
    """What is repeated makes a small screen longer; a name that is part of another one is no repetition."""
    said, part = (
        finding("metallb.controller", summary=f"The controller is ready on {node}.", where=("w1",))
        for node in ("w1", "w10")
    )
    assert finding_line(said).endswith("on w1.")
    assert finding_line(part).endswith("on w10. (w1)")


def test_a_running_run_can_be_cancelled() -> None:
    """Progress in words and as a bar, and a button that carries nothing but the run's id."""
    view = run_message(run())
    assert "*Diagnosing prod*\n███░░░░░░░░░ 3 of 12 · paths" in words(view["blocks"])
    (button,) = (element for block in view["blocks"] if block["type"] == "actions" for element in block["elements"])
    assert ("cancel_run", "0123456789") == (button["action_id"], button["value"])


@pytest.mark.parametrize("shown", [run(state="failed", error="The API server does not answer."), ended()])
def test_an_ended_run_has_no_button(shown: Any) -> None:
    """There is nothing to press when there is nothing to stop."""
    assert "button" not in json.dumps(run_message(shown))


def test_details_are_complete() -> None:
    """Every finding by check, worst first, every cause, and the chain link by link."""
    shown = "\n".join(words(view["blocks"]) for view in details(ended()))
    order = [
        "*paths*",
        "paths.cross-tcp",
        "paths.cross-ping",
        "*dns*",
        "*coverage*",
        "*Causes that were weighed*",
        "A host firewall blocks VXLAN between nodes — 4 %",
        "1. The adapter is VMXNET3 with its tunnel offload on — :heavy_check_mark: *holds*",
        "2. IPv6 comes up wrong — :grey_question: *not measured*",
    ]
    assert sorted(order, key=shown.index) == order


def test_details_end_somewhere() -> None:
    """However much there is, a thread gets a few messages, and is told what is left out."""
    views = details(ended(hostile(80)))
    assert len(views) == MESSAGES
    assert "do not fit here" in words(views[-1]["blocks"])


def test_a_healthy_cluster_shows_its_advice_and_not_its_proof() -> None:
    """What could be better is in the message; the dozens of reasons for health are in the thread."""
    findings = (
        finding("dns.service", Severity.OK, summary="All answer."),
        finding("metallb.pools", Severity.ADVICE, summary="There is no address pool."),
    )
    healthy = Cause(slug="healthy", title="Healthy", probability=0.96, pro=("All answer.",), fix="Nothing to do.")
    diagnosis = Diagnosis(verdict="healthy", summary="Nothing is wrong.", causes=(healthy,))
    report = Report(severity=Severity.ADVICE, findings=findings, diagnosis=diagnosis)

    shown = words(run_message(ended(report))["blocks"])

    assert [True, False, False] == [text in shown for text in ("no address pool", "All answer", "Nothing to do")]
