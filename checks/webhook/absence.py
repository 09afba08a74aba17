"""What is said of webhooks where none is called: none there, or nothing looked at. Pure."""

import difflib
from collections.abc import Iterator

from checks.cluster.metallb import find_metallb
from checks.cluster.snapshot import Gap, Snapshot
from checks.code import Code, Outcome
from checks.finding import Finding, Severity
from checks.gathered import Gathered
from checks.text import Text, names, say
from checks.webhook.hooks import all_hooks, hooks_in
from checks.webhook.model import Data, Parameters

Observed = Gathered[Parameters, Data]
NOT_USED = Outcome("not-used", Severity.OK, "no webhook is configured")
CONFIGURATIONS = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")
NONE = say("No webhook is configured, so there is none to check.")
RESEMBLES = 0.8
"""Of `difflib`'s ratio: a letter too few, not another name that ends alike."""
USES = ("deployments", "daemonsets", "ipaddresspools", "l2advertisements", "bgpadvertisements")
"""What shows that a cluster uses MetalLB."""


def absent(code: Code, gathered: Observed) -> Finding | None:
    """The finding where there are no webhooks, or None when there are some."""
    snapshot, namespace = gathered.snapshot, gathered.parameters.namespace
    if hooks_in(snapshot, namespace):
        return None
    if unread := unreadable(code, gathered):
        return unread
    if namespace:
        return code.unseen(_none_there(snapshot, namespace))
    return code.unseen(LOST) if metallb_is_used(snapshot) else unused(code, gathered)


LOST = say("MetalLB has no webhook configuration: no webhook of it is called, so there is none to look at.")


def unreadable(code: Code, gathered: Observed) -> Finding | None:
    """The finding where configurations could not be read."""
    unread = next(filter(None, map(gathered.snapshot.gap, CONFIGURATIONS)), None)
    return code.unseen(_unread(unread), gathered.gaps(CONFIGURATIONS)) if unread else None


def unused(code: Code, gathered: Observed, text: Text = NONE) -> Finding:
    """The finding where no webhook was found, and MetalLB's own is not missed."""
    snapshot = gathered.snapshot
    unsure = [gap for gap in map(snapshot.gap, USES) if gap and gap.reason != "not-installed"]
    if unsure:
        return code.unseen(_unread(unsure[0]), gathered.gaps(USES))
    return code.found(text, outcome="not-used")


def metallb_is_used(snapshot: Snapshot) -> bool:
    """Whether anything of MetalLB is seen: an object, a workload, a webhook."""
    return bool(
        snapshot.metallb or find_metallb(snapshot).namespace or any(hook.of_metallb for hook in all_hooks(snapshot))
    )


def is_without_configuration(gathered: Observed) -> bool:
    """Whether MetalLB runs, and no webhook of it is anywhere."""
    snapshot = gathered.snapshot
    return (
        not any(map(snapshot.gap, CONFIGURATIONS))
        and bool(find_metallb(snapshot).namespace)
        and not any(hook.of_metallb for hook in all_hooks(snapshot))
    )


def _unread(gap: Gap) -> Text:
    return say("Which webhooks there are could not be read: {verb}, {reason}.", verb=gap.verb, reason=gap.reason)


def _none_there(snapshot: Snapshot, namespace: str) -> Text:
    served = list(dict.fromkeys(_namespaces(snapshot)))
    nearest = difflib.get_close_matches(namespace, served, n=1, cutoff=RESEMBLES)
    if nearest:
        return say(
            "No webhook is called through a Service of {namespace}. Did you mean {nearest}?",
            namespace=namespace,
            nearest=nearest[0],
        )
    if served:
        return say(
            "No webhook is called through a Service of {namespace}, only through those of {served}.",
            namespace=namespace,
            served=names(served),
        )
    return say("No webhook is called through a Service of {namespace}, or of any other namespace.", namespace=namespace)


def _namespaces(snapshot: Snapshot) -> Iterator[str]:
    """The namespaces with Services of webhooks, MetalLB's first."""
    yield from (hook.service.namespace for hook in all_hooks(snapshot) if hook.service)
