"""Whether webhooks that are called by URL answer. Pure."""

from collections.abc import Sequence

from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.observation import Network
from checks.place import Webhook
from checks.text import say, shortened
from checks.webhook.model import NO_SUCH_HOST
from checks.webhook.shown import Looked, Shown

URL = Code(
    name="webhook.url",
    meaning="Each webhook that is called by URL answers by TLS, from the nodes of API servers",
    place=Webhook,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        Outcome("lookup", Severity.FAILED, "its name cannot be resolved there"),
        Outcome("unanswered", Severity.FAILED, "no TLS answer comes"),
    ),
)


def judge_url(looked: Looked) -> list[Finding]:
    """Every such webhook by itself: the API server resolves its name with its node's resolver, and not by CoreDNS."""
    shown = [(hook, found) for hook, found in looked.shown if hook.service is None]
    if not shown:
        return []
    seen = [Seen(hook.place, _outcome(found)) for hook, found in shown]
    lines = dict.fromkeys(s for _, found in shown for s in found)
    evidence = [*shortened(s.line() for s in lines), *looked.gathered.unheard(Network.HOST)]
    if all(s.outcome == UNSEEN for s in seen):
        text = say("Nobody asked the webhooks that are called by URL.")
        return [URL.unseen(text, evidence, [s.place for s in seen])]
    bad = next((s.place for s in seen if s.outcome not in ("pass", UNSEEN)), None)
    text = say("Webhooks that are called by URL answer.")
    if isinstance(bad, Webhook):
        host = next(hook.host[0] for hook, _ in shown if hook.place == bad)
        text = say(
            "The webhook {webhook} of {configuration} does not answer at {host}.",
            webhook=bad.name,
            configuration=bad.configuration,
            host=host,
        )
    return [URL.found(text, seen, evidence=evidence)]


def _outcome(shown: Sequence[Shown]) -> str:
    """The worst of what the nodes saw."""
    if not shown:
        return UNSEEN
    silent = [s.detail for s in shown if not s.answered]
    if not silent:
        return "pass"
    return "lookup" if any(detail.startswith(NO_SUCH_HOST) for detail in silent) else "unanswered"
