"""Which cause the evidence supports."""

import pytest

from checks.diagnosis import diagnose
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.model import Diagnosis
from checks.finding import Finding, Severity

HEALTHY = {
    "webhook.dry-run": "pass",
    "webhook.endpoints": "pass",
    "webhook.ca-bundle": "pass",
    "webhook.configuration": "pass",
    "paths.host-tcp": "pass",
    "paths.same-node": "pass",
    "paths.cross-ping": "pass",
    "paths.cross-tcp": "pass",
    "paths.cross-tcp-bulk": "pass",
    "paths.webhook-endpoint": "pass",
    "paths.webhook-service": "pass",
    "paths.path-mtu": "pass",
    "paths.checksum-errors": "pass",
    "dns.replica-local": "pass",
    "dns.replica-remote": "pass",
    "dns.replica-loss": "pass",
    "dns.service": "pass",
    "dns.transport": "pass",
    "dns.spread": "pass",
    "nic.adapter": "vmxnet3",
    "nic.tunnel-offload": "off",
    "nic.mtu": "pass",
    "nic.errors": "pass",
    "ipv6.in-use": "not-used",
    "ipv6.dad": "pass",
    "ipv6.default-route": "pass",
    "ipv6.reach": "not-used",
    "ipv6.dns": "not-used",
    "metallb.installed": "pass",
    "metallb.controller": "pass",
    "metallb.speaker": "pass",
    "metallb.pools": "pass",
    "coverage.access": "pass",
    "coverage.agents": "pass",
    "coverage.checks": "pass",
}
WELL = {
    "pass",
    "pass-local",
    "denied",
    "off",
    "on",
    "vmxnet3",
    "e1000e",
    "other",
    "other-adapter",
    "not-used",
    "dual-stack",
    "small",
}
PROBES = {
    "paths.host-tcp": "A",
    "paths.same-node": "B",
    "paths.cross-ping": "C",
    "paths.cross-tcp": "D",
    "paths.cross-tcp-bulk": "E",
    "paths.webhook-endpoint": "F",
    "paths.webhook-service": "G",
}
PLACES = {
    "nic.tunnel-offload": ("w1",),
    "paths.cross-tcp": ("cp->w1", "w1->w2"),
    "dns.replica-loss": ("coredns-b",),
}
TUNNEL_TCP_DEAD = {
    "paths.cross-tcp": "fail",
    "paths.cross-tcp-bulk": "fail",
    "paths.webhook-endpoint": "timeout",
    "paths.webhook-service": "timeout",
    "webhook.dry-run": "timeout",
    "dns.transport": "udp-only",
}
TUNNEL_DEAD = TUNNEL_TCP_DEAD | {
    "paths.cross-ping": "fail",
    "dns.replica-remote": "fail",
    "dns.replica-loss": "by-path",
    "dns.transport": "pass",
    "dns.service": "fail",
}


def findings(*changes: dict[str, str]) -> list[Finding]:
    """A healthy cluster's findings with changes; the outcome `?` stands for what could not be looked at."""
    outcomes = dict(HEALTHY)
    for change in changes:
        outcomes |= change
    return [
        Finding(
            code=code,
            severity=_severity(outcome),
            summary=f"{code} is {outcome}",
            outcome="" if outcome in ("pass", "fail", "?") else outcome,
            probe=PROBES.get(code, ""),
            where=PLACES.get(code, ()) if outcome not in ("pass", "?") else (),
        )
        for code, outcome in outcomes.items()
    ]


def _severity(outcome: str) -> Severity:
    if outcome == "?":
        return Severity.UNKNOWN
    return Severity.OK if outcome in WELL else Severity.FAILED


