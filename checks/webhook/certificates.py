"""Whether the caBundles of the configurations verify the certificates that the webhooks serve. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.observation import Network
from checks.place import Webhook
from checks.text import Text, filled, say, shortened
from checks.webhook.absence import NOT_USED, Observed, absent
from checks.webhook.hooks import Hook, hooks_in
from checks.webhook.model import Certificate, Trust, fingerprint
from checks.webhook.resolve import EXTERNAL, resolve

CA_BUNDLE = Code(
    name="webhook.ca-bundle",
    meaning="The caBundle of each webhook verifies the certificate that it serves, as Go's verifier judges",
    place=Webhook,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        NOT_USED,
        Outcome("system", Severity.OK, "called by URL without one: the API server trusts its own system's authorities"),
        Outcome("missing", Severity.FAILED, "there is no caBundle"),
        Outcome("expired", Severity.FAILED, "the certificate, or its issuer's, is outside its validity"),
        Outcome("unparsable", Severity.FAILED, "the caBundle holds no certificate"),
        Outcome("mismatch", Severity.FAILED, "the certificate is of another issuer, or for another name"),
    ),
)
SUMMARIES = {
    "mismatch": say("The caBundle of {webhook} ({configuration}) does not verify the certificate that is served."),
    "unparsable": say("The caBundle of {webhook} ({configuration}) holds no readable certificate."),
    "expired": say("The certificate of {webhook} ({configuration}), or its issuer's, is outside its validity."),
    "missing": say("The webhook {webhook} ({configuration}) has no caBundle."),
    "system": say("{webhook} ({configuration}) has no caBundle, and is called by URL: its issuer has to be public."),
    "pass": say("The caBundles verify the certificates that the webhooks serve."),
}
OUTCOMES = {
    Trust.VERIFIED: "pass",
    Trust.MISMATCH: "mismatch",
    Trust.EXPIRED: "expired",
    Trust.UNPARSABLE: "unparsable",
    Trust.UNANSWERED: UNSEEN,
}
"""What a certificate says about the webhook."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one endpoint of a webhook served to one node, and what its caBundle makes of that."""

    node: str
    pod: str
    server_name: str
    trust: Trust
    answered: bool = False
    """Whether a TLS answer came."""
    detail: str = ""
    begins: float = 0.0
    """Unix time in seconds from which on the certificate is valid; 0 where nobody knows."""
    ends: float = 0.0
    """Unix time in seconds at which it ends; 0 where nobody knows."""
    at: float = 0.0
    """Unix time in seconds on the node when it was served."""

    def line(self) -> Text:
        """It as evidence."""
        return say(
            "{pod} on {node} as {name}: {words}",
            pod=self.pod,
            node=self.node,
            name=self.server_name,
            words=self.detail
            or (say("answered") if self.answered and self.trust is Trust.UNANSWERED else str(self.trust)),
        )


def judge_ca_bundle(gathered: Observed) -> Finding:
    """Every webhook of every configuration by itself, by its own caBundle."""
    elsewhere = absent(CA_BUNDLE, gathered)
    if elsewhere:
        return elsewhere
    hooks = hooks_in(gathered.snapshot, gathered.parameters.namespace)
    shown = [(hook, shown_by(gathered, hook)) for hook in hooks]
    judged = [(hook, _outcome(hook, found)) for hook, found in shown]
    seen = [Seen(hook.place, outcome) for hook, outcome in judged]
    evidence = [*shortened(_lines(shown)), *gathered.unheard(Network.HOST)]
    outcomes = {s.outcome for s in seen}
    if outcomes <= {UNSEEN, "system"} and UNSEEN in outcomes:
        text = say("No endpoint of the webhook showed its certificate.")
        return CA_BUNDLE.unseen(text, evidence, [s.place for s in seen])
    worst = max((outcome for _, outcome in judged if outcome != UNSEEN), key=CA_BUNDLE.words.index)
    first = next(hook for hook, outcome in judged if outcome == worst)
    bad = [hook for hook, outcome in judged if outcome != UNSEEN and not CA_BUNDLE.normal(outcome)]
    ignored = all(hook.webhook.failure_policy == "Ignore" for hook in bad)
    return CA_BUNDLE.found(
        filled(SUMMARIES[worst], {"webhook": first.name, "configuration": first.configuration}),
        seen,
        severity=Severity.DEGRADED if bad and ignored else None,
        evidence=evidence,
    )


