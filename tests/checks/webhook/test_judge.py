"""What is concluded from dry run, endpoints, certificates, configuration and error text."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Condition, EndpointConditions, Gap, Snapshot, WebhookClientConfig
from checks.finding import Finding, Severity
from checks.observation import Answer, Network, Observation, State
from checks.webhook import CHECK
from checks.webhook.judge import FINDINGS, judge
from checks.webhook.model import Certificate, Data, Parameters, Trust
from tests.checks.objects import (
    HOOK,
    NAMESPACE,
    SERVICE,
    cluster,
    configuration,
    endpoint,
    endpoint_slice,
    webhook,
)

CALL = f'Internal error occurred: failed calling webhook "{HOOK}": failed to call webhook: Post "https://x": '
NOW = 1_700_000_000.0


def dry_run(status: int = 201, message: str = "", elapsed_s: float = 0.02) -> Observation:
    """The worker's observation."""
    return Observation(
        check="webhook",
        network=Network.CLUSTER,
        data=Data(answer=Answer(status=status, message=message, elapsed_s=elapsed_s)),
    )


def handshake(trust: Trust = Trust.VERIFIED, days: float = 300, detail: str = "") -> Observation:
    """The observation of the node with the endpoint."""
    certificate = Certificate(
        pod="controller",
        server_name=f"{SERVICE}.{NAMESPACE}.svc",
        trust=trust,
        detail=detail,
        expires_at=NOW + days * 86_400 if trust is Trust.VERIFIED else 0.0,
        observed_at=NOW,
    )
    return Observation(check="webhook", network=Network.HOST, node="w1", data=Data(certificates=(certificate,)))


def findings(*observations: Observation, snapshot: Snapshot | None = None, **parameters: str) -> dict[str, Finding]:
    """The findings by code, each code once."""
    found = judge(cluster() if snapshot is None else snapshot, Parameters(**parameters), observations)
    assert len({f.code for f in found}) == len(found)
    assert {f.code for f in found} <= FINDINGS.keys()
    return {f.code.removeprefix("webhook."): f for f in found}


def test_healthy_cluster_is_ok_throughout() -> None:
    """Every code is reported, as well, with what was seen; the error text only when there is one."""
    found = findings(dry_run(), handshake())
    assert {"dry-run": "pass", "endpoints": "pass", "ca-bundle": "pass", "configuration": "pass"} == {
        code: finding.sign for code, finding in found.items()
    }
    assert {Severity.OK} == {finding.severity for finding in found.values()}


def test_nothing_observed_is_unknown_where_observations_are_needed() -> None:
    """Without observations only what the snapshot tells is judged."""
    found = findings()
    assert {"dry-run": None, "endpoints": "pass", "ca-bundle": None, "configuration": "pass"} == {
        code: finding.sign for code, finding in found.items()
    }


@pytest.mark.parametrize("state", [state for state in State if state is not State.OBSERVED])
def test_unobserved_states_are_unknown(state: State) -> None:
    """A job that came to nothing is never evidence about the cluster."""
    lost = [
        Observation(check="webhook", network=network, node=name, state=state, message="why")
        for network, name in ((Network.CLUSTER, ""), (Network.HOST, "w1"))
    ]
    found = findings(*lost)
    assert (None, None) == (found["dry-run"].sign, found["ca-bundle"].sign)
    assert any("why" in line for line in found["ca-bundle"].evidence)


@pytest.mark.parametrize(
    ("answer", "severity", "sign"),
    [
        (dry_run(500, CALL + "context deadline exceeded", 10.0), Severity.FAILED, "timeout"),
        (dry_run(500, CALL + "dial tcp 10.96.160.30:443: connect: connection refused"), Severity.FAILED, "refused"),
        (dry_run(500, CALL + 'no endpoints available for service "x"'), Severity.FAILED, "no-endpoints"),
        (dry_run(500, CALL + "x509: certificate signed by unknown authority"), Severity.FAILED, "x509"),
        (dry_run(500, CALL + "proxyconnect tcp: EOF"), Severity.FAILED, "proxy"),
        (dry_run(500, CALL + "dial tcp: lookup a.b: no such host"), Severity.FAILED, "lookup"),
        (dry_run(500, CALL + "something nobody has seen"), Severity.FAILED, "other"),
        (dry_run(0, "Read timed out.", 12.0), Severity.FAILED, "timeout"),
        (dry_run(0, "connection refused", 0.1), Severity.UNKNOWN, None),
        (dry_run(403, f'admission webhook "{HOOK}" denied the request: overlaps'), Severity.OK, "denied"),
        (dry_run(403, 'x is forbidden: User "y" cannot create resource "z"'), Severity.UNKNOWN, None),
        (dry_run(422, "ValidatingAdmissionPolicy 'a' with binding 'b' denied request: c"), Severity.UNKNOWN, None),
        (dry_run(400, f'admission webhook "{HOOK}" does not support dry run'), Severity.UNKNOWN, None),
        (dry_run(404, 'namespaces "metallb-system" not found'), Severity.UNKNOWN, None),
        (dry_run(500, 'failed calling webhook "kyverno.svc": context deadline exceeded'), Severity.UNKNOWN, None),
        (dry_run(500, "etcdserver: request timed out"), Severity.UNKNOWN, None),
    ],
)
def test_answers(answer: Observation, severity: Severity, sign: str | None) -> None:
    """What the API server said about the dry run decides, and its words are the evidence."""
    finding = findings(answer)["dry-run"]
    assert (severity, sign) == (finding.severity, finding.sign)
    assert answer.data.answer.message in finding.evidence


