"""A webhook's process stands still: its kernel takes connections, and nobody answers."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import WEBHOOK_ENDPOINT
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="webhook-hangs",
    title=say("The webhook takes connections and answers nobody"),
    at=(Service,),
    stops=(WEBHOOK_ENDPOINT,),
    shows=(Effect("paths.webhook-local", ("hangs",), Strength.ALWAYS),),
    spares=("paths.cross-tcp", "paths.host-pod"),
    hides=frozenset(
        {
            "apiserver-proxy",
            "ca-bundle",
            "kube-proxy",
            "mtu-mismatch",
            "no-endpoints",
            "no-local-endpoint",
            "vmxnet3-lro",
            "vxlan-tx-checksum",
            "webhook-blocked",
            "webhook-service",
            "webhook-slow",
            "wrong-target-port",
        }
    ),
    fix=say(
        "Read the log of {workload} in {namespace} and what it waits for, then delete its pod: what made it makes "
        "another one. On the node `ps` shows whether the process is stopped, and `top` whether it gets any processor "
        "time."
    ),
    decide=say("A TLS greeting from the webhook's own node: the kernel takes the connection, the process answers."),
    source="connect(2) and listen(2): a connection is made by the kernel of whoever listens, without its process",
    example={
        "paths.webhook-local": "hangs",
        "paths.webhook-endpoint": "timeout",
        "paths.webhook-service": "timeout",
        "webhook.dry-run": "timeout",
    },
)
