"""What the sizes that were measured mean together. Pure and total."""

from checks.finding import Finding
from checks.judging.topology import unaimed
from checks.mtu.interfaces import INTERFACES, judge_interfaces
from checks.mtu.measured import Observed, paths
from checks.mtu.sizes import SIZES, judge_sizes

CODES = (SIZES, INTERFACES)


def judge(gathered: Observed) -> list[Finding]:
    """One finding for each code, in the order of `CODES`."""
    found = paths(gathered)
    alone = len(gathered.snapshot.nodes) == 1
    coverage = [*gathered.unheard(), *unaimed(gathered.snapshot)]
    return [judge_sizes(found, coverage, alone=alone), judge_interfaces(found, coverage, alone=alone)]
