"""What is said of webhooks where none is called: not used, or nothing looked at. Pure."""

import difflib
from collections.abc import Iterator

from checks.cluster.snapshot import Gap, Snapshot
from checks.code import Code, Outcome
from checks.finding import Finding, Severity
from checks.gathered import Gathered
from checks.text import Text, names, say
from checks.webhook.hooks import all_hooks, hooks_in, of_pools
from checks.webhook.model import Data, Parameters

Observed = Gathered[Parameters, Data]
NOT_USED = Outcome("not-used", Severity.OK, "MetalLB is not in the cluster")
CONFIGURATIONS = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations")
RESEMBLES = 0.8
"""Of `difflib`'s ratio: a letter too few, not another name that ends alike."""
USES = ("deployments", "daemonsets", "ipaddresspools", "l2advertisements", "bgpadvertisements")
"""What shows that a cluster uses MetalLB."""


def absent(code: Code, gathered: Observed) -> Finding | None:
    """The finding for a namespace without webhooks, or None when there are some."""
    snapshot, namespace = gathered.snapshot, gathered.parameters.namespace
    if hooks_in(snapshot, namespace):
        return None
    unread = [gap for gap in map(snapshot.gap, CONFIGURATIONS) if gap]
    if unread:
        return code.unseen(_unread(unread[0]), gathered.gaps(CONFIGURATIONS))
    if namespace == Parameters().namespace and not metallb_is_used(snapshot):
        unsure = [gap for gap in map(snapshot.gap, USES) if gap and gap.reason != "not-installed"]
        if unsure:
            return code.unseen(_unread(unsure[0]), gathered.gaps(USES))
        return code.found(say("The cluster does not use MetalLB: there is no webhook to check."), outcome="not-used")
    return code.unseen(_none_there(snapshot, namespace))


def metallb_is_used(snapshot: Snapshot) -> bool:
    """Whether anything of MetalLB is seen: an object, a workload in its usual namespace, its webhook in any."""
    usual = Parameters().namespace
    workloads = any(workload.metadata.namespace == usual for workload in snapshot.workloads)
    return bool(snapshot.metallb or workloads or of_pools(all_hooks(snapshot)))


def is_without_configuration(gathered: Observed) -> bool:
    """Whether MetalLB's workloads are where they usually are, and no webhook of it is anywhere."""
    snapshot, namespace = gathered.snapshot, gathered.parameters.namespace
    return (
        namespace == Parameters().namespace
        and not any(map(snapshot.gap, CONFIGURATIONS))
        and any(workload.metadata.namespace == namespace for workload in snapshot.workloads)
        and not hooks_in(snapshot, namespace)
        and not of_pools(all_hooks(snapshot))
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
    hooks = all_hooks(snapshot)
    yield from (hook.service.namespace for hook in (*of_pools(hooks), *hooks))
