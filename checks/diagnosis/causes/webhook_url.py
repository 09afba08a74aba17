"""A webhook that is called by URL cannot be reached from the API server's node."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="webhook-url",
    title=say("A webhook that is called by URL does not answer"),
    at=(Cluster,),
    shows=(
        Effect("webhook.url", ("lookup", "unanswered"), Strength.ALWAYS),
        Effect("texts.webhook", ("lookup", "refused", "timeout", "other"), Strength.MAY),
    ),
    fix=say(
        "On a node of an API server: `getent hosts HOST` and `curl -vk URL`, with the host and the URL of the webhook "
        "configuration. The API server resolves the name with its node's resolver, which knows no name of the cluster, "
        "so that a webhook inside of it is named by `service` and not by `url`."
    ),
    decide=say("A connection to the URL's host from the API server's node."),
    source="Kubernetes documentation, Dynamic Admission Control, URL",
    example={"webhook.url": "unanswered"},
)
