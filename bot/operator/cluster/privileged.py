"""A pod with NET_ADMIN in one node's own network, for one command, removed after it."""

import hashlib
import time
from typing import Any

import msgspec

from bot.errors import NetcheckError
from bot.operator.cluster.api import Api, accepted
from bot.operator.cluster.errors import NotThere
from bot.operator.cluster.objects import Object
from bot.runbooks.operations import SetOffloads

ENDS_S = 60
"""The kubelet ends the pod after so many seconds, whatever it does."""
WAIT_S = 90.0
_LOOK_S = 0.5
_CONFLICT, _NOT_FOUND = 409, 404


class Privileged(msgspec.Struct, frozen=True):
    """Where such pods are made, and of what image."""

    namespace: str
    image: str


class PodFailed(NetcheckError):  # noqa: N818 - says what is the case
    """The pod did not do what it was made for."""


class _Terminated(Object, frozen=True):
    exit_code: int = 0
    message: str = ""


class _State(Object, frozen=True):
    terminated: _Terminated | None = None


class _Container(Object, frozen=True):
    state: _State = _State()


class _Status(Object, frozen=True):
    phase: str = ""
    message: str = ""
    container_statuses: tuple[_Container, ...] = ()


class _Pod(Object, frozen=True):
    status: _Status = _Status()


def switch(api: Api, site: Privileged, asked: SetOffloads, order: str) -> str:
    """Switch the offloads by such a pod; what it said.

    Raises:
        PodFailed: it did not do it.
        ClusterError: the pod cannot be made or looked at.
    """
    path = _path(site)
    reply = api.ask("POST", path, _manifest(site, asked, order))
    if reply.status != _CONFLICT:
        accepted(reply, "create", path)
    try:
        return _ended(api, f"{path}/{_name(order)}", asked)
    finally:
        remove(api, site, order)


def remove(api: Api, site: Privileged, order: str) -> None:
    """See that the pod of an order is gone, or going.

    Raises:
        ClusterError: it cannot be deleted.
    """
    path = f"{_path(site)}/{_name(order)}"
    reply = api.ask("DELETE", path)
    if reply.status != _NOT_FOUND:
        accepted(reply, "delete", path)


def _ended(api: Api, path: str, asked: SetOffloads) -> str:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        try:
            status = api.get(path, _Pod).status
        except NotThere:
            raise PodFailed("Somebody deleted the pod before it had ended.", hint="Do it again.") from None
        ends = [each.state.terminated for each in status.container_statuses if each.state.terminated]
        if status.phase == "Succeeded" and ends:
            return f"{asked.interface} on {asked.node}: {ends[0].message.strip()}"
        if status.phase == "Failed":
            said = ends[0].message.strip() if ends else status.message
            raise PodFailed(f"The pod on {asked.node} failed: {said}", hint="Do it by hand on the node.")
        time.sleep(_LOOK_S)
    raise PodFailed(f"The pod did not end on {asked.node} within {WAIT_S:.0f} s.", hint="Look at its events.")


def _name(order: str) -> str:
    return f"netcheck-offloads-{hashlib.sha256(order.encode()).hexdigest()[:10]}"


def _path(site: Privileged) -> str:
    return f"/api/v1/namespaces/{site.namespace}/pods"


def _manifest(site: Privileged, asked: SetOffloads, order: str) -> dict[str, Any]:
    word = "on" if asked.on else "off"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": _name(order),
            "namespace": site.namespace,
            "labels": {"app.kubernetes.io/name": "netcheck", "app.kubernetes.io/component": "offloads"},
        },
        "spec": {
            "nodeName": asked.node,
            "hostNetwork": True,
            "restartPolicy": "Never",
            "activeDeadlineSeconds": ENDS_S,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "containers": [
                {
                    "name": "offloads",
                    "image": site.image,
                    "command": ["python3", "-m", "bot.operator.offloads", asked.interface, word],
                    "imagePullPolicy": "IfNotPresent",
                    "securityContext": {
                        "runAsUser": 0,
                        "allowPrivilegeEscalation": False,
                        "readOnlyRootFilesystem": True,
                        "capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]},
                        "seccompProfile": {"type": "RuntimeDefault"},
                    },
                    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}},
                }
            ],
        },
    }
