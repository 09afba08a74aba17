"""Views as tables: what people read, within Slack's limits, whatever a cluster puts into it."""

import functools
import json
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from bot.access.requester import Requester
from bot.playground.blockkit.messages import check_message
from bot.runs.model import Progress
from checks.check import Check, NoParameters
from checks.finding import Severity
from checks.observation import Network
from checks.past import Bygone, Past
from checks.registry import CHECKS
from checks.report import Report
from checks.text import say
from handlers.views import blocks
from handlers.views.details import MESSAGES, details
from handlers.views.run import CANCEL, run_message
from tests.handlers.reports import (
    FINDINGS,
    FIREWALL,
    HOSTILE,
    PING,
    PING_PASSES,
    REPORT,
    SPREAD_POORLY,
    TCP,
    TCP_FAILS,
    VMXNET3,
    ended,
    hostile,
    replaced,
    report,
    run,
    verdict,
)

LINKS = Check(
    name="links",
    title="Whether pods reach each other",
    networks=(Network.POD,),
    request=NoParameters,
    data=NoParameters,
    deadline_s=1.0,
)


def words(value: Any) -> str:
    """Everything that people read in a message, as Slack gets it."""
    return "\n".join(_strings(value))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("text", "title") and isinstance(inner, str):
                yield inner
            else:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


BEFORE = Bygone(1e8, 2e8, "⟦1⟧" * 2000 + HOSTILE * 200)
HOSTILE_PAST = {
    name: Past(since=9e99, before=BEFORE, times=9, earliest=1e8)
    for name in [*(f.code for f in hostile(40).findings), HOSTILE]
}
HOSTILE_RUNS = {
    "running": run(progress=Progress(HOSTILE * 200, 3, 12)),
    "failed": run(state="failed", error=HOSTILE * 200),
    "one cause": ended(hostile(1)),
    "forty causes and findings": ended(hostile(40)),
    "findings alone": ended(replaced(hostile(40), diagnosis=None)),
    "no cause": ended(replaced(hostile(40), diagnosis=replaced(hostile(40).diagnosis, verdict="unknown"))),
    "healthy": ended(replaced(hostile(40), diagnosis=replaced(hostile(40).diagnosis, verdict="healthy"))),
    "provisional": ended(hostile(40), state="running"),
    "revised": ended(replaced(hostile(40), awaited=(), revised=hostile(1).findings[0].text)),
    "long past": ended(replaced(hostile(40), past=HOSTILE_PAST)),
    "one node of many": ended(hostile(40), nodes=(HOSTILE * 20,) * 60),
    "hostile request": run(
        request=replaced(
            run().request,
            cluster=HOSTILE * 20,
            requested_by=Requester(HOSTILE * 20),
            parameters={"texts": {"error": HOSTILE * 200}},
        ),
        where=None,
    ),
}
RUNS = {
    **HOSTILE_RUNS,
    "result": ended(),
    "no findings": ended(Report(severity=Severity.UNKNOWN, findings=())),
    "under way": run(),
}


@functools.cache
def views(name: str) -> tuple[blocks.Message, ...]:
    """The message of a run, and its details."""
    return run_message(RUNS[name]), *details(RUNS[name])


@pytest.mark.parametrize("name", RUNS)
def test_slack_takes_every_view(name: str) -> None:
    """Every message keeps Slack's limits, with room to spare for what Slack does not document."""
    for view in views(name):
        check_message(view["blocks"])
        assert 0 < len(view["text"]) <= blocks.TEXT_CHARACTERS
        assert blocks.characters(view["blocks"]) <= blocks.MESSAGE_CHARACTERS


