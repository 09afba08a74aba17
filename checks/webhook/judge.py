"""What dry run, endpoints, certificates and configuration say about the way to a webhook."""

from checks.finding import Finding
from checks.webhook.absence import Observed
from checks.webhook.certificates import CA_BUNDLE, judge_ca_bundle
from checks.webhook.configuration import CONFIGURATION, judge_configuration
from checks.webhook.dry_run import DRY_RUN, judge_dry_run
from checks.webhook.endpoints import ENDPOINTS, judge_endpoints

CODES = (DRY_RUN, ENDPOINTS, CA_BUNDLE, CONFIGURATION)


def judge(gathered: Observed) -> list[Finding]:
    """One finding a code."""
    return [
        judge_dry_run(gathered),
        judge_endpoints(gathered),
        judge_ca_bundle(gathered),
        judge_configuration(gathered),
    ]
