"""What is concluded from dry run, endpoints, certificates and configuration."""

from typing import Any

import msgspec
import pytest

from checks import place
from checks.cluster.snapshot import (
    CustomObject,
    EndpointConditions,
    Gap,
    Metadata,
    Node,
    Snapshot,
    Webhook,
    WebhookClientConfig,
)
from checks.finding import UNSEEN, Finding, Severity
from checks.observation import Answer, Network, Observation, State
from checks.place import Service, ServicePath
from checks.webhook import CHECK
from checks.webhook.model import Certificate, Data, Trust, fingerprint
from tests.checks.objects import (
    HOOK,
    NAMESPACE,
    PEM_BASE64,
    SERVICE,
    cluster,
    configuration,
    endpoint,
    endpoint_slice,
    node,
    webhook,
)
from tests.checks.words import words

CALL = f'Internal error occurred: failed calling webhook "{HOOK}": failed to call webhook: Post "https://x": '
NOW = 1_700_000_000.0
OTHER_PEM_BASE64 = PEM_BASE64[:-4] + "Cgo="
"""Another caBundle that looks like one."""
WAY = ServicePath("cp", NAMESPACE, SERVICE, ("w1",), ("controller",))
THE_SERVICE = Service(NAMESPACE, SERVICE)
THE_HOOK = place.Webhook("metallb-webhook-configuration", HOOK, f"{NAMESPACE}/{SERVICE}")


def dry_run(status: int = 201, message: str = "", elapsed_s: float = 0.02) -> Observation:
    """The worker's observation."""
    data = Data(answer=Answer(status=status, message=message, elapsed_s=elapsed_s))
    return Observation(check="webhook", network=Network.CLUSTER, data=msgspec.to_builtins(data))


def handshake(
    trust: Trust = Trust.VERIFIED, days: float = 300, detail: str = "", ca_bundle: str = PEM_BASE64
) -> Observation:
    """The observation of the node with the endpoint."""
    certificate = Certificate(
        pod="controller",
        server_name=f"{SERVICE}.{NAMESPACE}.svc",
        trust=trust,
        bundle=fingerprint(ca_bundle),
        detail=detail,
        expires_at=NOW + days * 86_400 if trust is Trust.VERIFIED else 0.0,
        observed_at=NOW,
    )
    data = msgspec.to_builtins(Data(certificates=(certificate,)))
    return Observation(check="webhook", network=Network.HOST, node="w1", data=data)


def trusting(ca_bundle: str, **changes: Any) -> Webhook:
    """A webhook with another caBundle."""
    config = msgspec.structs.replace(webhook().client_config, ca_bundle=ca_bundle)
    return webhook(client_config=config, **changes)


def findings(*observations: Observation, snapshot: Snapshot | None = None, **parameters: str) -> dict[str, Finding]:
    """The findings by code, each code once, and at every place the outcome that the code has there."""
    gathered = CHECK.gather(cluster() if snapshot is None else snapshot, parameters, observations)
    found = CHECK.judge(gathered)
    assert len({f.code for f in found}) == len(found)
    assert {f.code for f in found} <= {code.name for code in CHECK.codes}
    return {f.code.removeprefix("webhook."): f for f in found}


def outcomes(found: dict[str, Finding]) -> dict[str, str]:
    """The outcome of each code; empty for what is unknown."""
    assert {code for code, f in found.items() if not f.outcome} == {
        code for code, f in found.items() if f.severity is Severity.UNKNOWN
    }
    return {code: f.outcome for code, f in found.items()}


def shown(finding: Finding) -> list[str]:
    """The evidence."""
    return [words(line) for line in finding.evidence]


