"""Workloads: restarted once for each operation, looked after until they run, and single pods deleted."""

import enum

import msgspec

from bot.operator.cluster.api import STRATEGIC, Api, accepted
from bot.operator.cluster.errors import NotThere
from bot.operator.cluster.objects import Metadata, Object, Pod

RESTARTED_BY = "netcheck.dev/restarted-by"
"""The annotation of a pod template that netcheck restarted: the id of the operation that did."""


class Kind(enum.StrEnum):
    """What can be restarted, as the API calls it in paths."""

    DEPLOYMENT = "deployments"
    DAEMON_SET = "daemonsets"


class Workload(msgspec.Struct, frozen=True):
    """A Deployment or a DaemonSet, by name."""

    kind: Kind
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/apis/apps/v1/namespaces/{self.namespace}/{self.kind}/{self.name}"


class Rollout(msgspec.Struct, frozen=True):
    """How far a workload is with what its template says."""

    operation: str
    """Who restarted it last; empty when netcheck never did."""
    wanted: int
    updated: int
    """Pods of the newest template."""
    available: int
    """Of those, the ones that serve."""
    old: int
    """Pods of earlier templates that are still there."""
    seen: bool
    """Whether its controller has read the newest template."""

    @property
    def complete(self) -> bool:
        """Whether all pods are of the newest template and serve."""
        return self.seen and self.old == 0 and self.wanted <= min(self.updated, self.available)


class _Template(Object, frozen=True):
    metadata: Metadata = Metadata()


class _Spec(Object, frozen=True):
    template: _Template = _Template()
    replicas: int = 0


class _Status(Object, frozen=True):
    observed_generation: int = 0
    # A Deployment's, then a DaemonSet's.
    replicas: int = 0
    updated_replicas: int = 0
    available_replicas: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0


class _Object(Object, frozen=True):
    metadata: Metadata = Metadata()
    spec: _Spec = _Spec()
    status: _Status = _Status()


def look(api: Api, workload: Workload) -> Rollout:
    """How far its rollout is.

    Raises:
        ClusterError: it cannot be read; `NotThere` when there is none.
    """
    found = api.get(workload.path, _Object)
    status, deployment = found.status, workload.kind is Kind.DEPLOYMENT
    updated = status.updated_replicas if deployment else status.updated_number_scheduled
    return Rollout(
        operation=found.spec.template.metadata.annotations.get(RESTARTED_BY, ""),
        wanted=found.spec.replicas if deployment else status.desired_number_scheduled,
        updated=updated,
        available=status.available_replicas if deployment else status.number_available,
        old=(status.replicas if deployment else status.current_number_scheduled) - updated,
        seen=status.observed_generation >= found.metadata.generation,
    )


def restart(api: Api, workload: Workload, operation: str) -> bool:
    """Have all its pods made anew, once for each operation; tell whether that was now.

    Raises:
        ClusterError: it cannot be done.
    """
    found = api.get(workload.path, _Object)
    if found.spec.template.metadata.annotations.get(RESTARTED_BY) == operation:
        return False
    template = {"metadata": {"annotations": {RESTARTED_BY: operation}}}
    api.patch(workload.path, {"spec": {"template": template}}, STRATEGIC)
    return True


class Presence(enum.StrEnum):
    """Whether a pod is there."""

    THERE = "there"
    LEAVING = "leaving"
    GONE = "gone"
    """There is none, or another has its name."""


def look_for_pod(api: Api, namespace: str, name: str, uid: str) -> Presence:
    """Whether this very pod is there.

    Raises:
        ClusterError: it cannot be read.
    """
    try:
        pod = api.get(_pod_path(namespace, name), Pod)
    except NotThere:
        return Presence.GONE
    if pod.metadata.uid != uid:
        return Presence.GONE
    return Presence.LEAVING if pod.terminating else Presence.THERE


def delete_pod(api: Api, namespace: str, name: str, uid: str) -> Presence:
    """Delete this very pod, without asking any budget, and say whether it is still there.

    Raises:
        ClusterError: it cannot be done.
    """
    before = look_for_pod(api, namespace, name, uid)
    if before is not Presence.THERE:
        return before
    path = _pod_path(namespace, name)
    reply = api.ask("DELETE", path, {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": uid}})
    if reply.status in (404, 409):
        return Presence.GONE
    accepted(reply, "delete", path)
    return look_for_pod(api, namespace, name, uid)


def _pod_path(namespace: str, name: str) -> str:
    return f"/api/v1/namespaces/{namespace}/pods/{name}"
