"""What API servers say of themselves, and what is seen of their ways into the cluster."""

from checks.apiserver.admission import ADMISSION, judge_admission
from checks.apiserver.model import Data, Parameters
from checks.apiserver.readiness import READY, judge_ready
from checks.apiserver.ways import PROXY, TUNNEL, judge_proxy, judge_tunnel
from checks.finding import Finding
from checks.gathered import Gathered

CODES = (READY, PROXY, TUNNEL, ADMISSION)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding a code."""
    return [judge_ready(gathered), judge_proxy(gathered), judge_tunnel(gathered), judge_admission(gathered)]