def test_healthy_cluster_is_ok_throughout() -> None:
    """Every code is reported, as well, at the place that it is about."""
    found = findings(dry_run(), handshake())
    assert {
        "dry-run": "pass",
        "endpoints": "pass",
        "ca-bundle": "pass",
        "configuration": "pass",
        "policies": "pass",
    } == outcomes(found)
    assert {Severity.OK} == {finding.severity for finding in found.values()}
    assert {
        "dry-run": [(WAY, "pass", {"elapsed_s": 0.02})],
        "endpoints": [(THE_SERVICE, "pass", {"ready": 1, "endpoints": 1})],
        "ca-bundle": [(THE_HOOK, "pass", {})],
        "configuration": [(THE_HOOK, "pass", {"left_s": 300 * 86_400})],
        "policies": [(THE_SERVICE, "pass", {})],
    } == {code: [(s.place, s.outcome, s.measures) for s in f.seen] for code, f in found.items()}
    assert "The webhook on w1 answers the API server." == words(found["dry-run"].text)
    assert [f"{SERVICE}: 1 ready of 1: 10.244.1.5 on w1"] == shown(found["endpoints"])


def test_nothing_observed_is_unknown_where_observations_are_needed() -> None:
    """Without observations only what the snapshot tells is judged."""
    found = findings()
    assert {
        "dry-run": "",
        "endpoints": "pass",
        "ca-bundle": "",
        "configuration": "pass",
        "policies": "pass",
    } == outcomes(found)
    assert [(WAY, UNSEEN)] == [(s.place, s.outcome) for s in found["dry-run"].seen]
    assert [(THE_HOOK, UNSEEN)] == [(s.place, s.outcome) for s in found["ca-bundle"].seen]


@pytest.mark.parametrize("state", [state for state in State if state is not State.OBSERVED])
def test_unobserved_states_are_unknown(state: State) -> None:
    """A job that came to nothing is never evidence about the cluster."""
    lost = [
        Observation(check="webhook", network=network, node=name, state=state, message="why")
        for network, name in ((Network.CLUSTER, ""), (Network.HOST, "w1"))
    ]
    found = findings(*lost)
    assert ("", "") == (found["dry-run"].outcome, found["ca-bundle"].outcome)
    assert [f"not measured from worker (cluster): {state}: why"] == shown(found["dry-run"])
    assert [f"not measured from w1 (host): {state}: why"] == shown(found["ca-bundle"])


def test_origin_of_the_dry_run() -> None:
    """With several nodes of the control plane nobody knows which API server asked; without a label neither."""
    nodes = (*cluster().nodes, node("cp2", "172.30.0.13", control_plane=True))
    for others in (nodes, nodes[1:3]):
        (seen,) = findings(dry_run(), snapshot=cluster(nodes=others))["dry-run"].seen
        assert msgspec.structs.replace(WAY, source="") == seen.place


@pytest.mark.parametrize(
    ("answer", "severity", "outcome"),
    [
        (dry_run(500, CALL + "context deadline exceeded", 10.0), Severity.FAILED, "timeout"),
        (dry_run(500, CALL + "dial tcp 10.96.160.30:443: connect: connection refused"), Severity.FAILED, "refused"),
        (dry_run(500, CALL + 'no endpoints available for service "x"'), Severity.FAILED, "no-endpoints"),
        (dry_run(500, CALL + "x509: certificate signed by unknown authority"), Severity.FAILED, "x509"),
        (dry_run(500, CALL + "proxyconnect tcp: EOF"), Severity.FAILED, "proxy"),
        (dry_run(500, CALL + "dial tcp: lookup a.b: no such host"), Severity.FAILED, "lookup"),
        (dry_run(500, CALL + "something nobody has seen"), Severity.FAILED, "other"),
        (dry_run(0, "Read timed out.", 12.0), Severity.FAILED, "timeout"),
        (dry_run(0, "connection refused", 0.1), Severity.UNKNOWN, ""),
        (dry_run(403, f'admission webhook "{HOOK}" denied the request: overlaps'), Severity.OK, "denied"),
        (dry_run(403, 'x is forbidden: User "y" cannot create resource "z"'), Severity.UNKNOWN, ""),
        (dry_run(422, "ValidatingAdmissionPolicy 'a' with binding 'b' denied request: c"), Severity.UNKNOWN, ""),
        (dry_run(400, f'admission webhook "{HOOK}" does not support dry run'), Severity.UNKNOWN, ""),
        (dry_run(404, 'namespaces "metallb-system" not found'), Severity.UNKNOWN, ""),
        (dry_run(500, 'failed calling webhook "kyverno.svc": context deadline exceeded'), Severity.UNKNOWN, ""),
        (dry_run(500, "etcdserver: request timed out"), Severity.UNKNOWN, ""),
    ],
)
def test_answers(answer: Observation, severity: Severity, outcome: str) -> None:
    """What the API server said about the dry run decides, and its words are the evidence."""
    finding = findings(answer)["dry-run"]
    assert (severity, outcome) == (finding.severity, finding.outcome)
    assert [(WAY, outcome or UNSEEN)] == [(s.place, s.outcome) for s in finding.seen]
    assert ((WAY,) if severity is Severity.FAILED else ()) == finding.where
    assert answer.data["answer"]["message"] in shown(finding)


