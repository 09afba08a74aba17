"""Reads the object sets, and serves them as an API server would."""

from pathlib import Path
from typing import Any

import msgspec

from checks.cluster.api import Cluster
from checks.cluster.snapshot import Snapshot
from tests.checks.api_server import Request, answer, kubeconfig, serving

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))
_PATHS = {
    "deployments": "/apis/apps/v1/deployments",
    "daemonsets": "/apis/apps/v1/daemonsets",
    "services": "/api/v1/services",
    "endpointslices": "/apis/discovery.k8s.io/v1/endpointslices",
}
_NAMESPACED = {
    "pods": "/api/v1/namespaces/{}/pods",
    "configmaps": "/api/v1/namespaces/{}/configmaps",
}


def load(name: str) -> dict[str, Any]:
    """One set: its source, what is to be found in it, and the objects by resource."""
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=dict[str, Any])


def snapshot_of(objects: dict[str, Any], folder: Path) -> Snapshot:
    """What is read of a cluster with these objects, over HTTP as in production."""
    with serving() as api:
        for resource, path in _PATHS.items():
            api.responders[path] = _listing(objects[resource])
        for resource, path in _NAMESPACED.items():
            for namespace in {item["metadata"]["namespace"] for item in objects[resource]}:
                found = [item for item in objects[resource] if item["metadata"]["namespace"] == namespace]
                api.responders[path.format(namespace)] = _listing(found)
        return Cluster.connect(kubeconfig=kubeconfig(folder, api.url)).snapshot()


def _listing(found: list[dict[str, Any]]) -> Any:
    def respond(handler: Any, _: Request) -> None:
        answer(handler, {"items": found})

    return respond
