"""What dry run, endpoints, certificate, configuration and error text say about the way to a webhook."""

import base64
import binascii
from collections.abc import Iterator, Sequence

from checks.cluster.snapshot import ServiceReference, Snapshot, Webhook
from checks.finding import Finding, Severity
from checks.observation import Answer, Network, Observation, State
from checks.webhook import errors
from checks.webhook.model import Certificate, Data, Parameters, Trust
from checks.webhook.plan import DRY_RUN_AT_MOST_S, pool_webhooks, ready_endpoints, services, webhooks

FINDINGS = {
    "webhook.dry-run": "A dry-run create through the API server, which calls the webhook as a real one would",
    "webhook.error-text": "What the pasted error text says",
    "webhook.endpoints": "Ready endpoints behind the webhook's Service",
    "webhook.ca-bundle": "The caBundle of the configuration verifies the certificate that the webhook serves",
    "webhook.configuration": "Time-out, failure policy, side effects and remaining validity of the certificate",
}

EXPIRES_SOON_S = 30 * 86_400
"""A certificate this close to its end should have been renewed: issuers renew at a third of the validity left or at 30
days (cert-manager's default is a third of 90 days)."""
SLOW_S = 1.0
"""A dry run takes some 20 ms (measured); Linux sends a lost SYN again after 1 s."""
LONG_TIMEOUT_S = 15
"""All webhooks of a request share the API server's 60 s, and kubectl's users give up sooner; the default is 10 s."""
DRY_RUN_SAFE = frozenset({"None", "NoneOnDryRun"})
"""The `sideEffects` with which the API server calls a webhook on dry runs."""
FAILED_OPEN = 0.9
"""A dry run that passed after this share of `timeoutSeconds` waited for a webhook that never answered."""


def judge(snapshot: Snapshot, parameters: Parameters, observations: Sequence[Observation]) -> list[Finding]:
    """One finding a code; `webhook.error-text` only when a text was given."""
    findings = [
        _dry_run(snapshot, parameters, observations),
        _endpoints(snapshot, parameters.namespace),
        _ca_bundle(snapshot, parameters.namespace, observations),
        _configuration(snapshot, parameters.namespace, observations),
    ]
    if parameters.error.strip():
        findings.insert(1, _error_text(parameters.error))
    return findings


def _unknown(code: str, summary: str, *evidence: str) -> Finding:
    return Finding(code=code, severity=Severity.UNKNOWN, summary=summary, evidence=evidence)


def _nothing_to_check(snapshot: Snapshot, namespace: str, code: str) -> Finding | None:
    """The finding for a namespace without webhooks, or None when there are some."""
    if any(webhooks(snapshot, namespace)):
        return None
    gap = snapshot.gap("validatingwebhookconfigurations") or snapshot.gap("mutatingwebhookconfigurations")
    if gap:
        return _unknown(code, f"The webhook configurations could not be read: {gap.verb}, {gap.reason}.", gap.message)
    return Finding(
        code=code, severity=Severity.OK, summary=f"No webhook is served from {namespace}: there is nothing to check."
    )


# Dry run


def _dry_run(snapshot: Snapshot, parameters: Parameters, observations: Sequence[Observation]) -> Finding:
    code, namespace = "webhook.dry-run", parameters.namespace
    absent = _nothing_to_check(snapshot, namespace, code)
    if absent:
        return absent
    hooks = pool_webhooks(snapshot, namespace)
    if not hooks:
        return _unknown(
            code, f"Dry runs are made of MetalLB's pools alone, and no webhook in {namespace} checks these."
        )
    observation = next((o for o in observations if o.network is Network.CLUSTER), None)
    answer = _data(observation).answer if observation else None
    if answer is None:
        return _unknown(code, "The dry run was not made.", observation.message if observation else "")
    if 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's successes
        return _passed(snapshot, hooks, services(snapshot, namespace), answer)
    return _not_passed(hooks, answer)