def test_pass_on_the_control_plane_is_no_proof() -> None:
    """With every ready endpoint on a control-plane node, a passing dry run did not use the tunnel."""
    local = cluster(endpoint_slices=(endpoint_slice(SERVICE, endpoint("10.244.0.5", "cp")),))
    both = cluster(
        endpoint_slices=(endpoint_slice(SERVICE, endpoint("10.244.0.5", "cp"), endpoint("10.244.1.5", "w1")),)
    )
    finding = findings(dry_run(), snapshot=local)["dry-run"]
    assert ("pass-local", Severity.OK, ("cp",)) == (finding.outcome, finding.severity, finding.seen[0].place.nodes)
    assert "pass" == findings(dry_run(), snapshot=both)["dry-run"].outcome


def test_failing_open_is_a_time_out() -> None:
    """With failurePolicy Ignore a dry run passes after the time-out: the webhook did not answer."""
    snapshot = cluster(webhook_configurations=(configuration(webhook(failure_policy="Ignore")),))
    finding = findings(dry_run(elapsed_s=10.01), snapshot=snapshot)["dry-run"]
    assert ("timeout", (WAY,)) == (finding.outcome, finding.where)
    assert ["answered after 10.0 s", "failurePolicy Ignore, timeoutSeconds 10"] == shown(finding)
    assert "pass" == findings(dry_run(elapsed_s=0.1), snapshot=snapshot)["dry-run"].outcome
    assert "slow" == findings(dry_run(elapsed_s=10.01))["dry-run"].outcome


def test_slow_pass_is_advice() -> None:
    """A webhook that answers after a second or more answers all the same, but somebody should look."""
    finding = findings(dry_run(elapsed_s=4.1))["dry-run"]
    assert (Severity.ADVICE, "slow", ()) == (finding.severity, finding.outcome, finding.where)
    assert "only after 4.1 s" in words(finding.text)
    assert Severity.OK == findings(dry_run(elapsed_s=0.9))["dry-run"].severity


def test_endpoints() -> None:
    """No ready endpoint and no Service are told apart; what could not be read is unknown."""
    unready = msgspec.structs.replace(endpoint("10.244.1.5", "w1"), conditions=EndpointConditions(ready=False))
    cases: list[tuple[dict[str, Any], str]] = [
        ({"endpoint_slices": ()}, "none"),
        ({"endpoint_slices": (endpoint_slice(SERVICE, unready),)}, "none"),
        ({"services": ()}, "no-service"),
        ({"gaps": (Gap(verb="list endpointslices.discovery.k8s.io", reason="forbidden"),)}, ""),
        ({"gaps": (Gap(verb="list services", reason="timeout"),), "services": ()}, ""),
    ]
    found = [findings(snapshot=cluster(**changes))["endpoints"] for changes, _ in cases]
    assert [outcome for _, outcome in cases] == [finding.outcome for finding in found]
    assert [(THE_SERVICE,)] * 3 + [()] * 2 == [finding.where for finding in found]
    assert {(THE_SERVICE, UNSEEN)} == {(s.place, s.outcome) for f in found[3:] for s in f.seen}
    assert {"ready": 0, "endpoints": 1} == found[1].seen[0].measures