INCIDENT = TUNNEL_TCP_DEAD | {"nic.tunnel-offload": "on"}
CASES = {
    "healthy": {},
    "vmxnet3-tunnel-offload": INCIDENT | {"paths.checksum-errors": "rising"},
    "firewall-vxlan": TUNNEL_DEAD | {"paths.tunnel-arrivals": "dropped-by-host"},
    "vxlan-port-conflict": TUNNEL_DEAD | {"paths.tunnel-arrivals": "not-arriving"},
    "mtu-mismatch": {"paths.cross-tcp-bulk": "fail", "paths.path-mtu": "black-hole"},
    "vmxnet3-lro": {"paths.cross-tcp-bulk": "fail"},
    "vxlan-tx-checksum": {"paths.webhook-service": "timeout", "webhook.dry-run": "timeout"},
    "webhook-blocked": {
        "paths.webhook-endpoint": "timeout",
        "paths.webhook-service": "timeout",
        "webhook.dry-run": "timeout",
    },
    "kube-proxy": {"paths.webhook-service": "refused", "webhook.dry-run": "refused", "dns.service": "fail"},
    "no-endpoints": {
        "webhook.endpoints": "none",
        "webhook.dry-run": "refused",
        "paths.webhook-service": "refused",
        "paths.webhook-endpoint": "?",
        "webhook.ca-bundle": "?",
        "metallb.controller": "fail",
    },
    "ca-bundle": {"webhook.ca-bundle": "mismatch", "webhook.dry-run": "x509"},
    "apiserver-proxy": {"webhook.dry-run": "proxy"},
    "coredns-replica": {"dns.replica-loss": "one-replica", "dns.service": "fail", "dns.transport": "tcp-only"},
    "ipv6-dad": {"ipv6.in-use": "dual-stack", "ipv6.dad": "fail", "ipv6.reach": "fail", "ipv6.dns": "pass"},
    "ipv6-routing": {"ipv6.in-use": "dual-stack", "ipv6.reach": "fail", "ipv6.default-route": "fail"},
    "pod-security": {"metallb.speaker": "not-created"},
    "unknown": {"webhook.dry-run": "other", "nic.mtu": "fail", "dns.spread": "fail"},
}


@pytest.mark.parametrize("slug", CASES)
def test_each_cause_is_named_first_by_its_own_evidence(slug: str) -> None:
    """Every row of the table wins where the cluster shows what that row predicts."""
    assert slug == diagnose(findings(CASES[slug])).verdict


def test_every_cause_has_a_case() -> None:
    """A row that no evidence can bring to the top is no use."""
    assert {entry.slug for entry in CAUSES} == set(CASES)


def incident(*changes: dict[str, str]) -> Diagnosis:
    """The diagnosis of the founding incident, with changes."""
    return diagnose(findings(INCIDENT, *changes))


def test_the_incident_shows_what_speaks_for_it() -> None:
    """Failing D, F and G and living A and C are the evidence, with their letters."""
    first = incident().causes[0]

    assert {"A", "C", "D", "F", "G"} <= {line[0] for line in first.pro if line[1] == ":"}
    assert ("w1",) == first.where  # where the offload is to be switched off, not every pair that suffers from it


def test_a_passing_dry_run_beside_the_api_server_is_not_health() -> None:
    """With the controller on the API server's node the webhook answers, and the tunnel is broken all the same."""
    changes = {"webhook.dry-run": "pass-local", "paths.webhook-endpoint": "pass", "paths.webhook-service": "pass"}

    assert "vmxnet3-tunnel-offload" == incident(changes).verdict


def test_with_the_offload_off_it_is_not_the_offload() -> None:
    """The same failures on nodes whose offload is off have another cause."""
    assert "vmxnet3-tunnel-offload" != incident({"nic.tunnel-offload": "off"}).verdict


def test_with_another_adapter_it_is_not_the_offload() -> None:
    """e1000e has no tunnel offload."""
    changes = {"nic.adapter": "e1000e", "nic.tunnel-offload": "other-adapter"}

    assert "vmxnet3-tunnel-offload" != incident(changes).verdict


def test_failing_pairs_away_from_the_risky_nodes_speak_against_the_offload() -> None:
    """The place must fit too: pairs that touch no risky node cannot be its doing."""
    moved = [
        Finding(code=f.code, severity=f.severity, summary=f.summary, outcome="on", where=("w9",))
        if f.code == "nic.tunnel-offload"
        else f
        for f in findings(INCIDENT)
    ]

    first = next(c for c in diagnose(moved).causes if c.slug == "vmxnet3-tunnel-offload")
    assert any("touch no node with the tunnel offload on" in line for line in first.contra)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("vmxnet3-tunnel-offload", "coredns-replica"),
        ("firewall-vxlan", "ca-bundle"),
        ("mtu-mismatch", "no-endpoints"),
        ("ca-bundle", "coredns-replica"),
        ("vmxnet3-tunnel-offload", "no-endpoints"),
    ],
)
def test_two_causes_may_hold_at_once(first: str, second: str) -> None:
    """What one cause leaves unexplained, another may explain; both are named."""
    diagnosis = diagnose(findings(CASES[first], CASES[second]))

    assert {first, second} == {diagnosis.verdict, *diagnosis.also}


