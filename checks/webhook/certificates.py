"""Whether the caBundles of the configurations verify the certificates that the webhooks serve. Pure."""

from collections.abc import Mapping, Sequence

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.observation import Network
from checks.place import Webhook
from checks.text import Text, filled, say, shortened
from checks.webhook.absence import NOT_USED, absent
from checks.webhook.hooks import Hook
from checks.webhook.model import Trust
from checks.webhook.resolve import is_own
from checks.webhook.shown import Looked, Shown, holds_certificates

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


def judge_ca_bundle(looked: Looked) -> Finding:
    """Every webhook of every configuration by itself, by its own caBundle."""
    elsewhere = absent(CA_BUNDLE, looked.gathered)
    if elsewhere:
        return elsewhere
    shown = looked.shown
    judged = [(hook, _outcome(hook, found)) for hook, found in shown]
    seen = [Seen(hook.place, outcome) for hook, outcome in judged]
    evidence = [*shortened(_lines(shown)), *looked.gathered.unheard(Network.HOST)]
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


def _outcome(hook: Hook, shown: Sequence[Shown]) -> str:
    """The worst of what its endpoints showed.

    Itself an API server calls by its own authority. Without a caBundle it trusts its own system's authorities, which
    never issued a certificate for a name inside the cluster.
    """
    if hook.service and is_own(hook.service):
        return "pass"
    if not hook.ca_bundle:
        return "missing" if hook.service else "system"
    told = [word for s in shown if (word := OUTCOMES[s.trust]) != UNSEEN]
    if not told and not holds_certificates(hook.ca_bundle):
        return "unparsable"
    return max(told, key=CA_BUNDLE.words.index, default=UNSEEN)


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