def test_each_service_by_itself() -> None:
    """A webhook's Service without endpoints does not stand for another's."""
    reference = msgspec.structs.replace(webhook().client_config.service, name="other")  # type: ignore[type-var]
    other = webhook(name="other", client_config=WebhookClientConfig(service=reference, ca_bundle=PEM_BASE64))
    found = findings(handshake(), snapshot=cluster(webhook_configurations=(configuration(webhook(), other),)))
    assert [(Service(NAMESPACE, "other"), "no-service"), (THE_SERVICE, "pass")] == [
        (s.place, s.outcome) for s in found["endpoints"].seen
    ]
    assert f"The Service {NAMESPACE}/other that the webhook is called through does not exist." == words(
        found["endpoints"].text
    )
    assert {HOOK: "pass", "other": UNSEEN} == {str(s.place): s.outcome for s in found["ca-bundle"].seen}


@pytest.mark.parametrize(
    ("trust", "outcome"),
    [
        (Trust.VERIFIED, "pass"),
        (Trust.MISMATCH, "mismatch"),
        (Trust.EXPIRED, "expired"),
        (Trust.UNPARSABLE, "unparsable"),
        (Trust.UNANSWERED, ""),
    ],
)
def test_certificates(trust: Trust, outcome: str) -> None:
    """How the handshake ended is the finding; without a TLS answer nothing is known."""
    finding = findings(handshake(trust, detail="words"))["ca-bundle"]
    assert outcome == finding.outcome
    assert [(THE_HOOK, outcome or UNSEEN)] == [(s.place, s.outcome) for s in finding.seen]
    assert (() if outcome in ("pass", "") else (THE_HOOK,)) == finding.where
    assert f"controller on w1 as {SERVICE}.{NAMESPACE}.svc: words" == shown(finding)[-1]


def test_one_silent_endpoint_beside_one_that_verifies() -> None:
    """What could be seen is judged; what was silent stands beside it, and nothing else does."""
    finding = findings(dry_run(), handshake(), handshake(Trust.UNANSWERED, detail="refused"))["ca-bundle"]
    assert ("pass", 2) == (finding.outcome, len(finding.evidence))
    assert ["refused", "verified"] == [line.split()[-1] for line in shown(finding)]


def test_one_endpoint_with_a_wrong_certificate_beside_one_that_verifies() -> None:
    """The API server asks either, so the worse one counts, and is told first."""
    finding = findings(handshake(), handshake(Trust.MISMATCH, detail="another issuer"))["ca-bundle"]
    assert ("mismatch", (THE_HOOK,)) == (finding.outcome, finding.where)
    assert "another issuer" in shown(finding)[0]


def test_each_webhook_by_its_own_bundle() -> None:
    """Two webhooks behind one Service may trust different authorities, and may even have one name."""
    hooks = (webhook(), trusting(OTHER_PEM_BASE64, name="rotated"), trusting("", name="bare"))
    namesake = msgspec.structs.replace(configuration(trusting("")), metadata=Metadata(name="namesake"))
    snapshot = cluster(webhook_configurations=(configuration(*hooks), namesake))
    found = findings(handshake(), handshake(Trust.MISMATCH, ca_bundle=OTHER_PEM_BASE64), snapshot=snapshot)
    service = f"{NAMESPACE}/{SERVICE}"
    assert [
        (place.Webhook("metallb-webhook-configuration", "rotated", service), "mismatch"),
        (place.Webhook("namesake", HOOK, service), "missing"),
        (place.Webhook("metallb-webhook-configuration", "bare", service), "missing"),
        (THE_HOOK, "pass"),
    ] == [(s.place, s.outcome) for s in found["ca-bundle"].seen]


