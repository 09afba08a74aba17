"""What in a webhook's configuration, or in its certificate's validity, will make trouble. Pure."""

from collections.abc import Iterator, Sequence

from checks.cluster.snapshot import Webhook as Settings
from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.place import Webhook
from checks.text import Text, Unit, say, say_many, shortened
from checks.webhook.absence import NOT_USED, Observed, absent, is_without_configuration
from checks.webhook.certificates import certificates_of
from checks.webhook.hooks import Hook, hooks_in
from checks.webhook.model import Certificate

CONFIGURATION = Code(
    name="webhook.configuration",
    meaning="Time-out, failure policy, side effects and remaining validity of the certificate",
    place=Webhook,
    outcomes=(
        Outcome("pass", Severity.OK, "all are sound"),
        NOT_USED,
        Outcome("at-risk", Severity.ADVICE, "a setting makes trouble worse"),
        Outcome("ends-soon", Severity.DEGRADED, "the certificate ends within 30 days"),
        Outcome("lost", Severity.DEGRADED, "MetalLB runs without its webhook configuration"),
    ),
    role=Role.RISK,
    measures={"left_s": Unit.SECONDS},
)
DAY_S = 86_400
EXPIRES_SOON_S = 30 * DAY_S
"""A certificate this close to its end should have been renewed: issuers renew at a third of the validity left or at 30
days (cert-manager's default is a third of 90 days)."""
LONG_TIMEOUT_S = 15
"""All webhooks of a request share the API server's 60 s, and kubectl's users give up sooner; the default is 10 s."""
DRY_RUN_SAFE = frozenset({"None", "NoneOnDryRun"})
"""The `sideEffects` with which the API server calls a webhook on dry runs."""


def judge_configuration(gathered: Observed) -> Finding:
    """Every webhook by itself."""
    if is_without_configuration(gathered):
        text = say(
            "No webhook configuration points to {namespace}, although MetalLB's workloads are there: "
            "objects are accepted unchecked.",
            namespace=gathered.parameters.namespace,
        )
        return CONFIGURATION.found(text, outcome="lost")
    elsewhere = absent(CONFIGURATION, gathered)
    if elsewhere:
        return elsewhere
    hooks = hooks_in(gathered.snapshot, gathered.parameters.namespace)
    certificates = {hook: [c for _, c in certificates_of(gathered, hook) if c.expires_at] for hook in hooks}
    seen = [_seen(hook, found) for hook, found in certificates.items()]
    ending = dict.fromkeys(c for found in certificates.values() for c in found if _ends_soon(c))
    lines = [*map(_ending, ending), *(line for hook in hooks for line in _advice(hook.webhook))]
    return CONFIGURATION.found(_summary(seen), seen, evidence=shortened(lines or [_settings(hooks)]))


def _seen(hook: Hook, certificates: Sequence[Certificate]) -> Seen:
    outcome = "at-risk" if any(_advice(hook.webhook)) else "pass"
    if any(map(_ends_soon, certificates)):
        outcome = "ends-soon"
    left = {"left_s": min(map(_left_s, certificates))} if certificates else {}
    return Seen(hook.place, outcome, left)


def _summary(seen: Sequence[Seen]) -> Text:
    outcomes = {s.outcome for s in seen}
    if "ends-soon" in outcomes:
        return say("The webhook's certificate ends within 30 days.")
    if "at-risk" in outcomes:
        return say("The webhook's configuration has risks.")
    return say("The webhook's configuration is sound.")


def _settings(hooks: Sequence[Hook]) -> Text:
    return say_many(
        "{count} webhook, timeoutSeconds {timeout}",
        "{count} webhooks, timeoutSeconds {timeout}",
        len(hooks),
        timeout=max(hook.webhook.timeout_seconds for hook in hooks),
    )


def _advice(webhook: Settings) -> Iterator[Text]:
    if webhook.timeout_seconds > LONG_TIMEOUT_S:
        yield say(
            "{webhook}: timeoutSeconds {timeout} holds every request that long when it fails",
            webhook=webhook.name,
            timeout=webhook.timeout_seconds,
        )
    if webhook.failure_policy == "Ignore":
        yield say("{webhook}: failurePolicy Ignore lets wrong objects in whenever it fails", webhook=webhook.name)
    if webhook.side_effects not in DRY_RUN_SAFE:
        yield say(
            "{webhook}: sideEffects {effects} refuses dry runs, so that it cannot be tested",
            webhook=webhook.name,
            effects=webhook.side_effects or say("not set"),
        )


def _left_s(certificate: Certificate) -> float:
    return certificate.expires_at - certificate.observed_at


def _ends_soon(certificate: Certificate) -> bool:
    return 0 <= _left_s(certificate) < EXPIRES_SOON_S


def _ending(certificate: Certificate) -> Text:
    days = round(_left_s(certificate) / DAY_S)
    return say_many(
        "{pod}: its certificate ends in {count} day",
        "{pod}: its certificate ends in {count} days",
        days,
        pod=certificate.pod,
    )