def test_pass_on_the_control_plane_is_no_proof() -> None:
    """With every ready endpoint on a control-plane node, a passing dry run did not use the tunnel."""
    local = cluster(endpoint_slices=(endpoint_slice(SERVICE, endpoint("10.244.0.5", "cp")),))
    both = cluster(
        endpoint_slices=(endpoint_slice(SERVICE, endpoint("10.244.0.5", "cp"), endpoint("10.244.1.5", "w1")),)
    )
    assert ("pass-local", Severity.OK) == (
        (finding := findings(dry_run(), snapshot=local)["dry-run"]).sign,
        finding.severity,
    )
    assert "pass" == findings(dry_run(), snapshot=both)["dry-run"].sign


def test_failing_open_is_a_time_out() -> None:
    """With failurePolicy Ignore a dry run passes after the time-out: the webhook did not answer."""
    snapshot = cluster(webhook_configurations=(configuration(webhook(failure_policy="Ignore")),))
    assert "timeout" == findings(dry_run(elapsed_s=10.01), snapshot=snapshot)["dry-run"].sign
    assert "pass" == findings(dry_run(elapsed_s=0.1), snapshot=snapshot)["dry-run"].sign
    assert "pass" == findings(dry_run(elapsed_s=10.01))["dry-run"].sign


def test_slow_pass_is_advice() -> None:
    """A webhook that answers after a second or more answers all the same, but somebody should look."""
    finding = findings(dry_run(elapsed_s=4.1))["dry-run"]
    assert (Severity.ADVICE, "pass") == (finding.severity, finding.sign)
    assert Severity.OK == findings(dry_run(elapsed_s=0.9))["dry-run"].severity


def test_endpoints() -> None:
    """No ready endpoint and no Service are told apart; what could not be read is unknown."""
    unready = msgspec.structs.replace(endpoint("10.244.1.5", "w1"), conditions=EndpointConditions(ready=False))
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"endpoint_slices": ()}, "none"),
        ({"endpoint_slices": (endpoint_slice(SERVICE, unready),)}, "none"),
        ({"services": ()}, "no-service"),
        ({"gaps": (Gap(verb="list endpointslices.discovery.k8s.io", reason="forbidden"),)}, None),
        ({"gaps": (Gap(verb="list services", reason="timeout"),), "services": ()}, None),
    ]
    assert [sign for _, sign in cases] == [
        findings(snapshot=cluster(**changes))["endpoints"].sign for changes, _ in cases
    ]


@pytest.mark.parametrize(
    ("trust", "sign"),
    [
        (Trust.VERIFIED, "pass"),
        (Trust.MISMATCH, "mismatch"),
        (Trust.EXPIRED, "expired"),
        (Trust.UNPARSABLE, "unparsable"),
        (Trust.UNANSWERED, None),
    ],
)
def test_certificates(trust: Trust, sign: str | None) -> None:
    """How the handshake ended is the finding; without a TLS answer nothing is known."""
    finding = findings(handshake(trust, detail="words"))["ca-bundle"]
    assert sign == finding.sign
    assert (() if trust in (Trust.VERIFIED, Trust.UNANSWERED) else ("w1",)) == finding.where
    assert (trust is not Trust.VERIFIED) == ("words" in finding.evidence[0])


def test_one_silent_endpoint_beside_one_that_verifies() -> None:
    """What could be seen is judged; what was silent stands beside it, and nothing else does."""
    finding = findings(dry_run(), handshake(), handshake(Trust.UNANSWERED, detail="refused"))["ca-bundle"]
    assert ("pass", 2) == (finding.sign, len(finding.evidence))
    assert ("verified", "refused") == (finding.evidence[0].split()[-1], finding.evidence[1].split()[-1])


