"""What dry run, endpoints, certificates and configuration say about the way to webhooks."""

from checks.finding import Finding
from checks.webhook.absence import Observed
from checks.webhook.by_url import URL, judge_url
from checks.webhook.certificates import CA_BUNDLE, judge_ca_bundle
from checks.webhook.configuration import CONFIGURATION, judge_configuration
from checks.webhook.dry_run import DRY_RUN, judge_dry_run
from checks.webhook.endpoints import ENDPOINTS, judge_endpoints
from checks.webhook.policies import POLICIES, judge_policies
from checks.webhook.shown import look

CODES = (DRY_RUN, ENDPOINTS, URL, CA_BUNDLE, CONFIGURATION, POLICIES)


def judge(gathered: Observed) -> list[Finding]:
    """One finding a code; `webhook.url` where any is called so."""
    looked = look(gathered)
    return [
        judge_dry_run(looked),
        judge_endpoints(looked),
        *judge_url(looked),
        judge_ca_bundle(looked),
        judge_configuration(looked),
        judge_policies(looked),
    ]