def _passed(
    snapshot: Snapshot, hooks: Sequence[Webhook], references: Sequence[ServiceReference], answer: Answer
) -> Finding:
    code, took = "webhook.dry-run", f"answered after {answer.elapsed_s:.2f} s"
    ignoring = [hook for hook in hooks if hook.failure_policy == "Ignore"]
    if any(answer.elapsed_s >= FAILED_OPEN * hook.timeout_seconds for hook in ignoring):
        return Finding(
            code=code,
            severity=Severity.FAILED,
            outcome="timeout",
            probe="G",
            summary="The dry run passed only because failures are ignored: the webhook did not answer in its time.",
            evidence=(took, f"failurePolicy Ignore, timeoutSeconds {ignoring[0].timeout_seconds}"),
        )
    nodes = sorted({e.node_name for s in references for e, _ in ready_endpoints(snapshot, s) if e.node_name})
    if nodes and all((node := snapshot.node(name)) is not None and node.control_plane for name in nodes):
        return Finding(
            code=code,
            severity=Severity.OK,
            outcome="pass-local",
            summary="The dry run passes, but the webhook runs on the API server's own node: "
            "this says nothing about the way between nodes.",
            where=tuple(nodes),
            evidence=(took,),
        )
    on = f" on {', '.join(nodes)}" if nodes else ""
    if answer.elapsed_s >= SLOW_S:
        return Finding(
            code=code,
            severity=Severity.ADVICE,
            summary=f"The webhook{on} answers the API server, but only after {answer.elapsed_s:.1f} s: "
            "packets may have been lost and sent again.",
            evidence=(took,),
        )
    return Finding(
        code=code, severity=Severity.OK, summary=f"The webhook{on} answers the API server.", evidence=(took,)
    )


NOT_ASKED = {
    "rbac": "The permission is missing to create ipaddresspools.metallb.io as a dry run.",
    "policy": "An admission policy of the cluster refused the dry run before the webhook was asked.",
    "dry-run-unsupported": "The webhook declares side effects, so the API server refuses dry runs.",
}
"""Kinds of error text after which nothing is known about the webhook."""


def _not_passed(hooks: Sequence[Webhook], answer: Answer) -> Finding:
    """The finding for a dry run that did not succeed: what the API server said decides."""
    code = "webhook.dry-run"
    took = f"after {answer.elapsed_s:.1f} s" + (f": HTTP {answer.status}" if answer.status else ": no answer")
    evidence = (took, answer.message)
    if not answer.status:
        if answer.elapsed_s < FAILED_OPEN * min(DRY_RUN_AT_MOST_S, max(hook.timeout_seconds for hook in hooks)):
            return _unknown(code, "The API server did not answer the dry run.", *evidence)
        return _failed(code, "timeout", "The API server still waited for the webhook after its time-out.", evidence)
    reading = errors.read(answer.message)
    if reading.kind and reading.kind.name == "denied":
        return Finding(
            code=code, severity=Severity.OK, outcome="denied", summary=reading.kind.meaning, evidence=evidence
        )
    not_asked = _not_asked(hooks, answer, reading)
    if not_asked:
        return _unknown(code, not_asked, *evidence)
    meaning = reading.kind.meaning if reading.kind else "The API server could not call the webhook."
    return _failed(code, reading.outcome, meaning, evidence)


def _not_asked(hooks: Sequence[Webhook], answer: Answer, reading: errors.Reading) -> str:
    """Why the answer says nothing about the webhook; empty when it does."""
    if reading.kind and reading.kind.name in NOT_ASKED:
        return NOT_ASKED[reading.kind.name]
    if not reading.webhook:
        return f"The API server refused the dry run before it asked the webhook: HTTP {answer.status}."
    if reading.webhook not in {hook.name for hook in hooks}:
        return f"Another webhook, {reading.webhook}, keeps the dry run from being answered."
    return ""


def _failed(code: str, outcome: str, summary: str, evidence: tuple[str, ...]) -> Finding:
    return Finding(code=code, severity=Severity.FAILED, outcome=outcome, summary=summary, evidence=evidence)


# Error text