@pytest.mark.parametrize(("bundle", "outcome"), [("", "missing"), ("aGVsbG8=", "unparsable"), ("?", "unparsable")])
def test_bundles_wrong_at_first_sight(bundle: str, outcome: str) -> None:
    """A missing or unreadable caBundle is seen without any endpoint."""
    finding = findings(snapshot=cluster(webhook_configurations=(configuration(trusting(bundle)),)))["ca-bundle"]
    assert (outcome, (THE_HOOK,)) == (finding.outcome, finding.where)
    assert (" no caBundle" if outcome == "missing" else "readable") in words(finding.text)
    what = "no caBundle" if outcome == "missing" else "the caBundle holds no certificate"
    assert [f"{HOOK} of metallb-webhook-configuration: {what}"] == shown(finding)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"timeout_seconds": 30}, "timeoutSeconds 30"),
        ({"failure_policy": "Ignore"}, "failurePolicy Ignore"),
        ({"side_effects": "Unknown"}, "sideEffects Unknown"),
        ({"side_effects": ""}, "sideEffects not set"),
    ],
)
def test_risky_configuration_is_advice(changes: dict[str, Any], expected: str) -> None:
    """Settings that make trouble worse are named, as advice."""
    hooks = (webhook(**changes), webhook(name="sound"))
    finding = findings(snapshot=cluster(webhook_configurations=(configuration(*hooks),)))["configuration"]
    assert (Severity.ADVICE, True) == (finding.severity, expected in shown(finding)[0])
    assert [(HOOK, "at-risk"), ("sound", "pass")] == [(str(s.place), s.outcome) for s in finding.seen]


def test_certificate_near_its_end() -> None:
    """Less than 30 days left is degraded, with the days."""
    finding = findings(handshake(days=12))["configuration"]
    assert (Severity.DEGRADED, "ends-soon", (THE_HOOK,)) == (finding.severity, finding.outcome, finding.where)
    assert {"left_s": 12 * 86_400} == finding.seen[0].measures
    assert ["controller: its certificate ends in 12 days"] == shown(finding)
    assert ["controller: its certificate ends in 1 day"] == shown(findings(handshake(days=1))["configuration"])
    assert Severity.OK == findings(handshake(days=31))["configuration"].severity


def test_endpoint_whose_certificate_ends_first_counts() -> None:
    """The API server asks any of them."""
    finding = findings(handshake(days=300), handshake(days=12))["configuration"]
    assert ("ends-soon", {"left_s": 12 * 86_400}) == (finding.outcome, finding.seen[0].measures)


def test_cluster_without_metallb_and_without_webhooks() -> None:
    """With nothing of MetalLB and no webhook of anybody's there is nothing to look at."""
    not_installed = (Gap(verb="list ipaddresspools.metallb.io", reason="not-installed"),)
    for snapshot in (Snapshot(), Snapshot(gaps=not_installed), cluster(webhook_configurations=(), workloads=())):
        found = findings(snapshot=snapshot)
        assert {("not-used", Severity.OK)} == {(f.outcome, f.severity) for f in found.values()}
        assert {"dry-run", "endpoints", "ca-bundle", "configuration", "policies"} == found.keys()


def test_metallb_without_its_configuration() -> None:
    """Objects are accepted unchecked, and nothing can be said of a webhook that nobody calls."""
    found = findings(snapshot=cluster(webhook_configurations=()))
    assert {
        "configuration": "lost",
        "dry-run": "",
        "endpoints": "",
        "ca-bundle": "",
        "policies": "",
    } == outcomes(found)
    assert (Severity.DEGRADED, ()) == (found["configuration"].severity, found["configuration"].seen)


