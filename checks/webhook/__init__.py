"""The check `webhook`: does the API server reach the webhooks of the cluster, and if not, why not?"""

from checks.check import Check
from checks.observation import Network
from checks.webhook.model import Data, Parameters, Request

CHECK = Check(
    name="webhook",
    title="Whether the API server reaches webhooks: dry run, endpoints, certificates",
    networks=(Network.CLUSTER, Network.HOST),
    parameters=Parameters,
    request=Request,
    data=Data,
    deadline_s=14.0,
)
