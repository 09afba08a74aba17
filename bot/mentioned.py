"""What a run names must be there: the worker sees in the snapshot what the door could not know.

Without this a misspelt namespace would be a place where nothing is wrong, because nothing is there.
"""

from collections.abc import Iterator, Sequence

from bot.errors import UsageError
from bot.names import choice, nearest, short
from bot.runs.model import RunRequest
from checks.cluster.snapshot import Snapshot

NAMESPACE = "namespace"
"""The name that every check gives to a parameter which names a namespace."""


def must_exist(request: RunRequest, snapshot: Snapshot) -> None:
    """See that the nodes and namespaces that a run names exist, as far as the snapshot is whole enough to tell.

    Raises:
        UsageError: one does not; names the nearest that does.
    """
    nodes = [] if snapshot.gap("nodes") else [node.name for node in snapshot.nodes]
    for node in request.nodes:
        _one_of(f"node {short(node)!r} in {request.cluster}", node, nodes)
    namespaces = [] if snapshot.gap("services") else sorted(set(_namespaces(snapshot)))
    for parameters in request.parameters.values():
        # Empty stands for all of them.
        if name := str(parameters.get(NAMESPACE, "")):
            _one_of(f"Service, pod or webhook in a namespace {short(name)!r} of {request.cluster}", name, namespaces)


def _one_of(what: str, name: str, known: Sequence[str]) -> None:
    if known and name not in known:
        close = nearest(name, known)
        raise UsageError(f"There is no {what}.", hint=f"Did you mean {close}?" if close else choice(known))


def _namespaces(snapshot: Snapshot) -> Iterator[str]:
    """The namespaces in which anything was seen."""
    yield from (service.metadata.namespace for service in snapshot.services)
    yield from (pod.metadata.namespace for pod in snapshot.pods)
    yield from (workload.metadata.namespace for workload in snapshot.workloads)
    for configuration in snapshot.webhook_configurations:
        for webhook in configuration.webhooks:
            if webhook.client_config.service:
                yield webhook.client_config.service.namespace
