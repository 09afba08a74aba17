"""Ask the kube-proxy on this node how it is, and look at what the mode ipvs leaves in the kernel."""

from pathlib import Path

from checks.kernel.sysfs import read_number
from checks.kube_proxy.model import Data, Request
from checks.observation import Context
from checks.probes.http import Fetched, get

TIMEOUT_S = 2.0
"""It answers within a millisecond: it reads two numbers."""
BYTES = 16 << 10
IPVS_DEVICE = "kube-ipvs0"
"""The interface of the mode ipvs (`pkg/proxy/ipvs`, `defaultDummyDevice`)."""
MODES = frozenset({"iptables", "ipvs", "nftables", "kernelspace"})
_NOT_FOUND, _OK = 404, 200
_SHOWN = 300


def observe(request: Request, context: Context) -> Data:
    """Whether rules are late is `/livez`, without whether the node is about to go; before 1.28 there is `/healthz`."""
    health = _ask(request.address, request.health_port, "/livez")
    if health.status == _NOT_FOUND:
        health = _ask(request.address, request.health_port, "/healthz")
    told = _ask(request.address, request.metrics_port, "/proxyMode")
    mode = told.body.decode(errors="replace").strip() if told.status == _OK else ""
    settings = Path(context.procfs, "sys/net/ipv4/conf/all")
    return Data(
        health=health.outcome,
        status=health.status,
        words=health.body[:_SHOWN].decode(errors="replace").strip(),
        mode=mode if mode in MODES else "",
        arp_ignore=read_number(settings / "arp_ignore"),
        arp_announce=read_number(settings / "arp_announce"),
        has_ipvs_device=Path(context.sysfs, "class/net", IPVS_DEVICE).exists(),
    )


def _ask(address: str, port: int, path: str) -> Fetched:
    return get(address, port, path, TIMEOUT_S, BYTES)
