"""Faults of Services and of what translates their addresses: the webhook's Service, and kube-proxy."""

import json
import os
import signal
from typing import Any

from tests.lab.addons import cut_webhook_connections, in_metallb
from tests.lab.controlplane import kubectl
from tests.lab.faults.model import Values
from tests.lab.layout import CONTROL_PLANE, nodes
from tests.lab.network import switched_on
from tests.lab.process import pid, run
from tests.lab.runtime import wait_for

_SERVICE = ("patch", "service", "metallb-webhook-service", "-p")
_OWN = {"component": "controller"}
"""MetalLB's own selector."""
_PORT = 9443
"""Where MetalLB's controller serves its webhook."""
_POLICIES = {"internal": "internalTrafficPolicy", "external": "externalTrafficPolicy"}
_CHAIN = "KUBE-SERVICES"


def inject_target_port(values: Values) -> None:
    """Let the webhook's Service lead to a port on which nobody listens, and cut the connection that is kept."""
    _patch({"ports": [{"port": 443, "targetPort": values["port"]}]})
    wait_for("kube-proxy", lambda: f":{values['port']}" in _rules("nat"))
    cut_webhook_connections()


def undo_target_port(_: Values) -> None:
    """Let it lead to the controller's port."""
    _patch({"ports": [{"port": 443, "targetPort": _PORT}]})


def inject_strangers(_: Values) -> None:
    """Let the webhook's Service select whatever is MetalLB's: its speakers too, which do not listen there."""
    _patch({"selector": {"$patch": "replace", "app": "metallb"}})
    wait_for("kube-proxy", lambda: all(f"{node.address}:{_PORT}" in _rules("nat") for node in nodes()))
    cut_webhook_connections()


def undo_strangers(_: Values) -> None:
    """Give the Service MetalLB's own selector."""
    _patch({"selector": {"$patch": "replace", **_OWN}})


def inject_local(values: Values) -> None:
    """Keep the traffic to the webhook's Service on the node that asks, or on the one that outside traffic comes to."""
    kind = {"type": "NodePort"} if values["policy"] == "external" else {}
    _patch({**kind, _POLICIES[values["policy"]]: "Local"})
    wait_for("kube-proxy", lambda: "metallb-webhook-service has no local endpoints" in _rules("filter"))
    cut_webhook_connections()


def undo_local(_: Values) -> None:
    """Let everybody's traffic go everywhere; a Service without a port on nodes has no policy for that."""
    _patch({"internalTrafficPolicy": "Cluster", "externalTrafficPolicy": None, "type": "ClusterIP"})


def _patch(spec: dict[str, Any]) -> None:
    kubectl(*in_metallb(), *_SERVICE, json.dumps({"spec": spec}))


def _rules(table: str) -> str:
    """kube-proxy's rules on the API server's node."""
    return run("ip", "netns", "exec", CONTROL_PLANE.name, "iptables", "-w", "-t", table, "-S")


def inject_stopped_proxy(values: Values) -> None:
    """Stop kube-proxy where it is, as one that hangs: its rules stay, and no change comes to them."""
    for target in values["node"]:
        os.kill(pid(f"kube-proxy-{target.name}"), signal.SIGSTOP)


def undo_stopped_proxy(values: Values) -> None:
    """Let it go on."""
    for target in values["node"]:
        os.kill(pid(f"kube-proxy-{target.name}"), signal.SIGCONT)


def remember_chain() -> Values:
    """Read the chain in which kube-proxy tells the Services' addresses, node by node."""
    return {"chain": {node.name: _chain(node.name) for node in switched_on()}}


def inject_flushed(values: Values) -> None:
    """Flush that chain, as somebody does who cleans up; kube-proxy notices at its next whole round, an hour later."""
    for target in values["node"]:
        run("ip", "netns", "exec", target.name, "iptables", "-w", "-t", "nat", "-F", _CHAIN)


def undo_flushed(values: Values) -> None:
    """Append what was in it, unless kube-proxy has made it anew."""
    for target in switched_on(values["node"]):
        if _chain(target.name):
            continue
        lines = ["*nat", *values["chain"].get(target.name, []), "COMMIT", ""]
        run("ip", "netns", "exec", target.name, "iptables-restore", "-w", "-n", stdin="\n".join(lines))


def _chain(node: str) -> list[str]:
    rules = run("ip", "netns", "exec", node, "iptables", "-w", "-t", "nat", "-S", _CHAIN)
    return [line for line in rules.splitlines() if line.startswith("-A ")]
