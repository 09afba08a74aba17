"""Objects for the tests on a real cluster: workloads of a program that only waits, and their budgets."""

from typing import Any

from tests.lab import images

Manifest = dict[str, Any]
WAITING = {"name": "wait", "image": images.PAUSE, "imagePullPolicy": "Never"}
NEVER_READY = WAITING | {"readinessProbe": {"tcpSocket": {"port": 9}, "periodSeconds": 1}}


def pod_spec(node: str = "", *, ready: bool = True, scratch: bool = False) -> Manifest:
    """What a pod is made of; on that node alone, when one is named."""
    spec: Manifest = {"containers": [WAITING if ready else NEVER_READY], "terminationGracePeriodSeconds": 2}
    if node:
        spec["nodeSelector"] = {"kubernetes.io/hostname": node}
    if scratch:
        spec["volumes"] = [{"name": "scratch", "emptyDir": {}}]
    return spec


def workload(name: str, spec: Manifest, replicas: int = 1, kind: str = "Deployment") -> Manifest:
    """A Deployment or a StatefulSet whose pods have its name as label `app`."""
    labels = {"app": name}
    service = {"serviceName": name} if kind == "StatefulSet" else {}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
            **service,
        },
    }


def bare_pod(name: str, spec: Manifest) -> Manifest:
    """A pod that no controller would make anew."""
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": name}}, "spec": spec}


def budget(name: str, app: str = "", **spec: Any) -> Manifest:
    """A budget for the pods of an app, of its own name when none is named."""
    selector = {"matchLabels": {"app": app or name}}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": selector, **spec},
    }