def _error_text(text: str) -> Finding:
    reading = errors.read(text)
    named = (("webhook", reading.webhook), ("called", reading.url), ("dialled", reading.address))
    evidence = tuple(f"{label}: {value}" for label, value in named if value)
    if reading.kind is None:
        return _unknown("webhook.error-text", "The error text says nothing that is known about webhooks.", *evidence)
    return _failed("webhook.error-text", reading.outcome, reading.kind.meaning, evidence)


# Endpoints


def _endpoints(snapshot: Snapshot, namespace: str) -> Finding:
    code = "webhook.endpoints"
    absent = _nothing_to_check(snapshot, namespace, code)
    if absent:
        return absent
    for resource in ("endpointslices", "services"):
        gap = snapshot.gap(resource)
        if gap:
            return _unknown(code, f"Endpoints could not be read: {gap.verb}, {gap.reason}.", gap.message)
    references = services(snapshot, namespace)
    existing = {s.metadata.name for s in snapshot.services if s.metadata.namespace == namespace}
    missing = tuple(sorted({s.name for s in references} - existing))
    if missing:
        return Finding(
            code=code,
            severity=Severity.FAILED,
            outcome="no-service",
            summary=f"The Service {missing[0]} that the webhook is called through does not exist.",
            where=missing,
        )
    return _ready(snapshot, references)


def _ready(snapshot: Snapshot, references: Sequence[ServiceReference]) -> Finding:
    code = "webhook.endpoints"
    ready = {s.name: ready_endpoints(snapshot, s) for s in references}
    evidence = tuple(
        f"{name}: {len(found)} ready of {len(snapshot.endpoints(references[0].namespace, name))}"
        + "".join(f", {endpoint.addresses[0]} on {endpoint.node_name or '?'}" for endpoint, _ in found)
        for name, found in ready.items()
    )
    empty = tuple(sorted(name for name, found in ready.items() if not found))
    if empty:
        return Finding(
            code=code,
            severity=Severity.FAILED,
            outcome="none",
            summary=f"No ready endpoint is behind {empty[0]}: the API server has nobody to ask.",
            where=empty,
            evidence=evidence,
        )
    return Finding(
        code=code, severity=Severity.OK, summary="The webhook's Service has ready endpoints.", evidence=evidence
    )


# Certificate


CERTIFICATE_SUMMARIES = {
    Trust.UNPARSABLE: "The caBundle holds no readable certificate.",
    Trust.MISMATCH: "The caBundle does not verify the certificate that the webhook serves.",
    Trust.EXPIRED: "The webhook's certificate, or its issuer's, is outside its validity.",
}
"""Worst first."""


def _ca_bundle(snapshot: Snapshot, namespace: str, observations: Sequence[Observation]) -> Finding:
    code = "webhook.ca-bundle"
    absent = _nothing_to_check(snapshot, namespace, code)
    if absent:
        return absent
    for outcome, names in _bad_bundles(snapshot, namespace).items():
        if names:
            summary = "A webhook has no caBundle." if outcome == "missing" else CERTIFICATE_SUMMARIES[Trust.UNPARSABLE]
            return _failed(code, outcome, summary, names)
    seen = list(_certificates(observations))
    for trust, summary in CERTIFICATE_SUMMARIES.items():
        bad = [(node, c) for node, c in seen if c.trust is trust]
        if bad:
            return Finding(
                code=code,
                severity=Severity.FAILED,
                outcome=str(trust),
                summary=summary,
                where=tuple(sorted({node for node, _ in bad})),
                evidence=tuple(f"{c.pod} as {c.server_name}: {c.detail}" for _, c in bad),
            )
    silent = tuple(f"{c.pod} on {node}: {c.detail}" for node, c in seen if c.trust is Trust.UNANSWERED)
    silent += tuple(
        f"{o.node}: {o.message or o.state}"
        for o in observations
        if o.network is Network.HOST and o.state is not State.OBSERVED
    )
    verified = tuple(f"{c.pod} on {node} as {c.server_name}: verified" for node, c in seen if c.trust is Trust.VERIFIED)
    if not verified:
        return _unknown(code, "No endpoint of the webhook showed its certificate.", *silent)
    return Finding(
        code=code,
        severity=Severity.OK,
        summary="The caBundle verifies the certificate that the webhook serves.",
        evidence=verified + silent,
    )


