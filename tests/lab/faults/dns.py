"""Faults of what CoreDNS is told and may read."""

import json

from tests.lab.controlplane import kubectl
from tests.lab.faults.model import Values
from tests.lab.layout import CONTROL_PLANE, LabError
from tests.lab.process import run
from tests.lab.runtime import wait_for

_IN = ("-n", "kube-system")
_LABEL = ("-l", "k8s-app=kube-dns")
_CONFIG = "configmap/coredns"
_ROLE = "clusterrole/system:coredns"
_KUBERNETES = "kubernetes cluster.local in-addr.arpa ip6.arpa {"
_FORWARD = "forward . /etc/resolv.conf {"
_OTHER = "coredns-other"
_STALE = "192.0.2.1 kubernetes.default.svc.cluster.local"


def remember() -> Values:
    """Read the Corefile, and what CoreDNS may read."""
    config = json.loads(kubectl(*_IN, "get", _CONFIG, "-o", "json"))
    role = json.loads(kubectl("get", _ROLE, "-o", "json"))
    return {"corefile": config["data"]["Corefile"], "rules": role["rules"]}


def inject_loop(values: Values) -> None:
    """Let CoreDNS ask itself, start it anew, and wait until every replica has ended itself."""
    _start_with(values["corefile"].replace(_FORWARD, "forward . 127.0.0.1 {"))
    wait_for("CoreDNS to end itself", lambda: all(_restarts(pod) for pod in _pods()))


def inject_permissions(values: Values) -> None:
    """Take from CoreDNS the right to Services and EndpointSlices, and start it anew: what it has read it keeps."""
    kept = [rule for rule in values["rules"] if "discovery.k8s.io" not in rule["apiGroups"]]
    _set_rules([{**rule, "resources": [r for r in rule["resources"] if r != "services"]} for rule in kept])
    _start_with(values["corefile"])
    # It waits for the API server for 5 s before it listens.
    wait_for("CoreDNS to listen", lambda: all(map(_listens, _pods())))


def inject_zone(values: Values) -> None:
    """Let CoreDNS serve another zone than the kubelets tell pods."""
    other = _KUBERNETES.replace("cluster.local", "other.example")
    _start_with(values["corefile"].replace(_KUBERNETES, other))
    _wait_until_ready()


def inject_template(values: Values) -> None:
    """Let a template answer for the whole zone of the cluster with an rcode."""
    template = f"template ANY ANY cluster.local {{\n           rcode {values['rcode'].upper()}\n        }}\n        "
    _start_with(values["corefile"].replace(_KUBERNETES, template + _KUBERNETES))
    _wait_until_ready()


def inject_divergence(values: Values) -> None:
    """Run a third replica whose Corefile has another address for a name of the cluster."""
    hosts = f"hosts {{\n           {_STALE}\n           fallthrough\n        }}\n        "
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": _OTHER, "namespace": "kube-system"},
        "data": {"Corefile": values["corefile"].replace(_KUBERNETES, hosts + _KUBERNETES)},
    }
    made_by = json.loads(kubectl(*_IN, "get", "deployment/coredns", "-o", "json"))
    spec = {**made_by["spec"], "replicas": 1}
    # The others keep apart from it, each on its worker: it goes to the control plane.
    spec["template"]["spec"]["tolerations"] = [{"operator": "Exists"}]
    for volume in spec["template"]["spec"]["volumes"]:
        if "configMap" in volume:
            volume["configMap"]["name"] = _OTHER
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": _OTHER, "namespace": "kube-system", "labels": made_by["metadata"]["labels"]},
        "spec": spec,
    }
    for item in (config, deployment):
        kubectl("apply", "-f", "-", stdin=json.dumps(item))
    kubectl(*_IN, "rollout", "status", f"deployment/{_OTHER}", "--timeout=60s")


def undo_divergence(_: Values) -> None:
    """Remove that replica, and wait until it is gone."""
    kubectl(*_IN, "delete", f"deployment/{_OTHER}", f"configmap/{_OTHER}", "--ignore-not-found", "--wait")
    wait_for("the third replica's end", lambda: not any(_OTHER in pod["metadata"]["name"] for pod in _pods()))


def undo(values: Values) -> None:
    """Put back the Corefile and the rights, start CoreDNS anew, and wait until it is ready."""
    _set_rules(values["rules"])
    _start_with(values["corefile"])
    _wait_until_ready()


def _start_with(corefile: str) -> None:
    kubectl(*_IN, "patch", _CONFIG, "--type=merge", "-p", json.dumps({"data": {"Corefile": corefile}}))
    kubectl(*_IN, "delete", "pods", *_LABEL, "--grace-period=1", "--wait")


def _wait_until_ready() -> None:
    kubectl(*_IN, "rollout", "status", "deployment/coredns", "--timeout=90s")


def _set_rules(rules: list[dict[str, list[str]]]) -> None:
    change = [{"op": "replace", "path": "/rules", "value": rules}]
    kubectl("patch", _ROLE, "--type=json", "-p", json.dumps(change))


def _pods() -> list[Values]:
    pods: list[Values] = json.loads(kubectl(*_IN, "get", "pods", *_LABEL, "-o", "json"))["items"]
    return pods


def _listens(pod: Values) -> bool:
    """Whether something accepts a connection on its port."""
    connect = f"exec 3<>/dev/tcp/{pod['status'].get('podIP', '')}/53"
    try:
        run("ip", "netns", "exec", CONTROL_PLANE.name, "timeout", "1", "bash", "-c", connect)
    except LabError:
        return False
    return True


def _restarts(pod: Values) -> int:
    return sum(each["restartCount"] for each in pod["status"].get("containerStatuses", []))