@pytest.mark.parametrize(("bundle", "sign"), [("", "missing"), ("aGVsbG8=", "unparsable"), ("?", "unparsable")])
def test_bundles_wrong_at_first_sight(bundle: str, sign: str) -> None:
    """A missing or unreadable caBundle is seen without any endpoint."""
    config = msgspec.structs.replace(webhook().client_config, ca_bundle=bundle)
    snapshot = cluster(webhook_configurations=(configuration(webhook(client_config=config)),))
    finding = findings(snapshot=snapshot)["ca-bundle"]
    assert (sign, True) == (finding.sign, (" no " if sign == "missing" else "readable") in finding.summary)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"timeout_seconds": 30}, "timeoutSeconds 30"),
        ({"failure_policy": "Ignore"}, "failurePolicy Ignore"),
        ({"side_effects": "Unknown"}, "sideEffects Unknown"),
    ],
)
def test_risky_configuration_is_advice(changes: dict[str, Any], words: str) -> None:
    """Settings that make trouble worse are named, as advice."""
    finding = findings(snapshot=cluster(webhook_configurations=(configuration(webhook(**changes)),)))["configuration"]
    assert (Severity.ADVICE, True) == (finding.severity, words in finding.evidence[0])


def test_certificate_near_its_end() -> None:
    """Less than 30 days left is degraded, with the days."""
    finding = findings(handshake(days=12))["configuration"]
    assert (Severity.DEGRADED, "fail") == (finding.severity, finding.sign)
    assert "ends in 12 days" in finding.evidence[0]
    assert Severity.OK == findings(handshake(days=31))["configuration"].severity


def test_error_text_is_read() -> None:
    """A pasted text has a finding of its own; one that says nothing known is unknown."""
    finding = findings(error="…" + CALL.replace('"', "“") + "context deadline exceeded")["error-text"]
    assert (Severity.FAILED, "timeout") == (finding.severity, finding.sign)
    assert f"webhook: {HOOK}" in finding.evidence
    assert None is findings(error="hello")["error-text"].sign
    assert "error-text" not in findings(error="  \n")


def test_absent_webhooks_are_told() -> None:
    """A cluster without MetalLB has nothing to check; MetalLB without its configuration is degraded."""
    nothing = findings(snapshot=cluster(webhook_configurations=(), workloads=()))
    assert {("pass", Severity.OK)} == {(f.sign, f.severity) for f in nothing.values()}
    assert all("nothing to check" in f.summary for f in nothing.values())
    lost = findings(snapshot=cluster(webhook_configurations=()))
    assert {"configuration": "fail", "dry-run": "pass", "endpoints": "pass", "ca-bundle": "pass"} == {
        code: f.sign for code, f in lost.items()
    }


def test_unreadable_configurations_are_unknown() -> None:
    """A missing permission names the verb, and is never taken for absence."""
    gap = Gap(verb="list validatingwebhookconfigurations.admissionregistration.k8s.io", reason="forbidden")
    found = findings(snapshot=cluster(webhook_configurations=(), gaps=(gap,)))
    assert {None} == {f.sign for f in found.values()}
    assert "list validatingwebhookconfigurations" in found["dry-run"].summary


def test_webhooks_of_another_namespace() -> None:
    """Any webhook's endpoints and certificate are checked; the dry run is for MetalLB's pools alone."""
    config = WebhookClientConfig(
        service=msgspec.structs.replace(
            webhook().client_config.service,
            namespace="cert-manager",  # type: ignore[type-var]
        )
    )
    snapshot = cluster(webhook_configurations=(configuration(webhook(name="x", client_config=config)),))
    found = findings(snapshot=snapshot, namespace="cert-manager")
    assert (None, "no-service", "missing") == (found["dry-run"].sign, found["endpoints"].sign, found["ca-bundle"].sign)


def test_parameters_are_bounded() -> None:
    """Ten thousand characters of error text are taken, one more is not; a namespace is a DNS label."""
    msgspec.convert({"error": "x" * 10_000}, CHECK.parameters)
    for wrong in ({"error": "x" * 10_001}, {"namespace": "Metal LB"}, {"nonsense": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, CHECK.parameters)


def test_conditions_do_not_confuse() -> None:
    """A snapshot with nothing in it at all is judged without stumbling."""
    assert findings(snapshot=Snapshot())
    assert Condition().status == ""