def _bad_bundles(snapshot: Snapshot, namespace: str) -> dict[str, tuple[str, ...]]:
    """The webhooks whose caBundle is wrong at first sight, by outcome.

    Without a caBundle the API server trusts its own system's authorities, which never issued a certificate for a name
    inside the cluster.
    """
    bundles = {webhook.name: webhook.client_config.ca_bundle for _, webhook, _ in webhooks(snapshot, namespace)}
    return {
        "missing": tuple(f"{name}: no caBundle" for name, bundle in bundles.items() if not bundle),
        "unparsable": tuple(
            f"{name}: the caBundle is no PEM" for name, bundle in bundles.items() if bundle and not _is_pem(bundle)
        ),
    }


def _is_pem(bundle: str) -> bool:
    try:
        return b"-----BEGIN CERTIFICATE-----" in base64.b64decode(bundle, validate=True)
    except (binascii.Error, ValueError):
        return False


def _certificates(observations: Sequence[Observation]) -> Iterator[tuple[str, Certificate]]:
    """Every certificate seen, with the node it was seen from."""
    for observation in observations:
        for certificate in _data(observation).certificates:
            yield observation.node, certificate


def _data(observation: Observation) -> Data:
    """The observation's data; empty when there is none."""
    return observation.data if isinstance(observation.data, Data) else Data()


# Configuration


def _configuration(snapshot: Snapshot, namespace: str, observations: Sequence[Observation]) -> Finding:
    code = "webhook.configuration"
    absent = _nothing_to_check(snapshot, namespace, code)
    if absent:
        return _lost(snapshot, namespace) or absent
    hooks = list({webhook.name: webhook for _, webhook, _ in webhooks(snapshot, namespace)}.values())
    advice = tuple(line for hook in hooks for line in _advice(hook))
    ending = tuple(line for _, certificate in _certificates(observations) for line in _ending(certificate))
    if ending:
        return Finding(
            code=code,
            severity=Severity.DEGRADED,
            summary="The webhook's certificate ends within 30 days.",
            evidence=ending + advice,
        )
    if advice:
        return Finding(
            code=code, severity=Severity.ADVICE, summary="The webhook's configuration has risks.", evidence=advice
        )
    return Finding(
        code=code,
        severity=Severity.OK,
        summary="The webhook's configuration is sound.",
        evidence=(f"{len(hooks)} webhooks, timeoutSeconds {max(hook.timeout_seconds for hook in hooks)}",),
    )


def _lost(snapshot: Snapshot, namespace: str) -> Finding | None:
    """The finding for MetalLB without its webhook configuration, or None when that is not the case."""
    workloads = any(workload.metadata.namespace == namespace for workload in snapshot.workloads)
    if not workloads or snapshot.gap("validatingwebhookconfigurations"):
        return None
    return Finding(
        code="webhook.configuration",
        severity=Severity.DEGRADED,
        summary=f"No webhook configuration points to {namespace}, although its workloads are there: "
        "objects are accepted unchecked.",
    )


def _advice(hook: Webhook) -> Iterator[str]:
    if hook.timeout_seconds > LONG_TIMEOUT_S:
        yield f"{hook.name}: timeoutSeconds {hook.timeout_seconds} holds every request that long when it fails"
    if hook.failure_policy == "Ignore":
        yield f"{hook.name}: failurePolicy Ignore lets wrong objects in whenever it fails"
    if hook.side_effects not in DRY_RUN_SAFE:
        yield f"{hook.name}: sideEffects {hook.side_effects or 'not set'} refuses dry runs, so that it cannot be tested"


def _ending(certificate: Certificate) -> Iterator[str]:
    left_s = certificate.expires_at - certificate.observed_at
    if certificate.expires_at and 0 <= left_s < EXPIRES_SOON_S:
        yield f"{certificate.pod}: its certificate ends in {left_s / 86_400:.0f} days"
