"""Faults of what runs in the cluster: the webhook's Service and certificates, CoreDNS."""

import ipaddress
import json
import os
import signal
from typing import Any

from tests.lab import addons, certificates, cgroups
from tests.lab.addons import cut_webhook_connections, in_metallb
from tests.lab.controlplane import api_command, kubectl, restart_api
from tests.lab.faults.model import Values, delete_table
from tests.lab.layout import CONTROL_PLANE, GATEWAY, RUN, LabError, Node, nodes, shape
from tests.lab.process import pid, run
from tests.lab.runtime import wait_for

_WEBHOOKS = "validatingwebhookconfiguration/metallb-webhook-configuration"
_WEBHOOK_SERVICE = ("patch", "service", "metallb-webhook-service", "-p")
_COREDNS = ("-n", "kube-system")
_LOSS = "inet netcheck-lab-loss"
_LEVEL = "pod-security.kubernetes.io/enforce"
_SPEAKER = "daemonset/speaker"


def inject_no_endpoints(_: Values) -> None:
    """Let the webhook's Service select a label that no pod has, and cut the connection that the API server keeps."""
    kubectl(*in_metallb(), *_WEBHOOK_SERVICE, json.dumps({"spec": {"selector": {"component": "controller-v2"}}}))
    wait_for("kube-proxy", _rejects_webhook)
    cut_webhook_connections()


def _rejects_webhook() -> bool:
    rules = run("ip", "netns", "exec", CONTROL_PLANE.name, "iptables", "-S", "KUBE-SERVICES")
    return "metallb-webhook-service has no endpoints" in rules


def undo_no_endpoints(_: Values) -> None:
    """Give the Service MetalLB's own selector."""
    kubectl(*in_metallb(), *_WEBHOOK_SERVICE, json.dumps({"spec": {"selector": {"component": "controller"}}}))


def inject_replica_loss(values: Values) -> None:
    """Drop a share of the DNS queries inside the network namespace of the nodes' CoreDNS pods."""
    # nftables takes no threshold that every packet is below.
    some = "" if values["share"] == 100 else f"numgen random mod 100 < {values['share']} "
    rules = f"""
table {_LOSS} {{
  chain input {{
    type filter hook input priority filter;
    udp dport 53 {some}counter drop
  }}
}}
"""
    for target in values["node"]:
        processes = coredns_processes(target)
        if not processes:
            raise LabError(f"no CoreDNS replica runs on {target.name}")
        run("nsenter", "-t", str(processes[0]), "-n", "nft", "-f", "-", stdin=rules)


def inject_silent_upstream(_: Values) -> None:
    """Stop the resolver's process where it is: what arrives waits in its socket."""
    os.kill(pid("upstream-resolver"), signal.SIGSTOP)


def undo_silent_upstream(_: Values) -> None:
    """Let it go on."""
    os.kill(pid("upstream-resolver"), signal.SIGCONT)


def inject_no_replica(_: Values) -> None:
    """Scale CoreDNS to zero, and wait until its last pod is gone."""
    kubectl(*_COREDNS, "scale", "deployment/coredns", "--replicas=0")
    kubectl(*_COREDNS, "wait", "--for=delete", "pod", "-l", "k8s-app=kube-dns", "--timeout=60s")


def undo_no_replica(_: Values) -> None:
    """Scale it to what it was, and wait until they answer."""
    kubectl(*_COREDNS, "scale", "deployment/coredns", f"--replicas={shape().coredns_replicas}")
    kubectl(*_COREDNS, "rollout", "status", "deployment/coredns", "--timeout=60s")


def inject_stopped_kubelet(values: Values) -> None:
    """Stop the process where it is, as a kubelet that hangs; the cluster notices after 40 seconds."""
    for target in values["node"]:
        os.kill(pid(f"kubelet-{target.name}"), signal.SIGSTOP)
    for target in values["node"]:
        kubectl("wait", "--for=condition=Ready=Unknown", f"node/{target.name}", "--timeout=90s")


def undo_stopped_kubelet(values: Values) -> None:
    """Let it go on, and wait until the cluster has heard of it."""
    for target in values["node"]:
        os.kill(pid(f"kubelet-{target.name}"), signal.SIGCONT)
    for target in values["node"]:
        kubectl("wait", "--for=condition=Ready", f"node/{target.name}", "--timeout=90s")


def undo_replica_loss(values: Values) -> None:
    """Remove the rule; a pod that was replaced took it along."""
    for target in values["node"]:
        for process in coredns_processes(target)[:1]:
            run("nsenter", "-t", str(process), "-n", "nft", "-f", "-", stdin=delete_table(_LOSS))


