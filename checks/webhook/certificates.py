"""Whether the caBundles of the configurations verify the certificates that the webhooks serve. Pure."""

import base64
import binascii
from collections.abc import Mapping, Sequence

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.observation import Network
from checks.place import Webhook
from checks.text import Text, say, shortened
from checks.webhook.absence import NOT_USED, Observed, absent
from checks.webhook.hooks import Hook, hooks_in
from checks.webhook.model import Certificate, Trust, fingerprint

CA_BUNDLE = Code(
    name="webhook.ca-bundle",
    meaning="The caBundle of the configuration verifies the certificate that the webhook serves",
    place=Webhook,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        NOT_USED,
        Outcome("missing", Severity.FAILED, "there is no caBundle"),
        Outcome("expired", Severity.FAILED, "the certificate, or its issuer's, is outside its validity"),
        Outcome("unparsable", Severity.FAILED, "the caBundle holds no certificate"),
        Outcome("mismatch", Severity.FAILED, "the certificate is of another issuer, or for another name"),
    ),
)
SUMMARIES = {
    "mismatch": say("The caBundle does not verify the certificate that the webhook serves."),
    "unparsable": say("The caBundle holds no readable certificate."),
    "expired": say("The webhook's certificate, or its issuer's, is outside its validity."),
    "missing": say("A webhook has no caBundle."),
    "pass": say("The caBundle verifies the certificate that the webhook serves."),
}
OUTCOMES = {
    Trust.VERIFIED: "pass",
    Trust.MISMATCH: "mismatch",
    Trust.EXPIRED: "expired",
    Trust.UNPARSABLE: "unparsable",
    Trust.UNANSWERED: UNSEEN,
}
"""What a handshake says about the webhook."""

Shown = tuple[str, Certificate]
"""A certificate, and the node that it was seen on."""


def judge_ca_bundle(gathered: Observed) -> Finding:
    """Every webhook by itself, by the handshakes that trusted its own caBundle."""
    elsewhere = absent(CA_BUNDLE, gathered)
    if elsewhere:
        return elsewhere
    shown = {
        hook: certificates_of(gathered, hook) for hook in hooks_in(gathered.snapshot, gathered.parameters.namespace)
    }
    seen = [Seen(hook.place, _outcome(hook, [c for _, c in found])) for hook, found in shown.items()]
    evidence = [*shortened(_lines(shown)), *gathered.unheard(Network.HOST)]
    outcomes = {s.outcome for s in seen}
    if outcomes == {UNSEEN}:
        text = say("No endpoint of the webhook showed its certificate.")
        return CA_BUNDLE.unseen(text, evidence, [s.place for s in seen])
    worst = next(text for outcome, text in SUMMARIES.items() if outcome in outcomes)
    return CA_BUNDLE.found(worst, seen, evidence=evidence)


def certificates_of(gathered: Observed, hook: Hook) -> list[Shown]:
    """Every certificate that was shown to whoever trusted the webhook's caBundle."""
    wanted = (hook.server_name, fingerprint(hook.ca_bundle))
    return [
        (heard.node, certificate)
        for heard in gathered.on(Network.HOST)
        for certificate in heard.data.certificates
        if (certificate.server_name, certificate.bundle) == wanted
    ]


def _outcome(hook: Hook, certificates: Sequence[Certificate]) -> str:
    """The worst of what its endpoints showed.

    Without a caBundle the API server trusts its own system's authorities, which never issued a certificate for a name
    inside the cluster.
    """
    if not hook.ca_bundle:
        return "missing"
    if not _is_pem(hook.ca_bundle):
        return "unparsable"
    shown = [word for c in certificates if (word := OUTCOMES[c.trust]) != UNSEEN]
    return max(shown, key=CA_BUNDLE.words.index, default=UNSEEN)


def _is_pem(bundle: str) -> bool:
    try:
        return b"-----BEGIN CERTIFICATE-----" in base64.b64decode(bundle, validate=True)
    except (binascii.Error, ValueError):
        return False


def _lines(shown: Mapping[Hook, Sequence[Shown]]) -> list[Text]:
    """One line for each endpoint, which may serve many webhooks; and for each webhook that has no right caBundle."""
    bad = [_bad_bundle(hook) for hook in shown if not _is_pem(hook.ca_bundle)]
    endpoints = dict.fromkeys(pair for pairs in shown.values() for pair in pairs)
    ranked = sorted(endpoints, key=lambda pair: pair[1].trust is Trust.VERIFIED)
    return [*bad, *(_line(node, certificate) for node, certificate in ranked)]


def _bad_bundle(hook: Hook) -> Text:
    if hook.ca_bundle:
        return say("{webhook}: the caBundle is no PEM", webhook=hook.name)
    return say("{webhook}: no caBundle", webhook=hook.name)


def _line(node: str, certificate: Certificate) -> Text:
    return say(
        "{pod} on {node} as {name}: {words}",
        pod=certificate.pod,
        node=node,
        name=certificate.server_name,
        words=certificate.detail or str(certificate.trust),
    )