@pytest.mark.parametrize("name", RUNS)
def test_nothing_from_a_cluster_addresses_anybody(name: str) -> None:
    """No mention, link or entity of a cluster's text survives, and a bare `@here` stays text."""
    for view in views(name):
        found = re.findall(
            r"<(?!https://|@U0ONCALL>|!date\^\d+\^{date_short_pretty} {time}\|[-0-9: ]+UTC>)[^>]*>?", words(view)
        )
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
        ":x: Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %",
        "*prod*",
        "by <@U0ONCALL>",
        "took 6.2 s",
        "`0123456789`",
        "*Do this first*\nOn one pair first: `ethtool -K eth0 tx-udp_tnl-segmentation off`.",
        "To undo it: `ethtool",
        "Probes: :x: failed: D · :white_check_mark: passed: C",
        "*Why*\n_Speaks for it_\n• D: TCP fails on 1 of 2 pairs. (w1 → w2)\n• The tunnel offload is on. (w1)",
        "_Speaks against it_\n• C: Ping works.",
        "_Could not be seen_\n• No answer from w3.",
        "*What would decide*\nSwitch both tunnel offloads off",
    ]
    assert order == sorted((line for line in order if line in shown), key=shown.index)
    assert "A host firewall blocks VXLAN" not in shown


def test_a_notification_says_cluster_verdict_and_what_to_do() -> None:
    """The text beside the blocks is what a locked phone shows."""
    assert (
        "prod: :x: Failed: VMXNET3 tunnel offload breaks traffic at w1 — 94 %. "
        "Do this first: On one pair first: `ethtool -K eth0 tx-udp_tnl-segmentation off`."
    ) == run_message(ended())["text"]


def test_times_are_shown_as_everybodys_own_slack_shows_them() -> None:
    """In the message for the cause, in the thread for the findings."""
    past = {
        VMXNET3.slug: Past(since=3e8, before=Bygone(1e8, 2e8, "offload-off"), times=2),
        "links.tcp": Past(since=3e8),
    }
    shown = ended(replaced(REPORT, past=past))
    time = "<!date^{}^{{date_short_pretty}} {{time}}|"

    told = words(run_message(shown)["blocks"])
    since, before = time.format(300000000), time.format(100000000)
    assert f"Since {since}1979-07-05 05:20 UTC>. Seen before ({before}" in told
    assert "), then fixed by offload-off." in told
    assert f"First seen {since}" in "".join(words(part) for part in details(shown))


def test_the_probe_matrix_says_what_its_letters_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows letters by heart at night: the words are those that the codes declare."""
    module = types.ModuleType("checks.links.judge")
    module.__dict__["CODES"] = (TCP, PING)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(CHECKS, "links", LINKS)

    shown = words(run_message(ended(report(*FINDINGS, PING.unseen(say("No ping."))))))

    assert "Probes: :x: failed: D TCP · :grey_question: not seen: C ping" in shown


def test_a_run_of_one_check_shows_its_findings_and_repeats_none() -> None:
    """Without a diagnosis the message lists what is not well, with its numbers; the thread has the others alone."""
    checked = ended(replaced(REPORT, diagnosis=None))
    shown, thread = words(run_message(checked)), "\n".join(map(words, details(checked)))

    assert ":x: Failed: 1 of 5 findings not well, 1 not seen" in shown
    assert ":x: Failed: D: TCP fails on 1 of 2 pairs. (w1 → w2) `links.tcp`\n• 0 of 3 connections, 100 % lost" in shown
    assert [False, True] == ["Ping works." in text for text in (shown, thread)]
    assert [True, False] == ["TCP fails" in text for text in (shown, thread)]


def test_a_check_that_finds_nothing_good_or_bad_to_add_has_no_thread() -> None:
    """A message that says it all is the only one."""
    assert [] == details(ended(report(TCP_FAILS)))


def test_what_does_not_fit_into_the_message_is_in_the_thread() -> None:
    """Nothing that everybody should read is lost, however much there is."""
    findings = [replaced(TCP_FAILS, code=f"links.{n}", text=say("{n} " + "long " * 120, n=n)) for n in range(20)]
    checked = ended(report(*findings))

    message, thread = words(run_message(checked)), "\n".join(map(words, details(checked)))

    assert "The rest is in the thread." in message
    assert [1] * 20 == [(message + thread).count(f"`links.{n}`") for n in range(20)]


def test_a_provisional_verdict_can_still_be_stopped() -> None:
    """It stands at the top as soon as it is known, marked, with what is still done and the button."""
    view = run_message(ended(replaced(REPORT, awaited=("webhook",)), state="running"))
    shown = words(view["blocks"])

    order = ["94 % (provisional)", "3 of 12 · paths", "Cancel", "This may change: webhook still to come.", "*Why*"]
    assert order == sorted((line for line in order if line in shown), key=shown.index)
    assert ["cancel_run"] == [e["action_id"] for b in view["blocks"] if b["type"] == "actions" for e in b["elements"]]


def test_a_running_run_can_be_cancelled() -> None:
    """Progress in words and as a bar, and a button that carries nothing but the run's id."""
    view = run_message(run())
    assert "*Diagnosing prod*\n███░░░░░░░░░ 3 of 12 · paths" in words(view["blocks"])
    (button,) = (element for block in view["blocks"] if block["type"] == "actions" for element in block["elements"])
    assert ("cancel_run", "0123456789") == (button["action_id"], button["value"])