def shown_by(gathered: Observed, hook: Hook) -> list[Shown]:
    """What was served to whoever greeted the webhook."""
    ports = _ports(gathered.snapshot, hook)
    return [
        _judged(hook, heard.node, certificate)
        for heard in gathered.on(Network.HOST)
        for certificate in heard.data.certificates
        if certificate.server_name == hook.server_name and _is_of(hook, certificate, ports)
    ]


def _ports(snapshot: Snapshot, hook: Hook) -> frozenset[int]:
    """The ports on which the webhook is greeted."""
    if hook.service is None:
        return frozenset({hook.host[1]})
    resolved = resolve(snapshot, hook.service)
    return frozenset({hook.service.port} if resolved.outcome == EXTERNAL else {port for _, port in resolved.targets})


def _is_of(hook: Hook, certificate: Certificate, ports: frozenset[int]) -> bool:
    if certificate.bundle:
        return certificate.bundle == fingerprint(hook.ca_bundle)
    return certificate.port in ports


def _judged(hook: Hook, node: str, certificate: Certificate) -> Shown:
    """A certificate in the judgement of the hook's caBundle; of an old recording in that of its agent."""
    known = Shown(
        node=node,
        pod=certificate.pod,
        server_name=certificate.server_name,
        trust=certificate.trust,
        answered=bool(certificate.chain) or certificate.trust is not Trust.UNANSWERED,
        detail=certificate.detail,
        ends=certificate.expires_at,
        at=certificate.observed_at,
    )
    if not certificate.chain or not hook.ca_bundle:
        return known
    # Its library is heavy, and only whoever judges a certificate needs it.
    from checks.webhook.verifier import roots_of, verify

    verdict = verify(certificate.chain, roots_of(hook.ca_bundle), hook.server_name, certificate.observed_at)
    return Shown(
        node=node,
        pod=certificate.pod,
        server_name=certificate.server_name,
        trust=verdict.trust,
        answered=True,
        detail=verdict.detail,
        begins=verdict.begins,
        ends=verdict.ends,
        at=certificate.observed_at,
    )


def _outcome(hook: Hook, shown: Sequence[Shown]) -> str:
    """The worst of what its endpoints showed.

    Without a caBundle the API server trusts its own system's authorities, which never issued a certificate for a name
    inside the cluster.
    """
    if not hook.ca_bundle:
        return "missing" if hook.service else "system"
    told = [word for s in shown if (word := OUTCOMES[s.trust]) != UNSEEN]
    if not told and not _holds_certificates(hook.ca_bundle):
        return "unparsable"
    return max(told, key=CA_BUNDLE.words.index, default=UNSEEN)


def _holds_certificates(bundle: str) -> bool:
    from checks.webhook.verifier import roots_of

    return bool(roots_of(bundle))


def _lines(shown: Sequence[tuple[Hook, Sequence[Shown]]]) -> list[Text]:
    """One line for each endpoint, which may serve many webhooks; and for each webhook that has no right caBundle."""
    bad = [_bad_bundle(hook) for hook, found in shown if _outcome(hook, found) in ("missing", "unparsable")]
    every = dict.fromkeys(s for _, found in shown for s in found)
    ranked = sorted(every, key=lambda s: s.trust is Trust.VERIFIED)
    return [*bad, *(s.line() for s in ranked)]


def _bad_bundle(hook: Hook) -> Text:
    named: Mapping[str, str] = {"webhook": hook.name, "configuration": hook.configuration}
    if hook.ca_bundle:
        return filled(say("{webhook} of {configuration}: the caBundle holds no certificate"), named)
    return filled(say("{webhook} of {configuration}: no caBundle"), named)
