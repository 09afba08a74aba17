"""What in a webhook's configuration, or in its certificate's validity, will make trouble. Pure."""

from collections.abc import Iterator, Sequence

from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.place import Webhook
from checks.text import Text, Unit, say, say_many, shortened
from checks.webhook.absence import NOT_USED, absent, is_without_configuration
from checks.webhook.hooks import Hook
from checks.webhook.shown import Looked, Shown

CONFIGURATION = Code(
    name="webhook.configuration",
    meaning="Time-out, failure policy, side effects and remaining validity of the certificate",
    place=Webhook,
    outcomes=(
        Outcome("pass", Severity.OK, "all are sound"),
        NOT_USED,
        Outcome("at-risk", Severity.ADVICE, "a setting makes trouble worse"),
        Outcome("ends-soon", Severity.DEGRADED, "the certificate ends within 30 days, or a sixth of its validity"),
        Outcome("lost", Severity.DEGRADED, "MetalLB runs without its webhook configuration"),
    ),
    role=Role.RISK,
    measures={"left_s": Unit.SECONDS},
)
DAY_S = 86_400
EXPIRES_SOON_S = 30 * DAY_S
"""A certificate this close to its end should have been renewed: issuers renew at a third of the validity left or at 30
days (cert-manager's default is a third of 90 days)."""
EXPIRES_SOON = 1 / 6
"""Of its validity, for certificates that live for days only: half of what is left when issuers renew."""
LONG_TIMEOUT_S = 15
"""All webhooks of a request share the API server's 60 s, and kubectl's users give up sooner; the default is 10 s."""
CONVERTS = "conversion"
"""The sort of webhook whose time-out nobody sets."""
DRY_RUN_SAFE = frozenset({"None", "NoneOnDryRun"})
"""The `sideEffects` with which the API server calls a webhook on dry runs."""


def judge_configuration(looked: Looked) -> Finding:
    """Every webhook by itself."""
    gathered, hooks = looked.gathered, looked.hooks
    lost = not gathered.parameters.namespace and is_without_configuration(gathered)
    elsewhere = absent(CONFIGURATION, gathered)
    if elsewhere and not lost:
        return elsewhere
    shown = [(hook, [s for s in found if s.ends]) for hook, found in looked.shown]
    seen = [_seen(hook, found) for hook, found in shown]
    ending = dict.fromkeys(s for _, found in shown for s in found if _ends_soon(s))
    lines = [*map(_ending, ending), *(line for hook in hooks for line in _advice(hook))]
    evidence = shortened(lines or ([_settings(hooks)] if hooks else []))
    if lost:
        text = say(
            "No webhook configuration is for MetalLB's objects, although MetalLB is there: they are accepted unchecked."
        )
        return CONFIGURATION.found(text, seen, outcome="lost", evidence=evidence)
    return CONFIGURATION.found(_summary(seen), seen, evidence=evidence)


def _seen(hook: Hook, shown: Sequence[Shown]) -> Seen:
    outcome = "at-risk" if any(_advice(hook)) else "pass"
    if any(map(_ends_soon, shown)):
        outcome = "ends-soon"
    left = {"left_s": min(map(_left_s, shown))} if shown else {}
    return Seen(hook.place, outcome, left)


def _summary(seen: Sequence[Seen]) -> Text:
    outcomes = {s.outcome for s in seen}
    if "ends-soon" in outcomes:
        return say("A webhook's certificate ends soon.")
    if "at-risk" in outcomes:
        return say("A webhook's configuration has risks.")
    return say("The webhooks' configuration is sound.")


def _settings(hooks: Sequence[Hook]) -> Text:
    return say_many(
        "{count} webhook, timeoutSeconds {timeout}",
        "{count} webhooks, timeoutSeconds {timeout}",
        len(hooks),
        timeout=max(hook.webhook.timeout_seconds for hook in hooks),
    )


def _advice(hook: Hook) -> Iterator[Text]:
    """What makes trouble worse. What other products have set on purpose is theirs, unless requests hang on it."""
    webhook = hook.webhook
    if webhook.timeout_seconds > LONG_TIMEOUT_S and hook.sort != CONVERTS:
        yield say(
            "{webhook}: timeoutSeconds {timeout} holds every request that long when it fails",
            webhook=webhook.name,
            timeout=webhook.timeout_seconds,
        )
    if not hook.of_metallb:
        return
    if webhook.failure_policy == "Ignore":
        yield say("{webhook}: failurePolicy Ignore lets wrong objects in whenever it fails", webhook=webhook.name)
    if webhook.side_effects not in DRY_RUN_SAFE:
        yield say(
            "{webhook}: sideEffects {effects} refuses dry runs, so that it cannot be tested",
            webhook=webhook.name,
            effects=webhook.side_effects or say("not set"),
        )


def _left_s(shown: Shown) -> float:
    return shown.ends - shown.at


def _ends_soon(shown: Shown) -> bool:
    soon_s = min(EXPIRES_SOON_S, EXPIRES_SOON * (shown.ends - shown.begins)) if shown.begins else EXPIRES_SOON_S
    return 0 <= _left_s(shown) < soon_s


def _ending(shown: Shown) -> Text:
    days = round(_left_s(shown) / DAY_S)
    return say_many(
        "{pod}: its certificate ends in {count} day",
        "{pod}: its certificate ends in {count} days",
        days,
        pod=shown.pod,
    )