def test_metallb_whose_webhook_is_elsewhere() -> None:
    """Workloads in the usual namespace whose pools a webhook of another one checks have lost nothing."""
    reference = msgspec.structs.replace(webhook().client_config.service, namespace="lb")  # type: ignore[type-var]
    hook = webhook(client_config=WebhookClientConfig(service=reference, ca_bundle=PEM_BASE64))
    found = findings(snapshot=cluster(webhook_configurations=(configuration(hook),)))
    assert {
        "dry-run": "",
        "endpoints": "no-service",
        "ca-bundle": "",
        "configuration": "pass",
        "policies": "pass",
    } == outcomes(found)
    assert (Service("lb", SERVICE),) == found["endpoints"].where


@pytest.mark.parametrize(
    "changes",
    [
        {"metallb": (CustomObject(kind="IPAddressPool", metadata=Metadata(name="a")),)},
        {"gaps": (Gap(verb="list ipaddresspools.metallb.io", reason="forbidden"),)},
        {"gaps": (Gap(verb="list deployments.apps", reason="timeout"),)},
    ],
)
def test_metallb_that_may_be_elsewhere(changes: dict[str, Any]) -> None:
    """With objects of MetalLB, or where nobody could look for them, no webhook seen is not no webhook used."""
    found = findings(snapshot=cluster(webhook_configurations=(), workloads=(), **changes))
    assert {Severity.UNKNOWN} == {f.severity for f in found.values()}


@pytest.mark.parametrize(
    ("namespace", "sentence"),
    [
        (
            "metalb-system",
            "No webhook is called through a Service of metalb-system. Did you mean metallb-system?",
        ),
        (
            "kube-system",
            "No webhook is called through a Service of kube-system, only through those of metallb-system.",
        ),
    ],
)
def test_namespace_without_webhooks_is_unknown(namespace: str, sentence: str) -> None:
    """Nothing looked at is not healthy, and the nearest right name is told."""
    found = findings(dry_run(), handshake(), namespace=namespace)
    assert {(Severity.UNKNOWN, sentence)} == {(f.severity, words(f.text)) for f in found.values()}
    assert {"dry-run", "endpoints", "ca-bundle", "configuration", "policies"} == found.keys()


def test_cluster_without_any_webhook() -> None:
    """A namespace that somebody names is not well because nothing is anywhere."""
    (sentence,) = {words(f.text) for f in findings(snapshot=Snapshot(), namespace="x").values()}
    assert "No webhook is called through a Service of x, or of any other namespace." == sentence


def test_unreadable_configurations_are_unknown() -> None:
    """A missing permission names the verb, and is never taken for absence."""
    gap = Gap(verb="list validatingwebhookconfigurations.admissionregistration.k8s.io", reason="forbidden")
    found = findings(snapshot=cluster(webhook_configurations=(), gaps=(gap,)))
    assert {Severity.UNKNOWN} == {f.severity for f in found.values()}
    assert "list validatingwebhookconfigurations" in words(found["dry-run"].text)


def test_webhooks_of_another_namespace() -> None:
    """Any webhook's endpoints and certificate are checked; the dry run is for MetalLB's pools alone."""
    reference = msgspec.structs.replace(webhook().client_config.service, namespace="cert-manager")  # type: ignore[type-var]
    config = WebhookClientConfig(service=reference)
    snapshot = cluster(webhook_configurations=(configuration(webhook(name="x", client_config=config)),))
    found = findings(snapshot=snapshot, namespace="cert-manager")
    assert ("", "no-service", "missing") == tuple(found[c].outcome for c in ("dry-run", "endpoints", "ca-bundle"))


def test_parameters_are_bounded() -> None:
    """A namespace is a DNS label."""
    for wrong in ({"namespace": "Metal LB"}, {"nonsense": 1}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, CHECK.parameters)


def test_nothing_in_a_cluster_confuses() -> None:
    """A snapshot with nothing in it at all, or with nothing in its objects, is judged without stumbling."""
    assert findings(snapshot=Snapshot())
    assert findings(dry_run(), snapshot=cluster(nodes=(Node(),), webhook_configurations=(configuration(Webhook()),)))
