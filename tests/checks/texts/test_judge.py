"""What is found in a pasted text, and what comes of that in a diagnosis."""

import msgspec
import pytest

from checks.diagnosis import diagnose
from checks.diagnosis.model import HEALTHY, UNKNOWN
from checks.finding import Finding, Severity
from checks.place import Cluster
from checks.texts import CHECK
from tests.checks.diagnosis.worlds import findings as findings_of
from tests.checks.diagnosis.worlds import healthy
from tests.checks.objects import cluster
from tests.checks.words import words

HOOK = "ipaddresspoolvalidationwebhook.metallb.io"
CALL = f'Internal error occurred: failed calling webhook "{HOOK}": failed to call webhook: Post "https://x": '


def shown(finding: Finding) -> list[str]:
    """The evidence."""
    return [words(line) for line in finding.evidence]


def findings(error: str) -> dict[str, Finding]:
    """The findings of a text by code."""
    return {f.code: f for f in CHECK.judge(CHECK.gather(cluster(), {"error": error}, ()))}


def test_a_text_is_read() -> None:
    """It has a finding of its own, about the cluster; a blank one has none."""
    finding = findings("…" + CALL.replace('"', "“") + "context deadline exceeded")["texts.webhook"]

    assert (Severity.FAILED, "timeout", (Cluster(),)) == (finding.severity, finding.outcome, finding.where)
    assert [f"webhook: {HOOK}", "called: https://x"] == shown(finding)
    assert {} == findings("  \n")


def test_a_refusal_is_no_failure() -> None:
    """Whoever refused an object was reached."""
    finding = findings(f'admission webhook "{HOOK}" denied the request: overlaps')["texts.admission"]

    assert (Severity.ADVICE, "denied", ()) == (finding.severity, finding.outcome, finding.where)


@pytest.mark.parametrize(
    ("text", "excerpt"), [("hello", "hello"), ("x" * 10_000, "x" * 200 + "…"), ("{braces} %s", "{braces} %s")]
)
def test_a_text_that_is_not_known_is_unknown(text: str, excerpt: str) -> None:
    """It is said which text, and nothing is guessed."""
    finding = findings(text)["texts.unread"]

    assert (Severity.UNKNOWN, f"netcheck does not know this text: {excerpt}") == (
        finding.severity,
        words(finding.text),
    )


LIST = "E0612 10:00:01.770104       1 reflector.go:205] Failed to list *v1."
UNREACHED = "dial tcp 10.96.0.1:443: i/o timeout"
LOG = f"""
I0612 10:00:00.000001       1 server.go:112] starting
{LIST}Node: Get https://10.96.0.1:443/api/v1/nodes: {UNREACHED}
{LIST}Pod: Get https://10.96.0.1:443/api/v1/pods: {UNREACHED}
Jun 12 10:00:03 w1 kernel: nf_conntrack: table full, dropping packet
Jun 12 10:00:04 w1 kernel: neighbour: arp_cache: neighbor table overflow!
E0612 10:00:05.770104       1 frobnicator.go:7] failed to frobnicate the gizmo
"""


def test_a_log_is_read_line_by_line() -> None:
    """Each sort of message counts once, whatever stands between; lines that tell of no trouble are passed over."""
    found = findings(LOG)

    assert {
        "texts.kernel": ["conntrack-full", "neighbour-table"],
        "texts.api-service": ["timeout"],
        "texts.unread": [],
    } == {code: [s.outcome for s in f.seen] for code, f in found.items()}
    assert "failed to frobnicate the gizmo" in words(found["texts.unread"].text)


def test_the_gravest_of_a_kind_is_told_first() -> None:
    """The others stand below it."""
    finding = findings(LOG)["texts.kernel"]

    assert "The table of tracked connections is full" in words(finding.text)
    assert any("neighbour table" in line for line in shown(finding))


@pytest.mark.parametrize(
    "text", ["hello", "Error: INSTALLATION FAILED: timed out waiting for the condition", "failed to frobnicate: 7"]
)
def test_a_text_that_says_nothing_known_leaves_the_verdict_open(text: str) -> None:
    """Somebody suffers from something, and nobody knows from what."""
    diagnosis = diagnose([*findings_of(healthy()), *findings(text).values()])

    assert (UNKNOWN, ()) == (diagnosis.verdict, diagnosis.causes)
    assert words(next(iter(findings(text).values())).text) in words(diagnosis.summary)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (CALL + "context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "webhook-slow"),
        ("nf_conntrack: table full, dropping packet", "conntrack-full"),
    ],
)
def test_what_no_probe_contradicts_is_told_as_likely(text: str, slug: str) -> None:
    """Where all else is well a text names its cause, with less than what is measured would give it."""
    diagnosis = diagnose([*findings_of(healthy()), *findings(text).values()])

    assert (slug, ()) == (diagnosis.verdict, diagnosis.also)
    assert 0.6 <= diagnosis.causes[0].probability <= 0.8


@pytest.mark.parametrize(
    "text",
    [
        CALL + "context deadline exceeded",
        "UDP: bad checksum. From 192.0.2.1 ulen 75",
        "Error from server: error dialing backend: dial tcp 192.0.2.7:10250: i/o timeout",
        "listen tcp 192.0.2.13:7946: bind: address already in use",
    ],
)
def test_what_every_probe_contradicts_names_nobody(text: str) -> None:
    """The text is listed as what nothing explains."""
    diagnosis = diagnose([*findings_of(healthy()), *findings(text).values()])

    assert (UNKNOWN, list(findings(text))) == (diagnosis.verdict, [r.code for r in diagnosis.unexplained])


def test_a_fix_of_something_somewhere_does_not_name_the_cluster_as_its_place() -> None:
    """The text names no node, so neither does the fix."""
    (cause,) = diagnose(list(findings("Failed to execute iptables-restore: exit status 1").values())).causes

    assert cause.fix is not None
    assert ("kube-proxy", (Cluster(),)) == (cause.slug, cause.at)
    assert "Restart kube-proxy's pod on what the text is about" in words(cause.fix)


def test_a_refused_object_leaves_a_healthy_network_healthy() -> None:
    """The text is explained: the object is wrong."""
    found = findings(f'admission webhook "{HOOK}" denied the request: overlaps')

    assert HEALTHY == diagnose([*findings_of(healthy()), *found.values()]).verdict


def test_parameters_are_bounded() -> None:
    """Ten thousand characters are taken, one more is not."""
    msgspec.convert({"error": "x" * 10_000}, CHECK.parameters)
    for wrong in ({"error": "x" * 10_001}, {"nonsense": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, CHECK.parameters)