REPLICA_BEHIND_A_TUNNEL = {"dns.replica-loss": "both", "dns.service": "fail", "dns.replica-remote": "fail"}


@pytest.mark.parametrize(
    ("first", "changes", "second"),
    [
        ("no-endpoints", {"dns.replica-loss": "one-replica", "dns.service": "fail"}, "coredns-replica"),
        ("vmxnet3-tunnel-offload", REPLICA_BEHIND_A_TUNNEL, "coredns-replica"),
        ("firewall-vxlan", REPLICA_BEHIND_A_TUNNEL, "coredns-replica"),
    ],
)
def test_a_second_cause_is_named_on_little_evidence_of_its_own(
    first: str, changes: dict[str, str], second: str
) -> None:
    """One sign that only the second cause explains is enough."""
    diagnosis = diagnose(findings(CASES[first], changes))

    assert (first, (second,)) == (diagnosis.verdict, diagnosis.also)


@pytest.mark.parametrize("slug", [slug for slug in CASES if slug not in ("healthy", "unknown")])
def test_one_cause_alone_is_named_alone(slug: str) -> None:
    """A second cause is not made up."""
    assert () == diagnose(findings(CASES[slug])).also


@pytest.mark.parametrize(
    "code", ["paths.cross-tcp", "dns.service", "webhook.dry-run", "coverage.agents", "coverage.access"]
)
def test_blind_is_not_healthy(code: str) -> None:
    """What could not be looked at is never taken for well."""
    assert "unknown" == diagnose(findings({code: "?"})).verdict


def test_nothing_seen_is_unknown() -> None:
    """No findings, no health."""
    assert "unknown" == diagnose([]).verdict


@pytest.mark.parametrize("code", [c for c in HEALTHY if c not in ("nic.adapter", "nic.tunnel-offload", "ipv6.in-use")])
def test_a_single_failure_is_never_healthy(code: str) -> None:
    """Whatever fails, the verdict is a cause or `unknown`."""
    assert "healthy" != diagnose(findings({code: "fail"})).verdict


def test_probabilities_are_probabilities() -> None:
    """They lie between 0 and 1, and the first is the greatest."""
    causes = incident().causes

    assert all(0 <= cause.probability <= 1 for cause in causes)
    assert causes[0].probability == max(cause.probability for cause in causes)


CHAIN = {
    "healthy": ["does not hold", "does not hold", "does not hold", "does not hold"],
    "vmxnet3-tunnel-offload": ["holds", "does not hold", "holds", "does not hold"],
    "coredns-replica": ["does not hold", "does not hold", "holds", "does not hold"],
    "ipv6-dad": ["does not hold", "holds", "does not hold", "does not hold"],
}


@pytest.mark.parametrize("slug", CHAIN)
def test_the_write_ups_chain_is_answered_link_by_link(slug: str) -> None:
    """Adapter, IPv6, CoreDNS and the webhook's name each get an answer, with what was measured."""
    links = diagnose(findings(CASES[slug])).chain

    assert CHAIN[slug] == [link.answer for link in links]
    assert all(link.measured for link in links)


def test_a_link_that_was_not_measured_says_so() -> None:
    """No answer is made up for what nobody could see."""
    blind = {code: "?" for code in HEALTHY if code.startswith("ipv6.")}

    assert "not measured" == incident(blind).chain[1].answer


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"nic.adapter": "?", "nic.tunnel-offload": "?"}, "not measured"),
        ({"nic.adapter": "e1000e", "nic.tunnel-offload": "other-adapter"}, "does not hold"),
        ({"paths.cross-tcp": "?"}, "not measured"),
    ],
)
def test_the_adapter_is_accused_only_when_it_was_seen(change: dict[str, str], answer: str) -> None:
    """Failing traffic alone does not say which adapters there are, nor the adapters that traffic fails."""
    assert answer == incident(change).chain[0].answer


@pytest.mark.parametrize(
    ("text", "candidate"), [("x509", "ca-bundle"), ("proxy", "apiserver-proxy"), ("refused", "kube-proxy")]
)
def test_pasted_text_alone_names_a_candidate(text: str, candidate: str) -> None:
    """An error that cannot be reproduced points somewhere, and is never answered with "healthy"."""
    diagnosis = diagnose(findings({"webhook.error-text": text}))

    assert "healthy" != diagnosis.verdict
    assert candidate in [cause.slug for cause in diagnosis.causes]