@pytest.mark.parametrize("shown", [run(state="failed", error="The API server does not answer."), ended()])
def test_an_ended_run_cannot_be_cancelled(shown: Any) -> None:
    """There is nothing to press when there is nothing to stop."""
    assert CANCEL not in json.dumps(run_message(shown))


def test_details_are_complete() -> None:
    """Every finding by check, worst first, with its numbers; every cause; and the chain link by link."""
    shown = "\n".join(words(view["blocks"]) for view in details(ended()))
    order = [
        "*Findings in prod* · `0123456789`",
        "*metallb*\n:white_check_mark: Well: 1 finding: installed",
        "*coverage*\n:grey_question: Unknown: No answer from w3.",
        "*links*\n:x: Failed: D: TCP fails on 1 of 2 pairs. (w1 → w2) `links.tcp`\n• 0 of 3 connections, 100 % lost",
        ":white_check_mark: Well: 2 findings: ping and offload",
        "*Also weighed: A host firewall blocks VXLAN — 4 %*\n_Speaks against it_",
        "*Adapter → IPv6 → CoreDNS → webhook, link by link*",
        ":heavy_check_mark: holds: The adapter is VMXNET3\n• The tunnel offload is on. (w1)",
        ":grey_question: not measured: IPv6 comes up wrong\n• The webhook does not use it.",
    ]
    assert order == sorted((line for line in order if line in shown), key=shown.index)


def test_the_thread_of_a_diagnosis_is_short() -> None:
    """Forty findings of which six are not well are a few thousand characters, not as many as anybody would skip."""
    evidence = tuple(say("w1 → w{n}: 0 of 3 connections in 2 s", n=n) for n in range(40))
    failing = [replaced(TCP_FAILS, code=f"links.bad-{n}", evidence=evidence) for n in range(6)]
    well = [replaced(PING_PASSES, code=f"links.well-{n}", evidence=evidence) for n in range(34)]
    views = details(ended(report(*failing, *well, diagnosis=REPORT.diagnosis)))

    assert len(views) == 1
    assert blocks.characters(views[0]["blocks"]) < 4000


def test_details_end_somewhere() -> None:
    """However much there is, a thread gets a few messages, and is told what is left out."""
    views = details(ended(hostile(80)))
    assert len(views) == MESSAGES
    assert "do not fit here" in words(views[-1]["blocks"])


def test_a_healthy_cluster_shows_its_advice_and_not_its_proof() -> None:
    """What could be better is in the message; the dozens of reasons for health are in the thread."""
    healthy = verdict("healthy", say("Nothing is wrong."), causes=(replaced(FIREWALL, slug="healthy"),))
    view = run_message(ended(report(PING_PASSES, SPREAD_POORLY, diagnosis=healthy)))

    shown = words(view["blocks"])

    assert [True, False, False] == [text in shown for text in ("on one node", "Ping works", "firewall")]
    assert "prod: :bulb: Healthy, with advice. Nothing is wrong." == view["text"]
