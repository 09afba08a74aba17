"""What dry run, endpoints, certificates, configuration and error text say about the way to webhooks."""

from checks.finding import Finding
from checks.webhook.absence import Observed
from checks.webhook.by_url import URL, judge_url
from checks.webhook.certificates import CA_BUNDLE, judge_ca_bundle
from checks.webhook.configuration import CONFIGURATION, judge_configuration
from checks.webhook.dry_run import DRY_RUN, judge_dry_run
from checks.webhook.endpoints import ENDPOINTS, judge_endpoints
from checks.webhook.error_text import ERROR_TEXT, judge_error_text
from checks.webhook.shown import look

CODES = (DRY_RUN, ERROR_TEXT, ENDPOINTS, URL, CA_BUNDLE, CONFIGURATION)


def judge(gathered: Observed) -> list[Finding]:
    """One finding a code; `webhook.error-text` only when a text was given, `webhook.url` where any is called so."""
    text, looked = gathered.parameters.error, look(gathered)
    return [
        judge_dry_run(looked),
        *([judge_error_text(text)] if text.strip() else []),
        judge_endpoints(looked),
        *judge_url(looked),
        judge_ca_bundle(looked),
        judge_configuration(looked),
    ]
