"""An API server says that it is not ready, and which of its own checks fails."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="apiserver-not-ready",
    title=say("An API server is not ready"),
    at=(Node,),
    shows=(
        # An API server is on no other nodes than those that it asks from.
        Effect("apiserver.ready", ("failing",), Strength.ALWAYS, Reach.ASKED_FROM),
        Effect("texts.api-service", ("refused", "timeout", "reset", "other"), Strength.MAY),
        Effect("texts.api-server", ("refused", "timeout", "reset", "other"), Strength.MAY),
    ),
    fix=say(
        "`kubectl get --raw '/readyz?verbose'` names the check that fails. etcd: `netcheck run etcd`. Else look at the "
        "API server's log on {places} (`crictl logs`, or `journalctl -u k3s` or `-u rke2-server`)."
    ),
    decide=say("The API server's log on that node."),
    source="Kubernetes documentation, Kubernetes API health endpoints",
    example={"apiserver.ready": "failing"},
)
