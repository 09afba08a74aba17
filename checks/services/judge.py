"""What the snapshot and the agents' connections say about Services, link by link."""

from checks.finding import Finding
from checks.services.aggregated import AGGREGATED_API, judge_aggregated
from checks.services.endpoints import ENDPOINTS, judge_endpoints
from checks.services.looked import Looked, Observed
from checks.services.policies import LOCAL, judge_local
from checks.services.ports import SELECTOR, TARGET_PORT, judge_selector, judge_target_port
from checks.services.reach import ADDRESS, ENDPOINT, ROWS, judge_reach

CODES = (ENDPOINTS, SELECTOR, TARGET_PORT, LOCAL, ENDPOINT, ADDRESS, AGGREGATED_API)


def judge(gathered: Observed) -> list[Finding]:
    """One finding a code, in the order in which traffic meets them."""
    looked = Looked(gathered)
    return [
        judge_endpoints(looked),
        judge_selector(looked),
        judge_target_port(looked),
        judge_local(looked),
        *(judge_reach(looked, row) for row in ROWS),
        judge_aggregated(looked),
    ]
