"""kube-proxy is gone or hangs: the rules that it made are still there, and no change comes to them."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="kube-proxy-stale",
    title=say("kube-proxy does not follow changes of Services"),
    at=(Node,),
    shows=(Effect("kube-proxy.health", ("late", "silent", "down"), Strength.ALWAYS),),
    spares=("paths.api-service", "dns.service"),
    fix=say("Look at the log of kube-proxy on {places} (its pod, or k3s there), then restart it."),
    decide=say("`curl http://127.0.0.1:10256/livez` on that node."),
    source="k8s.io/kubernetes/pkg/proxy/healthcheck, ProxyHealthServer",
    example={"kube-proxy.health": "down"},
)