def coredns_processes(target: Node) -> list[int]:
    """Return the process ids of the CoreDNS pod on a node."""
    return pod_processes(target, "kube-system", "k8s-app=kube-dns")


def pod_processes(target: Node, namespace: str, labels: str) -> list[int]:
    """Return the process ids of the running pods on a node that have some labels."""
    selector = ("-l", labels, f"--field-selector=spec.nodeName={target.name},status.phase=Running")
    uids = kubectl("-n", namespace, "get", "pods", *selector, "-o", "jsonpath={.items[*].metadata.uid}").split()
    found: list[int] = []
    for uid in uids:
        for path in cgroups.folders(f"{target.name}/kubepods")[0].rglob(f"pod{uid}/*/cgroup.procs"):
            found += [int(line) for line in path.read_text().split()]
    return found


def remember_api() -> Values:
    """Read how the API server was started."""
    return {"command": api_command()}


def inject_proxy(values: Values) -> None:
    """Start the API server with a proxy that nobody runs; what it reaches without a Service it still reaches itself."""
    itself = f"127.0.0.1,{ipaddress.ip_network(f'{GATEWAY}/24', strict=False)}"
    restart_api(values["command"], {"HTTPS_PROXY": f"http://{GATEWAY}:3128", "NO_PROXY": itself})


def undo_proxy(values: Values) -> None:
    """Start it as it was, also when it does not run, and wait until every kubelet has found it again.

    One that does not is called not ready after 40 s, and rightly so: that was seen.
    """
    restart_api(values["command"], {})
    addons.wait_for_kubelets()


def remember_pod_security() -> Values:
    """Read the level that MetalLB's namespace has; empty for none."""
    labels = json.loads(kubectl("get", _namespace(), "-o", "json"))["metadata"].get("labels", {})
    return {"level": labels.get(_LEVEL, "")}


def inject_pod_security(_: Values) -> None:
    """Forbid what the speakers need in their namespace, and delete them."""
    kubectl("label", "--overwrite", _namespace(), f"{_LEVEL}=restricted")
    kubectl(*in_metallb(), "delete", "pods", "-l", "component=speaker", "--grace-period=1")
    wait_for("the speakers' end", lambda: not _speakers())


def undo_pod_security(values: Values) -> None:
    """Give the namespace its level back, and have the speakers made at once: the controller waits longer each time."""
    kubectl("label", "--overwrite", _namespace(), f"{_LEVEL}={values['level']}" if values["level"] else f"{_LEVEL}-")
    if len(_speakers()) < len(nodes()):
        kubectl(*in_metallb(), "rollout", "restart", _SPEAKER)
    kubectl(*in_metallb(), "rollout", "status", _SPEAKER, "--timeout=60s")


def _namespace() -> str:
    return f"namespace/{shape().metallb}"


def _controller_role() -> str:
    return f"clusterrole/{shape().metallb}:controller"


def _speakers() -> list[str]:
    return kubectl(*in_metallb(), "get", "pods", "-l", "component=speaker", "-o", "name").split()


def remember_ca_bundle() -> Values:
    """Read the controller's rights and the webhooks' CA bundles."""
    role = json.loads(kubectl("get", _controller_role(), "-o", "json"))
    webhooks = json.loads(kubectl("get", _WEBHOOKS, "-o", "json"))["webhooks"]
    return {"rules": role["rules"], "bundles": [each["clientConfig"]["caBundle"] for each in webhooks]}


def inject_ca_bundle(values: Values) -> None:
    """Give the webhooks a stranger's CA, and take from MetalLB the right to put it right within a second."""
    readable = [
        rule for rule in values["rules"] if "metallb-webhook-configuration" not in rule.get("resourceNames", [])
    ]
    _replace(_controller_role(), [{"path": "/rules", "value": readable}])
    certificate = RUN / "stranger.crt"
    certificates.new_authority("stranger", certificate, RUN / "stranger.key")
    _set_bundles([certificates.encoded(certificate)] * len(values["bundles"]))


def undo_ca_bundle(values: Values) -> None:
    """Put back the certificates and then the rights."""
    _set_bundles(values["bundles"])
    _replace(_controller_role(), [{"path": "/rules", "value": values["rules"]}])


def _set_bundles(bundles: list[str]) -> None:
    changes = [{"path": f"/webhooks/{i}/clientConfig/caBundle", "value": value} for i, value in enumerate(bundles)]
    _replace(_WEBHOOKS, changes)


def _replace(resource: str, changes: list[dict[str, Any]]) -> None:
    kubectl("patch", resource, "--type=json", "-p", json.dumps([{"op": "replace", **change} for change in changes]))
